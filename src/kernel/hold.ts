/** How long an HTTP exchange is asked to hang, in milliseconds, and what that grows by. docs/protocol.md#hold */
export interface Hold {
  readonly wait: number
  readonly growth: number
  /** What an exchange takes beyond that, at least, as far as it is known. */
  readonly trip: number
}

/** Below the 25 s after which either end would ask for a sign of life, and 30 s, where many proxies lose patience. */
const LONGEST = 22_000
/** Hardly held: what is left on a path that cuts everything short. */
const SHORTEST = 250
/** An answer so much later (ms) than others has waited for a free connection: HTTP/1.1 has six to a host, for all tabs together. */
const LATE = 700
/** The wait for one makes holds as short as this: longer than LATE, so that those notice who wait for one that holds so briefly. */
const CROWDED = 850
/** Less than so long (ms), and nothing held it. */
const HARDLY = 400

/** Like TCP's slow start: the first holds are short, so many tabs that open at once do not take each other's connections for long. */
export const firstHold: Hold = { wait: 4_000, growth: 2, trip: 1_000 }

/**
 * What is learnt from an exchange that took `elapsed` milliseconds: `cut` if somebody broke it off, otherwise it was answered.
 * Halved by trouble, grown by undisturbed waits, slowly once there was trouble (additive increase in spirit, as in TCP).
 */
export const nextHold = (hold: Hold, elapsed: number, cut: boolean): Hold => {
  const { wait, growth, trip } = hold
  // Longer than asked for: it waited for a connection, or slept.
  const late = elapsed - wait
  // What is asked for are whole milliseconds.
  if (cut ? elapsed < HARDLY : late <= -1) return hold
  if (cut) return { wait: Math.max(SHORTEST, Math.min(wait, elapsed) / 2), growth: 1.1, trip }
  if (late > trip + LATE) return { wait: Math.max(Math.min(wait, CROWDED), wait / 2), growth: 1.1, trip }
  return { wait: Math.min(LONGEST, wait * growth), growth, trip: Math.min(trip, late) }
}
