/** Runs in the page: the same measures over a bare WebSocket and over Holdfast. */
import { connect } from 'holdfast'
import { type Bench, type Measure, type Move, type RawMessage, type Side } from './contract.ts'
import { amounts, burst, concurrency, moveOf } from './contract.ts'

declare global {
  interface Window {
    /** Messages or requests a second; for `sequential` the median of a request in milliseconds. */
    measure: (side: Side, measure: Measure) => Promise<number>
  }
}

/** What is measured, whoever carries it. */
interface Line {
  send(move: Move): void
  onMove(listener: (move: Move) => void): void
  echo(move: Move): Promise<Move>
  count(): Promise<number>
  pour(count: number): Promise<unknown>
  close(): void
}

/** As one would write it by hand, well: one JSON message a frame, answers found by id. */
async function openRaw(): Promise<Line> {
  const socket = new WebSocket(`ws://${location.host}/raw`)
  const questions = new Map<number, (data: never) => void>()
  let lastId = 0
  let onMove: (move: Move) => void = () => {}
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as RawMessage
    if (message.id === undefined) return onMove(message.data as Move)
    questions.get(message.id)?.(message.data as never)
    questions.delete(message.id)
  })
  const ask = <T>(event: RawMessage['event'], data: RawMessage['data']): Promise<T> =>
    new Promise((resolve) => {
      questions.set(++lastId, resolve)
      socket.send(JSON.stringify({ event, data, id: lastId } satisfies RawMessage))
    })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return {
    send: (data) => socket.send(JSON.stringify({ event: 'move', data } satisfies RawMessage)),
    onMove: (listener) => void (onMove = listener),
    echo: (move) => ask('echo', move),
    count: () => ask('count', null),
    pour: (count) => ask('pour', count),
    close: () => socket.close(),
  }
}

async function openHoldfast(): Promise<Line> {
  const socket = connect<Bench>(`ws://${location.host}/live`, {
    // All messages of a run are handed over at once, as with a bare WebSocket; nothing is dropped on either side.
    outbox: { maxMessages: 1e6, maxBytes: 1e9 },
  })
  await socket.flush()
  return {
    send: (move) => socket.send('move', move),
    onMove: (listener) => void socket.on('move', listener),
    echo: (move) => socket.request('echo', move),
    count: () => socket.request('count'),
    pour: (count) => socket.request('pour', count),
    close: () => void socket.close(),
  }
}

const { port1, port2 } = new MessageChannel()
/** Ends this task, and costs next to nothing. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    port1.onmessage = () => resolve()
    port2.postMessage(null)
  })

const perSecond = (count: number, start: number): number => count / ((performance.now() - start) / 1000)

const runs: Readonly<Record<Measure, (line: Line, amount: number) => Promise<number>>> = {
  async up(line, amount) {
    const start = performance.now()
    for (let sent = 0; sent < amount; sent++) {
      if (sent % burst === 0) await nextTask()
      line.send(moveOf(sent))
    }
    // Answered behind everything that was sent before it.
    const counted = await line.count()
    const result = perSecond(amount, start)
    if (counted !== amount) throw new Error(`${counted} of ${amount} arrived.`)
    return result
  },
  async down(line, amount) {
    let received = 0
    let sum = 0
    const all = new Promise<void>((resolve) =>
      line.onMove((move) => {
        sum += move.id
        if (++received === amount) resolve()
      }),
    )
    const start = performance.now()
    await line.pour(amount)
    await all
    const result = perSecond(amount, start)
    if (sum !== (moveOf(0).id + moveOf(amount - 1).id) * (amount / 2))
      throw new Error('What arrived is not what was sent.')
    return result
  },
  async inFlight(line, amount) {
    let asked = 0
    const ask = async (): Promise<void> => {
      while (asked < amount) {
        const move = moveOf(asked++)
        const { id } = await line.echo(move)
        if (id !== move.id) throw new Error('This is the answer to another question.')
      }
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: concurrency }, ask))
    return perSecond(amount, start)
  },
  async sequential(line, amount) {
    const times: number[] = []
    for (let asked = 0; asked < amount; asked++) {
      const start = performance.now()
      await line.echo(moveOf(asked))
      times.push(performance.now() - start)
    }
    return times.sort((left, right) => left - right)[amount >> 1]!
  },
}

window.measure = async (side, measure) => {
  const line = await (side === 'raw' ? openRaw() : openHoldfast())
  try {
    return await runs[measure](line, amounts[measure])
  } finally {
    line.close()
  }
}
