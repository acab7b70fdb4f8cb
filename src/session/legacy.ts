/** What one page leaves to the next, and who keeps it: the ports between a session and its store. */
import type { HoldfastError } from '../kernel/errors.ts'
import type { Ledger, Message } from '../kernel/message.ts'
import type { Outbox } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'

/** What a later page needs to go on with the session, beside its messages. */
export interface Legacy {
  /** How many pages have had the session before. */
  readonly generation: number
  readonly session: string
  readonly life?: string | undefined
  /** When its frames first went out, in the clock's time (ms). */
  readonly carriedAt: number
  readonly acknowledged: number
  readonly got: number
}

/** What a former page left. */
export interface Inheritance {
  readonly legacy: Legacy
  /** Numbered from `acknowledged + 1` on: the server may have had them. */
  readonly sent: readonly Message[]
  readonly waiting: readonly Message[]
}

/** What a journal needs of the client. */
export interface JournalHost {
  readonly clock: Clock
  readonly outbox: Outbox
  /** What to keep beside the messages. */
  legacy(): Legacy
  /** More may leave now. */
  kept(): void
  fault(error: HoldfastError): void
}

/** Keeps a client's session for the next page. It seals the outbox: only what is kept may leave. */
export interface Journal extends Ledger {
  /**
   * Takes hold of a place in its store. Calls `inherit` with what a former page left there, if one did; with undefined where what
   * this page had left was taken by another one. Never rejects, never hangs: it goes on without a store.
   */
  open(inherit: (found: Inheritance | undefined) => void): Promise<void>
  /** Something moved: it is written when the task is done. */
  touch(): void
  /** Writes now: the page may go. */
  flush(): void
  /** Writes, and lets go until it is opened again; `forget`: nothing is needed any more. */
  close(forget: boolean): void
}

/** Where sessions outlive their pages: what the option `outbox.store` takes. Made by `holdfast/store`. */
export interface Persistence {
  /** @internal */
  create(host: JournalHost): Journal
  /** @internal What another page left that is gone; undefined if there is no more. */
  left?(): Promise<Persistence | undefined>
}
