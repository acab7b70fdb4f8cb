import type { HoldfastError } from '../kernel/errors.ts'
import type { Encoded, Entry } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Codec } from '../wire/codec.ts'

/** All that a feature sees of its session. */
export interface Port {
  readonly clock: Clock
  readonly codec: Codec | undefined
  /** Queues a frame. Throws where the bounds refuse it, unless forced; throws when the socket is closed. */
  push(item: Encoded | Entry, force?: boolean): void
  /** Takes back what has not been sent. False if it has been. */
  withdraw(entry: Entry): boolean
  /** Sends a control line now or never. */
  volatile(line: string): void
  /** A promise while too much is waiting, undefined while there is room. */
  backlog(): Promise<void> | undefined
  /** Incoming data through the codec. */
  decode(data: unknown): unknown
  /** Incoming data through the codec and its schema. Throws `invalid-payload`. */
  accept(name: string, data: unknown): unknown
  /** Counts and reports what arrived and could not be used. */
  fault(error: HoldfastError): void
  /** Reports what the application's own code threw. */
  thrown(error: unknown, where: string): void
}
