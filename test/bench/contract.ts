/** What page and server of the benchmark say to each other. */

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
    /** The server sends so many moves, with a pause between each two. */
    drip(count: number): null
    /** The server sends a move over this connection whenever another one says {@link RawMessage} `nudge` with this name. */
    name(name: string): null
  }
}

/** What a bare WebSocket would be made to carry by hand: one JSON message a frame. */
export interface RawMessage {
  readonly event: 'move' | 'echo' | 'count' | 'pour' | 'drip' | 'name' | 'nudge'
  readonly data: Move | number | string | null
  /** Of a question and its answer. */
  readonly id?: number
}

/** Messages that are sent in one task, as by a page that handles an event, or a server that answers one. */
export const burst = 500
/** Milliseconds between two messages that are sent one by one. */
export const dripPause = 20

/** The digits of an id, so that messages have the same size up to a million of them. */
const firstId = 100_000

export const moveOf = (index: number): Move => ({
  id: firstId + index,
  x: 123.25,
  y: 456.75,
  text: 'padding padding padding padding',
})

/** What a page and those who drive it say to each other. */
export type FromPage =
  /** Figures by their names, or one for each of several sides. */
  { readonly outcome: Outcome } | { readonly error: string } | { readonly probe: Probe }
/** What a page cannot find out or do by itself. */
export type Probe =
  /** Milliseconds that its main thread has computed so far. */
  | 'cpu'
  /** Bytes in use on its heap; garbage is collected first. */
  | 'heap'
  /** Bytes that went through the proxy so far, either way. */
  | 'bytes'
  /** From now on, what connections say waits in the proxy, or goes on. */
  | 'hold'
  | 'release'

/** What one run measured: figures by their names; null is one that this browser does not tell. */
export type Figures = Readonly<Record<string, number | null>>
/** One round: the runs by hand, before and after, where there are such, and ours. */
export interface Outcome {
  readonly reference: readonly Figures[]
  readonly ours: Figures
}
