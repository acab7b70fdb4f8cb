/** What was received and not acknowledged. docs/protocol.md#acknowledging */
export interface Debt {
  /** The clock's time (ms) at which an acknowledgement is due; Infinity while nothing is owed. */
  readonly deadline: number
  /** One more frame came, of so many characters or bytes. True if that is enough for an acknowledgement at once. */
  add(size: number): boolean
  /** An acknowledgement leaves, or nobody waits for one any more. */
  clear(): void
}

/** An acknowledgement is due after so many messages, characters, or milliseconds. */
const MESSAGES = 64
const SIZE = 262_144
const DELAY = 1_000

export const createDebt = (now: () => number): Debt => {
  let messages = 0
  let size = 0
  let deadline = Infinity
  return {
    get deadline() {
      return deadline
    },
    add(more) {
      size += more
      if (++messages >= MESSAGES || size >= SIZE) return true
      if (deadline === Infinity) deadline = now() + DELAY
      return false
    },
    clear() {
      messages = size = 0
      deadline = Infinity
    },
  }
}
