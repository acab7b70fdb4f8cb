/** Ways in which a network breaks WebSockets and leaves plain HTTP alone. docs/protocol.md#ladder */
export const blockades = ['403', 'stripped', 'hang', 'swallowed', 'killed'] as const
export type Blockade = (typeof blockades)[number]

/** What can be done to the line of a page, or to the server, and with what. */
export interface Faults {
  /** Resets every connection; those to come are let through. */
  cut: null
  /** The same, and refuses those to come. */
  refuse: boolean
  /** Bytes vanish both ways, for ever; neither end is told. What is opened afterwards works again. */
  blackHole: boolean
  /** Nothing gets through, and goes on where it stood afterwards: a tunnel, a lid that is closed. */
  hold: boolean
  /** Milliseconds each way. */
  latency: number
  /** Bytes a second of each connection each way; null: as many as there are. */
  bandwidth: number | null
  /** Ends the WebSockets, and breaks those to come in this way; null: no more. */
  block: Blockade | null
  /** HTTP's answers come when they are whole, or as they are written. */
  gather: boolean
  /** The server ends gently, and begins again. */
  restart: null
  /** The same, and its clients come back over so many milliseconds. */
  drain: number
  /** SIGKILL: the server can say nothing and save nothing. */
  kill: null
  /** The page's token is good for nothing from now on. */
  expire: null
}

export type Fault = keyof Faults

/** A fault, and whose line it befalls. Lines are named by the `line` in their URLs. */
export type Command = { [F in Fault]: { readonly line: string; readonly fault: F; readonly value: Faults[F] } }[Fault]

/** One HTTP exchange as the proxy saw it. Sizes are in bytes, on the wire. */
interface SeenExchange {
  /** When its head came through, in milliseconds since the epoch. */
  readonly at: number
  /** `UPGRADE` for those that ask for a WebSocket. */
  readonly method: string
  readonly url: string
  /** The first line of a POST of Holdfast's, without its secret: docs/protocol.md#http. Empty for others. */
  readonly envelope: string
  readonly status: number | null
  readonly requestHead: number
  readonly requestBody: number
  readonly answerHead: number
  readonly answerBody: number
}

/** What the proxy counted on one line. */
export interface LineCounts {
  /** Connections that were accepted, and those that are open. */
  readonly accepted: number
  readonly open: number
  /** Bytes from the page to the server, and back. */
  readonly bytes: { readonly up: number; readonly down: number }
  readonly requests: Readonly<Record<'GET' | 'POST' | 'OPTIONS' | 'UPGRADE', number>>
  /** The newest, the oldest of them first. */
  readonly exchanges: readonly SeenExchange[]
}
