/** How long an HTTP exchange is asked to hang, in milliseconds, and what that grows by. docs/protocol.md#hold */
export interface Hold {
  readonly wait: number
  readonly growth: number
}

/** Below the 25 s after which either end would ask for a sign of life, and 30 s, where many proxies lose patience. */
const LONGEST = 22_000
/** Hardly held: what is left on a path that cuts everything short. */
const SHORTEST = 250
/** An answer so late (ms) has waited for a free connection: HTTP/1.1 has six to a host, for all tabs together. */
const LATE = 1_000
/** Less than so long (ms), and nothing held it. */
const HARDLY = 400

/** Like TCP's slow start: the first holds are short, so many tabs that open at once do not take each other's connections for long. */
export const firstHold: Hold = { wait: 4_000, growth: 2 }

/**
 * What is learnt from an exchange that took `elapsed` milliseconds: `cut` if somebody broke it off, otherwise it was answered.
 * Halved by trouble, grown by undisturbed waits, slowly once there was trouble (additive increase in spirit, as in TCP).
 */
export const nextHold = ({ wait, growth }: Hold, elapsed: number, cut: boolean): Hold => {
  // Longer than asked for: it waited for a connection, or slept.
  if (cut)
    return elapsed < HARDLY ? { wait, growth } : { wait: Math.max(SHORTEST, Math.min(wait, elapsed) / 2), growth: 1.1 }
  if (elapsed > wait + LATE) return { wait: Math.max(SHORTEST, wait / 2), growth: 1.1 }
  return { wait: elapsed < wait ? wait : Math.min(LONGEST, wait * growth), growth }
}
