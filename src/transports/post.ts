/** What a POST tells. */
export interface PostEvents {
  /** A part of the answer's text, as it arrives; only of an answer whose status is 200. */
  text(part: string): void
  /**
   * The end, exactly once, and nothing after it. `status` 0: no answer came, or it broke off. `body` is the text of an answer
   * whose status is not 200. `retryAfter`: what the answer's `Retry-After` asked for, in milliseconds.
   */
  done(status: number, body: string, retryAfter?: number): void
}

/**
 * One HTTP exchange: posts `body` to an absolute `http:` or `https:` URL. Tells nothing from inside the call. `outlive`: the
 * request is to survive the page, if it is small enough. `priority`: where connections are few, others go first. Returns what gives
 * it up: nothing is told after.
 */
export type Post = (url: string, body: string, outlive: boolean, events: PostEvents, priority?: 'low') => () => void
