/// <reference lib="esnext.disposable" preserve="true" />
import type { Socket } from '../connect.ts'
import type { Args, Contract, Input, Name, Output, Part, Speaks, Untyped } from '../contract.ts'
import type { Cell } from '../kernel/cell.ts'
import type { Status } from '../session/status.ts'
import type { WireRequestOptions } from './calls.ts'
import type { WireSendOptions } from './outlet.ts'

/** What a server that knows nothing of streams can be asked. */
export type WireContract = Contract & { streams?: never }

/** The contract of a `connect()` without one. */
export type UntypedWire = Omit<Untyped, 'streams'>

/** How the socket is, at one moment, without what only sessions know. */
export type WireStatus = Omit<Status, 'transport' | 'unacknowledged' | 'resumed'>

/**
 * One lasting, typed connection to a server that knows nothing of sessions. What waits is sent in order when there is a connection; what
 * was sent when a connection broke is lost, unless it arrived, and nobody knows. So there is no receipt, no `flush`, no `onLost`.
 */
export interface WireSocket<C extends WireContract = UntypedWire>
  extends
    AsyncDisposable,
    Speaks<C>,
    Pick<Socket<C>, 'errors' | 'bufferedAmount' | 'on' | 'once' | 'onError' | 'handle'> {
  /** How the socket is: `get()` for now, `subscribe()` for every change (counters: at most once a task). */
  readonly status: Cell<WireStatus>
  /** Sends an event, now or when the connection is back, at most once. Throws `unserializable`, `overflow` (the outbox is full) or `closed`. */
  send<K extends Name<Part<C, 'toServer'>>>(name: K, ...rest: Args<Part<C, 'toServer'>[K], WireSendOptions>): void
  /**
   * Asks, and resolves with the server's answer. Rejects with a {@link RequestError} of the server's, `timeout`, the signal's reason,
   * `in-doubt` if the connection broke meanwhile (unless `idempotent`), `expired`, `dropped`, `closed`, or as `send` throws.
   */
  request<K extends Name<Part<C, 'requests'>>>(
    name: K,
    ...rest: Args<Input<Part<C, 'requests'>[K]>, WireRequestOptions>
  ): Promise<Output<Part<C, 'requests'>[K]>>
  /** Connects anew, now: cancels the backoff, a hung try, and a hung `url` function. Nothing once closed. */
  reconnect(): void
  /** Ends it for good: waits until what is queued has been sent, at most `timeout` ms (default 5000). Requests without an answer reject with `closed`. */
  close(options?: { timeout?: number }): Promise<void>
}
