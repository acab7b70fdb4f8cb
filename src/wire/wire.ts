/** A message of somebody else's protocol, as it is understood here, whichever way it goes. */
export interface WireMessage {
  /** The name of an event, or of a request. */
  readonly name?: string | undefined
  readonly data?: unknown
  /** Of a request, and the same of what answers it. Requests of this side count from 1. */
  readonly id?: unknown
  /** Of an answer: why there is no data. One of this side is `{ code, message }`, in words that the other may read. */
  readonly error?: unknown
  /** Whether it answers the request of its `id`. Default: if it has no name, or such a request waits. */
  readonly isAnswer?: boolean | undefined
  /** It answers `ping`, and is no more than that. */
  readonly isPong?: boolean | undefined
}

/** What a WebSocket carries in one message. */
export type WireData = string | Uint8Array

/** A protocol that a server speaks. */
export interface Wire {
  /** The subprotocols to offer. Default: none. */
  readonly protocols?: string | string[] | undefined
  /** Throws for what it cannot say. Undefined if it goes along with a later one. */
  encode(message: WireMessage): WireData | undefined
  /** Several messages may come as one. Throws for what it cannot read. */
  decode(data: string | Uint8Array): WireMessage | readonly WireMessage[]
  /** What the server answers to, whatever the answer is. Without it, only the platform finds out that a connection is dead. */
  readonly ping?: (() => WireData) | undefined
  /** Makes one message of all that is sent in one task. Default: each is sent by itself. */
  readonly pack?: ((messages: readonly WireData[]) => WireData) | undefined
}
