/** How long to wait between tries. */
export interface Backoff {
  /** Upper bound of the first wait, in milliseconds. */
  readonly base: number
  /** What the bound grows by from one failed try to the next. */
  readonly factor: number
  /** The most the bound grows to, in milliseconds. */
  readonly max: number
  /** Share of the wait left to chance: 1 waits anywhere between 0 and the bound, 0 always the bound. */
  readonly jitter: number
}

/**
 * Milliseconds to wait after the given number of failed tries: "full jitter" (Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog 2015). The cap bounds the *range* that chance picks from, so late tries still spread; a cap applied
 * to the outcome, as Socket.IO does, makes every client wait exactly the cap from some try on.
 */
export const backoffDelay = ({ base, factor, max, jitter }: Backoff, failures: number, chance: number): number =>
  Math.min(max, base && base * factor ** Math.max(0, failures - 1)) * (1 - Math.min(1, jitter) * chance)
