import type { HoldfastError } from '../kernel/errors.ts'
import type { Phase, Rung } from '../kernel/ladder.ts'

/** One step of the way to a carrier that works, as the `trace` option is told. */
export interface TraceEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly carrier: Rung
  /**
   * `dial`: it is opened. `claim`: the session goes on over it. `probe`: it is asked for a sign of life first. `heard`: it works.
   * `failed`: it could not be opened, or broke. `drop`: it was given up.
   */
  readonly event: 'dial' | 'claim' | 'probe' | 'heard' | 'failed' | 'drop'
  /** How far it had come before. */
  readonly phase: Phase
  /** Why it failed. */
  readonly cause?: HoldfastError
}
