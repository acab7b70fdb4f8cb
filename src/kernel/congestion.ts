import type { Mutable } from './mutable.ts'

/** How much may stand in a carrier's own buffer. All times in milliseconds of one clock. */
export interface Congestion {
  /** When the buffer must be looked at again; Infinity for as soon as there is something to send. */
  readonly deadline: number
  /** True if the next packet should wait here, where `latest` and `ttl` still count, with so many bytes in the carrier's buffer. */
  holds(buffered: number, now: number): boolean
  /** A new carrier: what was learnt of the last one's line need not hold. */
  start(): void
}

/** So much goes before anything is known of the line, and on the slowest: a few packets, or one. */
const FIRST = 262_144
const LEAST = 65_536
/** Above it nothing goes, however fast it was: what is handed over in one task must not hold up a page, and it is memory, too. */
const MOST = 1_048_576
/** What the buffer may hold is what leaves it in so many milliseconds: longer than from one look to the next. */
const SPAN = 200
/** The shortest time from one look at a full buffer to the next, and what it grows by while the buffer stays full. */
const PAUSE = 10
const GROWTH = 0.25

/**
 * Browsers take whatever they are given, at once, and tell how much of it has not left. What is given too early can be
 * neither replaced nor dropped any more; what is given too late leaves the line idle. So the mark follows the measured rate
 * (a bandwidth-delay product in spirit, with a fixed delay).
 */
export const createCongestion = (): Congestion => {
  let mark = FIRST
  /** Since when it is over the mark, and by how much it was then. */
  let since = 0
  let before = 0
  const congestion: Mutable<Congestion> = {
    deadline: Infinity,
    holds(buffered, now) {
      if (congestion.deadline === Infinity) {
        if (buffered <= mark) return false
        since = now
        before = buffered
      } else if (buffered <= mark / 2) {
        const rate = (before - buffered) / Math.max(1, now - since)
        mark = Math.min(MOST, Math.max(LEAST, rate * SPAN))
        congestion.deadline = Infinity
        return false
      } else if (now < congestion.deadline) return true
      congestion.deadline = now + Math.max(PAUSE, (now - since) * GROWTH)
      return true
    },
    start() {
      mark = FIRST
      congestion.deadline = Infinity
    },
  }
  return congestion
}
