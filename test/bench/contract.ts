/** What page and server of the benchmark say to each other, and how much of it. */

/** Padded so that a raw message, which names its event and carries this as JSON, has 100 bytes. */
export interface Move {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly text: string
}

export interface Bench {
  toServer: { move: Move }
  toClient: { move: Move }
  requests: {
    echo(move: Move): Move
    /** How many moves came over this connection. */
    count(): number
    /** The server sends so many moves. */
    pour(count: number): null
    /** The server sends a move over this connection whenever another one says {@link RawMessage} `nudge` with this name. */
    name(name: string): null
  }
}

/** What a bare WebSocket would be made to carry by hand: one JSON message a frame. */
export interface RawMessage {
  readonly event: 'move' | 'echo' | 'count' | 'pour' | 'name' | 'nudge'
  readonly data: Move | number | string | null
  /** Of a question and its answer. */
  readonly id?: number
}

/** What carries: a bare WebSocket, `fetch` in a loop, or Holdfast with this `transport`. */
export type Side = 'raw' | 'loop' | 'websocket' | 'long-polling' | 'http'

interface Comparison {
  readonly run: 'up' | 'down' | 'inFlight' | 'sequential' | 'push'
  readonly reference: Side
  readonly ours: Side
  /** Messages or requests in one run: enough for some tenths of a second, or more where most of it is waiting. */
  readonly amount: number
  /** Runs in a round. A microsecond is easily disturbed, so the measure that is made of them is taken often, and each time briefly. */
  readonly repetitions: number
}

export const measures = {
  up: { run: 'up', reference: 'raw', ours: 'websocket', amount: 30_000, repetitions: 1 },
  down: { run: 'down', reference: 'raw', ours: 'websocket', amount: 30_000, repetitions: 1 },
  inFlight: { run: 'inFlight', reference: 'raw', ours: 'websocket', amount: 10_000, repetitions: 1 },
  sequential: { run: 'sequential', reference: 'raw', ours: 'websocket', amount: 300, repetitions: 5 },
  pollingUp: { run: 'up', reference: 'loop', ours: 'long-polling', amount: 60_000, repetitions: 3 },
  pollingDown: { run: 'down', reference: 'loop', ours: 'long-polling', amount: 60_000, repetitions: 3 },
  streamingDown: { run: 'down', reference: 'loop', ours: 'http', amount: 60_000, repetitions: 3 },
  pollingPush: { run: 'push', reference: 'raw', ours: 'long-polling', amount: 40, repetitions: 1 },
  streamingPush: { run: 'push', reference: 'raw', ours: 'http', amount: 40, repetitions: 1 },
} as const satisfies Readonly<Record<string, Comparison>>

export type Measure = keyof typeof measures
export const measureNames = Object.keys(measures) as Measure[]

/** Requests that are under way at a time. */
export const concurrency = 100
/** Messages that are sent in one task, as by a page that handles an event, or a server that answers one. */
export const burst = 500
/** Milliseconds of the round trip under which pushes are measured. */
export const roundTrip = 50

/** The digits of an id, so that every message has the same size. */
const firstId = 100_000

export const moveOf = (index: number): Move => ({
  id: firstId + index,
  x: 123.25,
  y: 456.75,
  text: 'padding padding padding padding',
})
