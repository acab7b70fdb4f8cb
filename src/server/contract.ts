import type { Args, Contract, Input, Name, Output, Part, Untyped } from '../contract.ts'
import type { Receipt, SendOptions } from '../features/events.ts'
import type { HandlerContext, RequestOptions } from '../features/requests.ts'
import type { HoldfastError } from '../kernel/errors.ts'
import type { RetryHint } from '../protocol/frames.ts'
import type { TransportName } from '../transports/transport.ts'
import type { EndReason } from './active.ts'

/** The server's end of one client's conversation: it lives on while the client's connections come and go. */
export interface ServerSession<C extends Contract = Untyped, Identity = unknown> {
  /** What `authenticate` returned for the latest connection. */
  readonly identity: Identity
  /** What carries the session just now; null while the client is away. */
  readonly transport: TransportName | null
  /** The rooms it is in. */
  readonly rooms: ReadonlySet<string>
  /** Bytes that wait to be sent to the client, or were and are not acknowledged: a slow one, or one that is away, has many. */
  readonly bufferedAmount: number

  /**
   * Sends an event: exactly once and in order, now or when the client is back. The {@link Receipt} tells what became of it, if
   * asked. Throws `unserializable` or `closed`.
   */
  send<K extends Name<Part<C, 'toClient'>>>(name: K, ...rest: Args<Part<C, 'toClient'>[K], SendOptions>): Receipt
  /** Calls `listener` with the data of each event of this name. Returns the unsubscribe function. */
  on<K extends Name<Part<C, 'toServer'>>>(name: K, listener: (data: Part<C, 'toServer'>[K]) => void): () => void
  /** Like `on`, for the next one only. */
  once<K extends Name<Part<C, 'toServer'>>>(name: K, listener: (data: Part<C, 'toServer'>[K]) => void): () => void
  /** Asks the client. Rejects as a client's `request` does. */
  request<K extends Name<Part<C, 'serverRequests'>>>(
    name: K,
    ...rest: Args<Input<Part<C, 'serverRequests'>[K]>, Omit<RequestOptions, 'idempotent'>>
  ): Promise<Output<Part<C, 'serverRequests'>[K]>>
  /** Answers the client's requests of this name. Throw a `RequestError` for a failure that the client may read. */
  handle<K extends Name<Part<C, 'requests'>>>(
    name: K,
    handler: (
      input: Input<Part<C, 'requests'>[K]>,
      context: HandlerContext,
    ) => Output<Part<C, 'requests'>[K]> | PromiseLike<Output<Part<C, 'requests'>[K]>>,
  ): () => void
  /**
   * Answers with many items, usually from an async generator. It is asked for the next one only while there is room in the
   * session's buffer, so a client that is slow or away holds it back.
   */
  handleStream<K extends Name<Part<C, 'streams'>>>(
    name: K,
    handler: (
      input: Input<Part<C, 'streams'>[K]>,
      context: HandlerContext,
    ) => AsyncIterable<Output<Part<C, 'streams'>[K]>> | Iterable<Output<Part<C, 'streams'>[K]>>,
  ): () => void
  /** Resolves when the client has acknowledged everything sent so far. Rejects with `closed`. */
  flush(): Promise<void>

  /** Enters a room: `server.to(room)` reaches it from now on. */
  join(room: string): void
  leave(room: string): void
  /** Tells once that the session is over, and why. */
  onEnd(listener: (reason: EndReason) => void): void
  /** The credentials ran out: the client asks its `auth` again and goes on with the session, or closes as `unauthorized`. */
  reauthenticate(reason?: string): void
  /**
   * Ends the session, after what was sent to it. The client's socket closes for good with this code (4400-4499; 1000 if none
   * is given) and reason; with `retry` and no code, it comes back to a new session as that tells.
   */
  close(bye?: { code?: number; reason?: string; retry?: RetryHint }): void
}

/** Reaches every session in a room; the message is encoded once. */
export interface Room<C extends Contract = Untyped> {
  send<K extends Name<Part<C, 'toClient'>>>(name: K, ...rest: Args<Part<C, 'toClient'>[K], SendOptions>): void
}

/** What the server kit tells. */
export interface ServerEvents<C extends Contract, Identity> {
  /** A new session. Register its listeners and handlers within this call: its first messages follow. */
  session: (session: ServerSession<C, Identity>) => void
  /** Something that could not be used, or that a listener, handler or `authenticate` threw. Without a listener: `console.error`. */
  error: (error: HoldfastError, session: ServerSession<C, Identity> | undefined) => void
}
