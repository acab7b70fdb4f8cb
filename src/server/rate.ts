import type { Clock } from '../platform/clock.ts'

/** A burst may be this many seconds' worth: an outbox that filled up offline must fit. */
const BURST_SECONDS = 10

/** A token bucket: `rate` a second, ten seconds' worth at once. */
export interface RateLimit {
  /** Takes `count`, which have happened already. Returns the milliseconds until the debt is paid; 0 if there is none. */
  take(count: number): number
}

export const createRateLimit = (rate: number, clock: Clock): RateLimit => {
  let tokens = rate * BURST_SECONDS
  let at = clock.now()
  return {
    take(count) {
      // Infinity times no time at all is no number.
      if (rate === Infinity) return 0
      const now = clock.now()
      tokens = Math.min(rate * BURST_SECONDS, tokens + ((now - at) / 1000) * rate) - count
      at = now
      return tokens >= 0 ? 0 : Math.ceil((-tokens / rate) * 1000)
    },
  }
}
