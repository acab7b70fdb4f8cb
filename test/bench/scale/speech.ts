/** What clients of each kind say and hear, by hand. */
import { randomBytes } from 'node:crypto'
import { EVENT, type Kind } from './contract.ts'

/** What a client hears, and how it says something. */
export interface Ear {
  /** It may send from now on. */
  ready(): void
  /** So many messages have come; `text` is the last of them. */
  heard(count: number, text: Buffer): void
  say(text: string): void
  /** It is to come again, in so many milliseconds. */
  again(after: number): void
}

/** One client, over all of its connections. */
interface Speaker {
  /** A new connection is there. */
  opened(ear: Ear): void
  /** What it brought. */
  hear(payload: Buffer, ear: Ear): void
  event(data: string): string
  /** Called now and then. */
  tick(now: number, ear: Ear): void
}

export interface Speech {
  readonly path: string
  readonly protocol?: string
  create(): Speaker
}

const BRACKET = 91
const BRACE = 123
const NEWLINE = 10
const id = (): string => randomBytes(16).toString('base64url')
const nothing = (): void => {}

const createWs = (): Speaker => ({
  opened: (ear) => ear.ready(),
  hear: (payload, ear) => ear.heard(1, payload),
  event: (data) => JSON.stringify([EVENT, data]),
  tick: nothing,
})

const createSocketIo = (): Speaker => ({
  opened: nothing,
  hear(payload, ear) {
    const [type, kind] = [payload[0], payload[1]]
    if (type === 0x30) ear.say('40')
    else if (type === 0x32) ear.say('3')
    else if (kind === 0x30) ear.ready()
    else if (kind === 0x32) ear.heard(1, payload.subarray(2))
  },
  event: (data) => `42${JSON.stringify([EVENT, data])}`,
  tick: nothing,
})

interface Heard {
  readonly welcome?: { readonly got: number; readonly life: string }
  readonly ack?: number
  readonly ping?: number
  readonly bye?: { readonly retry?: { readonly after: number; readonly spread?: number } }
}

/** As docs/protocol.md has it: acknowledges after 64 messages, or a second. */
const createHoldfast = (): Speaker => {
  const session = id()
  let life: string | undefined
  let attempt = 0
  let got = 0
  let sent = 0
  let acknowledged = 0
  let unacknowledged: string[] = []
  let owed = 0
  let ackAt = Infinity

  const acknowledge = (upTo: number): void => {
    unacknowledged = unacknowledged.slice(upTo - acknowledged)
    acknowledged = Math.max(acknowledged, upTo)
  }
  const speak = (ear: Ear, control: object = {}): void => {
    ear.say(JSON.stringify({ ...control, ack: got }))
    owed = 0
    ackAt = Infinity
  }
  const control = (line: string, ear: Ear): void => {
    const { welcome, ack, ping, bye } = JSON.parse(line) as Heard
    if (welcome) {
      life = welcome.life
      acknowledge(welcome.got)
      ear.ready()
    }
    if (ack !== undefined) acknowledge(ack)
    if (ping !== undefined) speak(ear, { pong: ping })
    if (bye?.retry) ear.again(bye.retry.after + Math.random() * (bye.retry.spread ?? 0))
  }
  return {
    opened(ear) {
      attempt++
      const hello = { session, attempt, nonce: id(), from: acknowledged + 1, got, ...(life !== undefined && { life }) }
      ear.say([JSON.stringify({ hello }), ...unacknowledged].join('\n'))
      owed = 0
      ackAt = Infinity
    },
    hear(payload, ear) {
      let count = 0
      let from = 0
      for (let end = 0; from < payload.length; from = end + 1) {
        end = payload.indexOf(NEWLINE, from)
        if (end < 0) end = payload.length
        if (payload[from] === BRACKET) count++
        else if (payload[from] === BRACE) control(payload.toString('latin1', from, end), ear)
      }
      if (count === 0) return
      got += count
      owed += count
      if (owed >= 64) speak(ear)
      else if (ackAt === Infinity) ackAt = performance.now() + 1_000
      ear.heard(count, payload)
    },
    event(data) {
      const text = JSON.stringify([EVENT, data])
      unacknowledged.push(text)
      sent++
      return text
    },
    tick(now, ear) {
      if (now >= ackAt) speak(ear)
    },
  }
}

export const speeches: Readonly<Record<Kind, Speech>> = {
  ws: { path: '/', create: createWs },
  holdfast: { path: '/live', protocol: 'holdfast.v1', create: createHoldfast },
  'socket.io': { path: '/socket.io/?EIO=4&transport=websocket', create: createSocketIo },
}
