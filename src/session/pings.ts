import { LIGHT } from '../kernel/liveness.ts'

/** The pings of one end, numbered, and what the answer to the last one is worth. docs/protocol.md#liveness */
export interface Pings {
  /** The number of the last message before the last ping: the pong acknowledges it. */
  readonly after: number
  /** When the last ping went out; undefined if there was much before it, of which the answer would tell as well. */
  readonly at: number | undefined
  /** A new carrier. */
  start(now: number): void
  /** The next one. */
  next(): number
  /** It went out, behind the message of this number, with so many bytes before it that nobody acknowledged. */
  went(now: number, after: number, bytes: number): void
  /** True if that is the answer to the last one. */
  isAnswer(pong: number | undefined): boolean
  isAnswered(): boolean
  /** The round trip may be another one by now. */
  isDue(now: number): boolean
}

/** `freshness`: milliseconds after which a round trip is worth another ping. */
export const createPings = (freshness: number = Infinity): Pings => {
  let last = 0
  let answered = 0
  let wentAt = 0
  const pings = {
    after: 0,
    at: undefined as number | undefined,
    start: (now: number) => void (wentAt = now),
    next: () => ++last,
    went(now: number, after: number, bytes: number) {
      wentAt = now
      pings.after = after
      pings.at = bytes <= LIGHT ? now : undefined
    },
    isAnswer(pong: number | undefined) {
      if (pong === last) answered = last
      return pong === last
    },
    isAnswered: () => answered === last,
    isDue: (now: number) => answered === last && now >= wentAt + freshness,
  }
  return pings
}
