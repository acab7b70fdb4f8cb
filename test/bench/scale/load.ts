/** Thousands of clients in a process of their own: `node load.ts <kind> <port>`. It answers questions. */
import { DATA, EVENT, type Kind, type LoadQuestion, type Talked, type Way, now } from './contract.ts'
import { type Line, openLine } from './line.ts'
import { openPolling } from './polling.ts'
import { type Ear, speeches } from './speech.ts'

const kind = process.argv[2] as Kind
const port = Number(process.argv[3])
const speech = speeches[kind]
/** Ports of one address are not enough for all that connect again and again. */
const ADDRESSES = 8
/** As the client's first wait is, and as others' are. */
const FIRST_WAIT = 1_000

interface Client {
  isReady: boolean
  say(data: string): void
  tick(now: number): void
}

const clients: Client[] = []
let ready = 0
let received = 0
let onReady = (): void => {}
let onReceived = (): void => {}
let trips: number[] | undefined

const stamp = `["${EVENT}","`
const measureTrip = (payload: Buffer): void => {
  const text = payload.toString('latin1')
  const at = text.indexOf(stamp) + stamp.length
  trips?.push(now() - Number(text.slice(at, text.indexOf('_', at))))
}

const createClient = (index: number, way: Way): Client => {
  const dial = way === 'polling' ? openPolling : openLine
  const speaker = speech.create()
  let line: Line
  let after = -1
  const ear: Ear = {
    ready() {
      client.isReady = true
      ready++
      onReady()
    },
    heard(count, text) {
      received += count
      if (trips) measureTrip(text)
      onReceived()
    },
    say: (text) => line.send(text),
    again: (delay) => void (after = delay),
  }
  const open = (): void => {
    after = -1
    dial({
      host: `127.0.0.${1 + (index % ADDRESSES)}`,
      port,
      path: speech.path,
      protocol: speech.protocol,
      opened(connection) {
        line = connection
        speaker.opened(ear)
      },
      message: (payload) => speaker.hear(payload, ear),
      closed() {
        if (client.isReady) ready--
        client.isReady = false
        setTimeout(open, after < 0 ? Math.random() * FIRST_WAIT : after)
      },
    })
  }
  const client: Client = {
    isReady: false,
    say: (data) => line.send(speaker.event(data)),
    tick: (at) => client.isReady && speaker.tick(at, ear),
  }
  open()
  return client
}

setInterval(() => {
  const at = performance.now()
  for (const client of clients) client.tick(at)
}, 100)

const connect = (count: number, way: Way, abreast: number): Promise<void> =>
  new Promise((resolve) => {
    const goal = clients.length + count
    onReady = () => {
      while (clients.length < goal && clients.length - ready < abreast) clients.push(createClient(clients.length, way))
      if (ready === goal) resolve()
    }
    onReady()
  })

const expect = (messages: number): Promise<number> =>
  new Promise((resolve) => {
    const goal = messages
    onReceived = () => {
      if (received < goal) return
      received -= goal
      onReceived = () => {}
      resolve(now())
    }
    onReceived()
  })

/** Everybody who has been thrown out is back. */
const recover = (): Promise<number> =>
  new Promise((resolve) => {
    const began = now()
    const arrivals: number[] = []
    onReady = () => {
      arrivals.push(now() - began)
      if (arrivals.length === clients.length) resolve(arrivals.at(-1)!)
    }
  })

const talk = async (count: number, seconds: number): Promise<Talked> => {
  const some = clients.slice(0, count)
  const PER_TICK = 5
  trips = []
  received = 0
  const began = now()
  const total = count * seconds
  let sent = 0
  await new Promise<void>((resolve) => {
    const pour = (): void => {
      const due = Math.min(total, ((now() - began) / 1_000) * count)
      for (; sent < due; sent++) some[sent % count]!.say(`${now().toFixed(3)}_`.padEnd(DATA, 'x'))
      if (sent < total) setTimeout(pour, PER_TICK)
      else resolve()
    }
    pour()
  })
  await expect(total)
  const sorted = Float64Array.from(trips).sort()
  trips = undefined
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { messages: total, p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! }
}

const answer = async (question: LoadQuestion): Promise<unknown> => {
  if ('connect' in question) await connect(question.connect, question.way, question.abreast)
  else if ('expect' in question) return expect(question.expect)
  else if ('talk' in question) return talk(question.talk, question.seconds)
  else return recover()
  return null
}

process.on('message', (question: LoadQuestion) => void answer(question).then((told) => process.send!(told)))
process.on('disconnect', () => process.exit())
