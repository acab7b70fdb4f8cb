/** Decides which counted frames are new: numbers are given by order alone. docs/protocol.md#numbers */
export interface Inbox {
  /** How many of the other side's counted frames were delivered here. */
  readonly got: number
  /** The next counted frame on the current carrier has this number. False if one before it was never seen: a gap. */
  expect(from: number): boolean
  /** Takes the next counted frame's number: true if it is new and must be delivered. */
  admit(): boolean
  /** The admitted frame was handled. Only now does it count as got: what a crash interrupts is sent again. */
  delivered(): void
  /** Forgets everything: another session begins. */
  reset(): void
}

export const createInbox = (): Inbox => {
  let got = 0
  let next = 1
  return {
    get got() {
      return got
    },
    expect(from) {
      next = from
      return from <= got + 1
    },
    admit: () => next++ > got,
    delivered: () => void (got = next - 1),
    reset() {
      got = 0
      next = 1
    },
  }
}
