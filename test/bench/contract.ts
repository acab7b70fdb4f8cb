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
  }
}

/** What a bare WebSocket would be made to carry by hand: one JSON message a frame. */
export interface RawMessage {
  readonly event: 'move' | 'echo' | 'count' | 'pour'
  readonly data: Move | number | null
  /** Of a question and its answer. */
  readonly id?: number
}

export type Side = 'raw' | 'holdfast'

export const measures = ['up', 'down', 'inFlight', 'sequential'] as const
export type Measure = (typeof measures)[number]

/** Messages or requests in one run: enough for some tenths of a second. */
export const amounts: Readonly<Record<Measure, number>> = {
  up: 30_000,
  down: 30_000,
  inFlight: 10_000,
  sequential: 300,
}

/** Runs in a round. A microsecond is easily disturbed, so the measure that is made of them is taken often, and each time briefly. */
export const repetitions: Readonly<Record<Measure, number>> = { up: 1, down: 1, inFlight: 1, sequential: 5 }

/** Requests that are under way at a time. */
export const concurrency = 100
/** Messages that are sent in one task, as by a page that handles an event, or a server that answers one. */
export const burst = 500

/** The digits of an id, so that every message has the same size. */
const firstId = 100_000

export const moveOf = (index: number): Move => ({
  id: firstId + index,
  x: 123.25,
  y: 456.75,
  text: 'padding padding padding padding',
})
