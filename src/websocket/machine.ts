import type { Settings } from './options.ts'

// Where it stands. Twice what `readyState` shows, and one more.
/** For the time of the next try, or, without one, for the network or the page to come back. */
export const WAITING = 0
/** A try is under way, from asking for the URL on. */
export const CONNECTING = 1
export const OPEN = 2
/** `close` was called, its event is still to come. */
export const CLOSING = 4
/** By `close`. */
export const CLOSED = 6
/** Not begun, or given up: `reconnect` brings it back, and what is sent until then waits. */
export const IDLE = 7

/** How a try ended, as its `close` event tells it. With `error`, an `error` event goes before. */
export interface End {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  readonly error?: unknown
}

/** The whole state, in one value. Times in milliseconds of one clock. */
export interface Connection {
  readonly state: number
  /** Grows whenever a try begins or ends. What comes of an earlier one (a late socket, URL) is ignored. */
  readonly epoch: number
  /** Those that failed since a connection last proved good. */
  readonly tries: number
  /** When `timeout` must come; Infinity for never. */
  readonly until: number
  /** Since when it is open, when it was last heard, and how often a sign of life was asked for since. */
  readonly openAt?: number
  readonly lastAt?: number
  readonly pings?: number
}

export const idle: Connection = { state: IDLE, epoch: 0, tries: 0, until: Infinity }

/** What happened. What an earlier epoch's socket says never gets here. */
export type Input =
  | readonly [type: 'open' | 'message' | 'timeout' | 'wake']
  | readonly [type: 'ended', end: End, isFinal?: boolean | undefined]
  | readonly [type: 'reconnect', end: End]
  | readonly [type: 'close', end: undefined, hasSocket: boolean]

/** What an input may depend on. */
export interface World {
  readonly now: number
  /** A fresh random number in [0, 1). */
  readonly chance: number
  readonly online: boolean
  readonly settings: Settings
}

/** Next comes the end of a try to tell of, then whether to ask for a sign of life. A new epoch that is `CONNECTING` wants a try. */
type Step = [connection: Connection, end?: End | undefined, asks?: boolean]

/** A timer that fires this much late (ms) slept, or what arrived still waits behind it: it proves nothing about the network. */
const LATE = 100
/** A hidden tab's timers are always late: after so many unanswered questions the line is dead after all. */
const QUESTIONS = 3

/** The end of what broke, or never was. RFC 6455, 7.4.1 */
const BROKEN: End = { code: 1006, reason: '', wasClean: false }
export const failed = (error: unknown): End => ({ ...BROKEN, error })

/** State × input → state × effect. Pure: the same arguments give the same answer. docs/websocket.md#states */
export const step = (c: Connection, [type, end, flag]: Input, { now, chance, online, settings }: World): Step => {
  const { state, openAt, lastAt, pings } = c as Required<Connection>
  const { heartbeat } = settings
  const stay = (until: number, change?: Partial<Connection>): Connection => ({ ...c, until, ...change })
  const to = (state: number, until: number, tries: number): Connection =>
    stay(until, { state, tries, epoch: c.epoch + 1 })
  // Whoever is not trying has nothing that ends.
  const dial = (tries: number): Step => [
    to(CONNECTING, now + settings.connectionTimeout, tries),
    state && state < CLOSED ? end : undefined,
  ]

  if (type === 'reconnect') return dial(0)
  if (type === 'close') {
    if (state >= CLOSING) return [c]
    return [flag ? stay(now + settings.connectionTimeout, { state: CLOSING }) : to(CLOSING, now, 0)]
  }
  if (type === 'open') return [stay(now + heartbeat.interval, { state: OPEN, openAt: now, lastAt: now, pings: 0 })]
  // The time stays: when it comes, it sees how long the silence was.
  if (type === 'message') return [{ ...c, lastAt: now, pings: 0 }]
  if (type === 'timeout' && now < c.until) return [c]
  if (!state) return online ? dial(c.tries) : [stay(Infinity)]
  if (type === 'wake' && (state !== OPEN || pings || !heartbeat.message)) return [c]
  if (type !== 'ended') {
    if (state === OPEN) {
      const silentUntil = lastAt + heartbeat.interval
      if (type !== 'wake' && !pings && now < silentUntil) return [stay(silentUntil)]
      if (!pings || (pings < QUESTIONS && now - c.until >= LATE))
        return [stay(now + heartbeat.timeout, { pings: pings + 1 }), undefined, true]
    }
    end = state === CLOSING ? BROKEN : failed(new Error('TIMEOUT'))
  }

  // An open connection alone forgives nothing, or a server that accepts and closes would be called without pause.
  const tries = state === OPEN && now - openAt >= settings.minUptime ? 0 : c.tries
  const bound = settings.minReconnectionDelay * settings.reconnectionDelayGrowFactor ** tries
  const delay = Math.min(settings.maxReconnectionDelay, bound) * (1 - settings.jitter * chance)
  const next = state === CLOSING ? CLOSED : flag || tries >= settings.maxRetries ? IDLE : WAITING
  return [next || !online ? to(next, Infinity, tries) : to(next, now + delay, tries + 1), end]
}
