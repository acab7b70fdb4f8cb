import type { HoldfastError } from '../kernel/errors.ts'
import type { Connection, ConnectionState, PauseReason } from '../kernel/machine.ts'
import type { Carrier, TransportName } from '../transports/transport.ts'
import type { Session } from './ports.ts'

/** How the socket is, at one moment. Immutable: a new object for every change. */
export interface Status {
  /** See {@link ConnectionState}. */
  readonly state: ConnectionState
  /** Why `state` is `paused`; null while it is not. */
  readonly pausedBy: PauseReason | null
  /** What carries the session just now; null while nothing does. */
  readonly transport: TransportName | null
  /** Tries since the connection last proved good; 0 before the first. */
  readonly attempt: number
  /** When the next try is due, in milliseconds since the epoch, for a countdown; null unless `state` is `waiting`. */
  readonly retryAt: number | null
  /** Why the last connection or try ended; null once the socket is open again. */
  readonly cause: HoldfastError | null
  /** Smoothed round trip in milliseconds, measured every few seconds while messages go; null until measured. */
  readonly latency: number | null
  /** Messages that wait to be sent. */
  readonly queued: number
  /** Messages that were sent and not yet acknowledged by the other side. */
  readonly unacknowledged: number
  /** True if the current connection continued a session that the server already had. */
  readonly resumed: boolean
}

/** A socket that has not begun, and may never: that of a page rendered on a server. */
export const IDLE: Status = {
  state: 'idle',
  pausedBy: null,
  transport: null,
  attempt: 0,
  retryAt: null,
  cause: null,
  latency: null,
  queued: 0,
  unacknowledged: 0,
  resumed: false,
}

/** The snapshot of this moment. */
export const statusOf = (
  { state, pausedBy, attempt, deadline, cause }: Connection,
  { outbox, roundTrip }: Pick<Session, 'outbox' | 'roundTrip'>,
  carrier: Carrier | undefined,
  resumed: boolean,
): Status => ({
  state,
  pausedBy,
  transport: state === 'open' ? carrier!.transport : null,
  attempt,
  retryAt: state === 'waiting' ? deadline : null,
  cause,
  latency: roundTrip() < 0 ? null : roundTrip(),
  queued: outbox.queued,
  unacknowledged: outbox.sent.length,
  resumed,
})
