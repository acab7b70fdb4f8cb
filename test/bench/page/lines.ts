/** What the page measures: the same line over whatever carries it. */
import { type Status, connect } from 'holdfast'
import type { Bench } from '../contract.ts'
import type { Side } from '../measures.ts'
import { type ByHand, byHand } from './by-hand.ts'
import type { Dialled, Line } from './line.ts'
import { peerLines } from './peer-lines.ts'

/** As one would write it by hand, well: one JSON message a frame; what is said too early waits in an array. */
function dialRaw(host: string): Dialled & { readonly line: ByHand } {
  const socket = new WebSocket(`ws://${host}/raw`)
  const queue: string[] = []
  const line = byHand(
    (message) => {
      const text = JSON.stringify(message)
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
      else queue.push(text)
    },
    () => socket.close(),
  )
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => line.hear(data))
  const opened = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  socket.addEventListener('open', () => {
    for (const text of queue.splice(0)) socket.send(text)
  })
  return { line, opened }
}

/**
 * As one would write it by hand where there are no WebSockets, well: one request at a time takes all that was sent
 * meanwhile, as one JSON text; another one waits for what there is, and is asked again at once.
 */
function dialLoop(): Dialled {
  const url = `/loop?${crypto.randomUUID()}`
  const leaving = new AbortController()
  let queue: unknown[] = []
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
  const line = byHand(
    (message) => {
      queue.push(message)
      if (!isPushing) void push()
    },
    () => leaving.abort(),
  )
  const poll = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(url, { signal: leaving.signal })
      line.hear(await response.text())
    }
  }
  poll().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error
  })
  return { line, opened: line.count() }
}

type Transport = 'websocket' | 'long-polling' | 'http'

function dialHoldfast(transport: Transport): Dialled {
  const socket = connect<Bench>(`ws://${location.host}/live`, {
    transport,
    // All messages of a run are handed over at once, as with a bare WebSocket; nothing is dropped on either side.
    outbox: { maxMessages: 1e7, maxBytes: 1e10 },
  })
  const shown: Status['transport'] = transport === 'http' ? 'http-stream' : transport
  const opened = new Promise<void>((resolve) => {
    const unsubscribe = socket.status.subscribe((status) => {
      if (status.transport !== shown) return
      resolve()
      // It may be told while it subscribes.
      queueMicrotask(() => unsubscribe())
    })
  })
  return {
    line: {
      send: (move) => socket.send('move', move),
      onMove: (listener) => void socket.on('move', listener),
      echo: (move) => socket.request('echo', move, { timeout: 60_000 }),
      count: () => socket.request('count', undefined, { timeout: 60_000 }),
      pour: (count) => socket.request('pour', count),
      drip: (count) => socket.request('drip', count),
      name: (name) => socket.request('name', name),
      settled: () => socket.flush(),
      close: () => void socket.close(),
    },
    opened,
  }
}

export function dial(side: Side): Dialled {
  if (side === 'raw') return dialRaw(location.host)
  if (side === 'loop') return dialLoop()
  return peerLines[side]?.() ?? dialHoldfast(side as Transport)
}

export const openLine = async (side: Side): Promise<Line> => opened(dial(side))
/** A bare WebSocket to a host that need not be the page's. */
export const openRaw = async (host: string): Promise<ByHand> => opened(dialRaw(host))

async function opened<T extends Line>({ line, opened }: Dialled & { readonly line: T }): Promise<T> {
  await opened
  return line
}
