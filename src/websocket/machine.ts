import { UNREACHABLE } from '../kernel/close-codes.ts'
import type { Settings } from './options.ts'
import type { View } from './page.ts'

// The standard's states, with its numbers, and one more.
/** A try is under way, from asking for the URL on. */
export const CONNECTING = 0
export const OPEN = 1
/** `close` was called, its event is still to come. */
export const CLOSING = 2
/** Not begun, given up, or by `close`. `reconnect` brings it back. */
export const CLOSED = 3
/** For the time of the next try or, without one, for the network or the page to come back. */
export const WAITING = 4

/** How a try ended, as its `close` event tells it. With `error`, an `error` event goes before. */
export interface End {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  readonly error?: unknown
}

/** The whole state, in one value, and what the step that led there asks for: a new epoch that is `CONNECTING` wants a try. Times in milliseconds of one clock. */
export interface Connection {
  readonly state: 0 | 1 | 2 | 3 | 4
  /** Grows whenever a try begins or ends. What comes of an earlier one (a late socket, URL) is ignored. */
  readonly epoch: number
  /** How many failed since a connection last proved good. */
  readonly tries: number
  /** When `timeout` must come; Infinity for never. */
  readonly until: number
  readonly openedAt?: number
  readonly heardAt?: number
  /** How often a sign of life was asked for since. One more wants it asked. */
  readonly asked?: number
  /** How the try of the epoch before ended, to be told of as this one begins. */
  readonly end?: End | undefined
}

export const initial: Connection = { state: CLOSED, epoch: 0, tries: 0, until: Infinity }

/** What happened. What an earlier epoch's socket says never gets here. */
export type Input =
  | { readonly type: 'open' | 'message' | 'timeout' | 'wake' }
  | { readonly type: 'ended'; readonly end: End; readonly isFinal?: boolean | undefined }
  | { readonly type: 'reconnect'; readonly end: End }
  /** A socket that lives tells its end by itself. */
  | { readonly type: 'close'; readonly hasSocket: boolean }

/** A timer that fires this much late (ms) slept, or what arrived still waits behind it: it proves nothing about the network. */
const LATE = 100
/** A hidden tab's timers are always late: after so many unanswered questions the line is dead after all. */
const QUESTIONS = 3

/** The end of what broke, or never was. */
const BROKEN: End = { code: UNREACHABLE, reason: '', wasClean: false }
export const failed = (error: unknown): End => ({ ...BROKEN, error })

/** State × input → state. Pure: the same arguments give the same answer. docs/websocket.md#states */
export const step = (
  connection: Connection,
  input: Input,
  settings: Settings,
  { now, chance, online }: View,
): Connection => {
  const { state, epoch, tries, until, openedAt, heardAt, asked } = connection as Required<Connection>
  const { heartbeat, connectionTimeout } = settings

  const stay = (until: number, change?: Partial<Connection>): Connection => ({ ...connection, until, ...change })
  const turn = (state: Connection['state'], until: number, tries: number, end?: End): Connection =>
    stay(until, { state, tries, end, epoch: epoch + 1 })
  const ask = (): Connection => stay(now + heartbeat.timeout, { asked: asked + 1 })
  const finish = (end: End, isFinal?: boolean): Connection => {
    // An open connection alone forgives nothing, or a server that accepts and closes would be called without pause.
    const failures = state === OPEN && now - openedAt >= settings.minUptime ? 0 : tries
    if (state === CLOSING || isFinal || failures >= settings.maxRetries) return turn(CLOSED, Infinity, failures, end)
    if (!online) return turn(WAITING, Infinity, failures, end)
    // After thousands of failures the power is Infinity; 0 times that is NaN.
    const bound = settings.minReconnectionDelay * settings.reconnectionDelayGrowFactor ** failures || 0
    const delay = Math.min(settings.maxReconnectionDelay, bound) * (1 - settings.jitter * chance)
    return turn(WAITING, now + delay, failures + 1, end)
  }

  switch (input.type) {
    case 'reconnect':
      // Whoever is not trying has nothing that ends.
      return turn(CONNECTING, now + connectionTimeout, 0, state < CLOSED ? input.end : undefined)
    case 'close':
      if (state === CLOSING || state === CLOSED) return connection
      return input.hasSocket ? stay(now + connectionTimeout, { state: CLOSING }) : turn(CLOSING, now, 0)
    case 'open':
      return stay(now + heartbeat.interval, { state: OPEN, openedAt: now, heardAt: now, asked: 0 })
    case 'message':
      // The time stays: when it comes, it sees how long the silence was.
      return stay(until, { heardAt: now, asked: 0 })
    case 'ended':
      return finish(input.end, input.isFinal)
    case 'wake':
      if (state === OPEN && !asked && heartbeat.message) return ask()
      if (state !== WAITING) return connection
      break
    case 'timeout':
  }

  if (state === WAITING) return online ? turn(CONNECTING, now + connectionTimeout, tries) : stay(Infinity)
  if (state === CLOSING) return finish(BROKEN)
  if (state === OPEN) {
    const silentUntil = heardAt + heartbeat.interval
    if (!asked && now < silentUntil) return stay(silentUntil)
    if (!asked || (asked < QUESTIONS && now - until >= LATE)) return ask()
  }
  return finish(failed(new Error('TIMEOUT')))
}
