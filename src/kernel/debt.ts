import type { Mutable } from './mutable.ts'

/** What was received and not acknowledged. docs/protocol.md#acknowledging */
export interface Debt {
  /** The clock's time (ms) at which an acknowledgement is due; Infinity while nothing is owed. */
  readonly deadline: number
  /** One more frame came, of so many characters or bytes. True if that is enough for an acknowledgement at once. */
  add(size: number): boolean
  /** True if an acknowledgement should leave with what leaves anyway. */
  rides(now: number): boolean
  /** An acknowledgement leaves, or nobody waits for one any more. */
  clear(): void
}

/** An acknowledgement is due after so many messages, characters, or milliseconds. */
const MESSAGES = 64
const SIZE = 262_144
const DELAY = 1_000
/** After so many milliseconds it goes along with anything else: a packet of its own would cost more. */
const RIDE = 250

export const createDebt = (clock: { now(): number }): Debt => {
  let messages = 0
  let size = 0
  const debt: Mutable<Debt> = {
    deadline: Infinity,
    add(more) {
      size += more
      if (++messages >= MESSAGES || size >= SIZE) return true
      if (debt.deadline === Infinity) debt.deadline = clock.now() + DELAY
      return false
    },
    rides: (now) => now >= debt.deadline - DELAY + RIDE,
    clear() {
      messages = size = 0
      debt.deadline = Infinity
    },
  }
  return debt
}
