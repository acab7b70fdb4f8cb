import { type Backoff, backoffDelay } from './backoff.ts'
import { LOST, TIMEOUT, UNAUTHORIZED, isFinal } from './close-codes.ts'
import { HoldfastError } from './errors.ts'

/**
 * Where the client's connection stands.
 *
 * - `idle`: not started; on a platform without WebSocket (server rendering) it stays so.
 * - `connecting`: a try is under way, from asking for the URL to the server's welcome.
 * - `open`: the server said welcome.
 * - `waiting`: the next try has its time.
 * - `paused`: there is no network, or the page is frozen; no tries until it is back.
 * - `closed`: for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed'

/** Why it is paused: the platform has no network, or the page is frozen, perhaps in the back/forward cache. */
export type PauseReason = 'offline' | 'frozen'

/** The whole state of the client's connection, in one value. Times in milliseconds of one clock. */
export interface Connection {
  readonly state: ConnectionState
  /** Null unless `state` is `paused`. */
  readonly pausedBy: PauseReason | null
  /** Grows with every change of state but opening. What comes from an earlier epoch (a late socket, token, timer) is ignored. */
  readonly epoch: number
  /** Tries since the connection last proved good. */
  readonly attempt: number
  /** When `due` must come; Infinity for never. `connecting` and `waiting` always have one. */
  readonly deadline: number
  readonly openedAt: number
  /** A try was refused as unauthorized, and none has proved good since: once more is an end. */
  readonly reauthorizing: boolean
  /** Why the last connection or try ended. */
  readonly cause: HoldfastError | null
}

/** What happened. */
export type ConnectionInput =
  | { readonly type: 'start' | 'reconnect' | 'wake' | 'offline' | 'freeze' | 'due' | 'moving' }
  | { readonly type: 'welcomed'; readonly epoch: number }
  | {
      readonly type: 'ended'
      readonly epoch: number
      readonly code: number
      readonly cause: HoldfastError
      /** What the server asked for: when to come back (ms), or false for never. */
      readonly retry?: { readonly after: number; readonly spread?: number } | false | undefined
      /** A counted frame was delivered or acknowledged on it. */
      readonly progress?: boolean
    }
  | { readonly type: 'close'; readonly cause: HoldfastError | null }

/**
 * What the runtime must do: `dial` the try of this epoch, `lose` the session, `probe` the open carrier, `finish` for good.
 * Whenever the epoch changed, it first drops the carrier and providers of the one before.
 */
export type ConnectionEffect = 'dial' | 'lose' | 'probe' | 'finish'

/** What the machine may know of the world at a step. */
export interface ConnectionWorld {
  readonly now: number
  /** A fresh random number in [0, 1). */
  readonly chance: number
  readonly online: boolean
  readonly backoff: Backoff
  /** Milliseconds that a try may take. */
  readonly connectTimeout: number
}

/** A connection that held so long (ms) has proved good: the next failure starts the backoff over. */
const PROVEN_AFTER = 5_000
/** The most patience (ms) that is had with a server, or whoever answers in its name: nobody is sent away for good by a number. */
const LONGEST_HINT = 3_600_000

export const idleConnection: Connection = {
  state: 'idle',
  pausedBy: null,
  epoch: 0,
  attempt: 0,
  deadline: Infinity,
  openedAt: 0,
  reauthorizing: false,
  cause: null,
}

type Step = [state: Connection, effect?: ConnectionEffect | undefined]

/** State × input → state × effect. Pure: the same arguments give the same answer. docs/architecture.md#machine */
export const step = (c: Connection, input: ConnectionInput, world: ConnectionWorld): Step => {
  const { now, chance, online, backoff, connectTimeout } = world
  const { state, epoch } = c
  const isOpen = state === 'open'
  const isProven = isOpen && now - c.openedAt >= PROVEN_AFTER
  // A welcome alone forgives nothing, or a server that accepts and closes would be called without pause; one that moved
  // messages starts over, but not below the first range.
  const left = (progress?: boolean): Pick<Connection, 'attempt' | 'reauthorizing'> => ({
    attempt: isProven ? 0 : isOpen && progress ? Math.min(c.attempt, 1) : c.attempt,
    reauthorizing: c.reauthorizing && !isProven,
  })
  const to = (next: ConnectionState, effect?: ConnectionEffect, change?: Partial<Connection>): Step => [
    { ...c, deadline: Infinity, pausedBy: null, ...change, state: next, epoch: epoch + 1 },
    effect,
  ]
  const pause = (pausedBy: PauseReason): Step => to('paused', undefined, { ...left(true), pausedBy })
  const dial = (change?: Partial<Connection>): Step =>
    to('connecting', 'dial', { attempt: c.attempt + 1, deadline: now + connectTimeout, ...change })
  const go = (): Step => (online ? dial() : pause('offline'))

  if (state === 'closed') return [c]
  switch (input.type) {
    case 'close':
      return to('closed', 'finish', { cause: input.cause })
    case 'reconnect':
      return dial({ attempt: 1, reauthorizing: false })
    case 'start':
      return go()
    case 'freeze':
      // Nobody has done wrong: the carrier is closed because a page that holds one is not kept.
      return c.pausedBy === 'frozen' ? [c] : pause('frozen')
    case 'offline':
      // An open carrier may still work, whatever the platform believes: ask it.
      return isOpen ? [c, 'probe'] : state === 'paused' ? [c] : pause('offline')
    case 'wake':
      return isOpen ? [c, 'probe'] : state === 'connecting' || (c.pausedBy === 'offline' && !online) ? [c] : go()
    case 'due': {
      if (now < c.deadline) return [c]
      if (state === 'waiting') return go()
      const cause = new HoldfastError('timeout', `No welcome within ${connectTimeout} ms.`, c.cause)
      return step(c, { type: 'ended', epoch, code: TIMEOUT, cause }, world)
    }
    case 'moving':
      // An open session moves to another carrier: it stays open, but not for ever without a welcome.
      return [isOpen ? { ...c, deadline: now + connectTimeout } : c]
    case 'welcomed':
      return input.epoch === epoch ? [{ ...c, state: 'open', deadline: Infinity, openedAt: now, cause: null }] : [c]
    case 'ended':
      if (input.epoch !== epoch) return [c]
  }

  const { code, cause, retry, progress } = input
  if (isFinal(code) || retry === false) return to('closed', 'finish', { cause })
  const { attempt, reauthorizing } = left(progress)
  if (code === UNAUTHORIZED)
    return reauthorizing ? to('closed', 'finish', { cause }) : dial({ reauthorizing: true, cause })
  const isLost = code === LOST
  // A session that cannot be resumed has a live server behind it, though not one that loses session after session; and whoever is
  // told so has waited. Nothing else may be at once: a server that falls silent does so to all, who last heard it together.
  const atOnce = isLost && !isOpen && c.cause?.code !== 'session-lost'
  // Whoever comes back in vain is not to come back again and again at once, whatever a server says.
  const least = isProven || c.attempt < 2 ? 0 : backoffDelay(backoff, 1, chance)
  const hinted = retry && Math.min(LONGEST_HINT, Math.max(least, retry.after + chance * (retry.spread ?? 0)))
  const delay = hinted ?? (atOnce ? 0 : backoffDelay(backoff, attempt, chance))
  const change = {
    attempt,
    reauthorizing,
    cause,
    ...(online ? { deadline: now + delay } : { pausedBy: 'offline' as const }),
  }
  return to(online ? 'waiting' : 'paused', isLost ? 'lose' : undefined, change)
}
