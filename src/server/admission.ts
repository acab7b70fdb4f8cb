import type { Clock } from '../platform/clock.ts'
import type { RetryHint } from '../protocol/frames.ts'

/** Milliseconds that a place is kept for a client that does not come: it may be on a slow line, or asleep. */
const PATIENCE = 10_000
/** So many places are kept, and no more: a place is a session's id and a number. */
const MAX_PLACES = 100_000
/** Tokens are sums of fractions. */
const EPSILON = 1e-6

/** Who says hello, a few at a time: a crowd is told when to come, each at another time, in the order in which they came first. */
export interface Admission {
  /** Undefined lets it in. `isHere`: its session has a connection already, and moves to another one. */
  admit(session: string, isHere: boolean): RetryHint | undefined
}

/** `rate` a second, a second's worth at once. */
export const createAdmission = (rate: number, clock: Clock): Admission => {
  const interval = 1_000 / rate
  const burst = Math.max(1, rate)
  let tokens = burst
  let at = clock.now()
  /** When those may come who were turned away, the earliest first, and the last of them. */
  const places = new Map<string, number>()
  let last = 0

  const refill = (now: number): void => {
    tokens = Math.min(burst, tokens + (now - at) / interval)
    at = now
    for (const [session, place] of places) {
      if (place + PATIENCE > now) break
      places.delete(session)
    }
  }
  /** How many have a place that is due, and have not come: the tokens are theirs. Nobody is counted; places are an interval apart. */
  const due = (now: number): number => Math.max(0, places.size - Math.ceil(Math.max(0, last - now) / interval))

  const takePlace = (session: string, now: number): RetryHint => {
    const next = Math.max(last, now - tokens * interval) + interval
    // Behind those whose places are kept is as much room again for those who are not known.
    if (places.size >= MAX_PLACES) return { after: Math.ceil(next - now), spread: Math.ceil(next - now) }
    last = next
    places.set(session, next)
    return { after: Math.ceil(next - now) }
  }

  return {
    admit(session, isHere) {
      if (rate === Infinity) return undefined
      const now = clock.now()
      refill(now)
      const place = places.get(session)
      const isDue = place !== undefined && place <= now
      const available = isHere ? tokens + burst : isDue ? tokens : tokens - due(now)
      if (available >= 1 - EPSILON && (isHere || isDue || place === undefined)) {
        tokens--
        places.delete(session)
        return undefined
      }
      if (place === undefined) return takePlace(session, now)
      // Many may be late together, and be too many again; each keeps its place.
      return isDue ? { after: Math.ceil(interval), spread: 1_000 } : { after: Math.ceil(place - now) }
    },
  }
}
