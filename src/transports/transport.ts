/** What a carrier moves at a time: text (frames, one a line) or bytes (one frame with binary data). docs/protocol.md#packets */
export type Packet = string | Uint8Array

/** What is patient waits so long (ms) for company: a request of its own would cost more than it is worth. */
export const PATIENCE = 50

/** What moves a session's packets just now. */
export interface Carrier {
  /** Which kind of carrier it is, as `status.transport` shows it. */
  readonly transport: TransportName
  /** Bytes accepted by `send` that have not left this process yet. */
  readonly bufferedAmount: number
  /**
   * Hands one packet over, in order. MUST NOT throw; on a carrier that is not open it does nothing. `patient`: where each packet
   * costs something, it may wait a little for company.
   */
  send(packet: Packet, patient?: boolean): void
  /**
   * Gives the carrier up: what was sent before may still arrive, no event comes after. MUST NOT throw or wait. Safe to repeat.
   * Code and reason are a courtesy, which a transport may keep to itself: what matters went in a bye.
   */
  close(code?: number, reason?: string): void
  /** The page may be about to go: what has not left yet does so now, in a way that outlives the page, if there is one. */
  leave?(): void
}

/**
 * What a carrier tells. MUSTs of every transport:
 * `open` at most once and before any `message`; `message` in the order sent; `close` exactly once unless
 * the carrier was given up by `close()`; nothing after either; never from inside `send`, `close` or the dial itself.
 */
export interface CarrierEvents {
  /** It takes packets. That is no proof that any arrives: only what is heard is. */
  open(): void
  /**
   * Text packets may be joined or split at line ends on the way, and empty lines may come and go; a packet that is empty tells
   * no more than that the other side is there.
   */
  message(packet: Packet): void
  /** The code is the transport's own (1006 where none was given). `retryAfter`: milliseconds of patience that were asked for. */
  close(code: number, reason: string, retryAfter?: number): void
}

/** The kinds of carrier. `http-stream` and `long-polling` are the same one, as the path lets it through. */
export type TransportName = 'websocket' | 'http-stream' | 'long-polling'

/**
 * Opens a carrier to `url`: absolute, `ws:` or `http:` or their secure kin, without a fragment. `protocols`: what it says that it speaks,
 * of which the server must choose one; none is none at all. Default: holdfast.v1.
 */
export type Transport = (url: string, events: CarrierEvents, protocols?: string | string[]) => Carrier
