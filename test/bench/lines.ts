/** What the page measures: the same line over whatever carries it. */
import { type Status, connect } from 'holdfast'
import type { Bench, Move, RawMessage, Side } from './contract.ts'

export interface Line {
  send(move: Move): void
  onMove(listener: (move: Move) => void): void
  echo(move: Move): Promise<Move>
  count(): Promise<number>
  pour(count: number): Promise<unknown>
  name(name: string): Promise<unknown>
  close(): void
}

/** A line by hand: answers are found by id. */
interface ByHand extends Line {
  receive(message: RawMessage): void
}

function byHand(say: (message: RawMessage) => void, close: () => void): ByHand {
  const questions = new Map<number, (data: never) => void>()
  let lastId = 0
  let onMove: (move: Move) => void = () => {}
  const ask = <T>(event: RawMessage['event'], data: RawMessage['data']): Promise<T> =>
    new Promise((resolve) => {
      questions.set(++lastId, resolve)
      say({ event, data, id: lastId })
    })
  return {
    receive({ id, data }) {
      if (id === undefined) return onMove(data as Move)
      questions.get(id)?.(data as never)
      questions.delete(id)
    },
    send: (data) => say({ event: 'move', data }),
    onMove: (listener) => void (onMove = listener),
    echo: (move) => ask('echo', move),
    count: () => ask('count', null),
    pour: (count) => ask('pour', count),
    name: (name) => ask('name', name),
    close,
  }
}

/** As one would write it by hand, well: one JSON message a frame. */
export async function openRaw(host: string): Promise<Line & { say(message: RawMessage): void }> {
  const socket = new WebSocket(`ws://${host}/raw`)
  const say = (message: RawMessage): void => socket.send(JSON.stringify(message))
  const line = byHand(say, () => socket.close())
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => line.receive(JSON.parse(data) as RawMessage))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return { ...line, say }
}

/**
 * As one would write it by hand where there are no WebSockets, well: one request at a time takes all that was sent
 * meanwhile, as one JSON text; another one waits for what there is, and is asked again at once.
 */
async function openLoop(): Promise<Line> {
  const url = `/loop?${crypto.randomUUID()}`
  const leaving = new AbortController()
  let queue: RawMessage[] = []
  let isPushing = false
  const push = async (): Promise<void> => {
    isPushing = true
    // What is sent in this task goes together.
    await Promise.resolve()
    while (queue.length > 0) {
      const batch = queue
      queue = []
      await fetch(url, { method: 'POST', body: JSON.stringify(batch) })
    }
    isPushing = false
  }
  const say = (message: RawMessage): void => {
    queue.push(message)
    if (!isPushing) void push()
  }
  const line = byHand(say, () => leaving.abort())
  const poll = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(url, { signal: leaving.signal })
      for (const message of (await response.json()) as RawMessage[]) line.receive(message)
    }
  }
  poll().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error
  })
  await line.count()
  return line
}

async function openHoldfast(transport: 'websocket' | 'long-polling' | 'http'): Promise<Line> {
  const socket = connect<Bench>(`ws://${location.host}/live`, {
    transport,
    // All messages of a run are handed over at once, as with a bare WebSocket; nothing is dropped on either side.
    outbox: { maxMessages: 1e6, maxBytes: 1e9 },
  })
  await socket.flush()
  const shown: Status['transport'] = transport === 'http' ? 'http-stream' : transport
  await new Promise<void>((resolve) => {
    socket.status.subscribe((status) => {
      if (status.transport === shown) resolve()
    })
  })
  return {
    send: (move) => socket.send('move', move),
    onMove: (listener) => void socket.on('move', listener),
    echo: (move) => socket.request('echo', move),
    count: () => socket.request('count'),
    pour: (count) => socket.request('pour', count),
    name: (name) => socket.request('name', name),
    close: () => void socket.close(),
  }
}

export const openLine = (side: Side): Promise<Line> =>
  side === 'raw' ? openRaw(location.host) : side === 'loop' ? openLoop() : openHoldfast(side)
