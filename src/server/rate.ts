import type { ErrorCode } from '../kernel/errors.ts'
import type { Clock } from '../platform/clock.ts'

/** A burst may be this many seconds' worth: an outbox that filled up offline must fit. */
const BURST_SECONDS = 10

/**
 * What a client pays for what cannot be used, beside its line: to say so takes ten times as long as to deliver it. No good client sends
 * the first three kinds; the others may come of two versions of an application.
 */
export const SURCHARGES: { readonly [code in ErrorCode]?: number } = {
  'malformed-frame': 99,
  'unknown-control': 99,
  protocol: 99,
  'unknown-event': 9,
  'unknown-request': 9,
  'invalid-payload': 9,
  overflow: 9,
}

/** What the line of a piece of a Blob, or the word that one has arrived, costs less than other lines. */
export const PIECE_DISCOUNT = 0.9

/** A token bucket: `rate` a second, ten seconds' worth at once. */
export interface RateLimit {
  /** Takes `count`, which have happened already. Returns the milliseconds until the debt is paid; 0 if there is none. */
  take(count: number): number
  /** It is as if nothing had ever been taken. */
  isFull(): boolean
}

/** A class, because every session has one. */
class TokenBucket implements RateLimit {
  readonly #rate: number
  readonly #clock: Clock
  #tokens: number
  #at: number

  constructor(rate: number, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
    this.#tokens = rate * BURST_SECONDS
    this.#at = clock.now()
  }

  take(count: number): number {
    const rate = this.#rate
    // Infinity times no time at all is no number.
    if (rate === Infinity) return 0
    const now = this.#clock.now()
    this.#tokens = Math.min(rate * BURST_SECONDS, this.#tokens + ((now - this.#at) / 1000) * rate) - count
    this.#at = now
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / rate) * 1000)
  }

  isFull(): boolean {
    this.take(0)
    return this.#rate === Infinity || this.#tokens === this.#rate * BURST_SECONDS
  }
}

export const createRateLimit = (rate: number, clock: Clock): RateLimit => new TokenBucket(rate, clock)
