/** How many bytes of pieces may be under way. All times in milliseconds of one clock. */
export interface Window {
  /** Bytes that are not acknowledged. */
  out(): number
  /** Whether so many more may go. */
  admits(bytes: number): boolean
  /** They go. The function that is returned is told when they have arrived. */
  send(bytes: number, now: number): (now: number) => void
  /** A new carrier: what was learnt of the last one's line need not hold. */
  start(now: number): void
  /** What is under way belongs to nobody any more. */
  clear(): void
}

const FIRST = 65_536
/** Two pieces: one on its way, and the word that one has arrived. */
const LEAST = 32_768
/** It is memory, too. */
const MOST = 4_194_304
/** What pieces may be delayed by those before them: small messages wait behind them as long. */
const SPAN = 100

/**
 * What is on its way delays whatever is sent after it, and where it queues up, nobody tells. But it shows in the time until a piece is
 * acknowledged: while that is near the shortest, the window doubles with each round, until it was too much; then it is what the line moves in
 * the shortest time and {@link SPAN}.
 */
export const createWindow = (): Window => {
  let size = FIRST
  let out = 0
  let arrived = 0
  let least = Infinity
  /** It was too much once: from then on it does not grow beyond what is seen to arrive. */
  let isFound = false
  let startedAt = 0
  let turn = 0
  return {
    out: () => out,
    admits: (bytes) => out === 0 || out + bytes <= size,
    send(bytes, sentAt) {
      const before = arrived
      const mine = turn
      out += bytes
      return (now) => {
        if (mine !== turn) return
        out -= bytes
        arrived += bytes
        // What was sent on a former carrier says nothing of this one.
        if (sentAt < startedAt) return
        const delay = Math.max(1, now - sentAt)
        least = Math.min(least, delay)
        const span = least + SPAN
        const moved = ((arrived - before) / delay) * span
        isFound ||= delay > span
        if (delay > span) size = moved
        else size = Math.max(size, isFound ? Math.min(size + bytes, moved) : size + bytes)
        size = Math.min(MOST, Math.max(LEAST, size))
      }
    },
    start(now) {
      size = FIRST
      least = Infinity
      isFound = false
      startedAt = now
    },
    clear() {
      turn++
      out = 0
    },
  }
}
