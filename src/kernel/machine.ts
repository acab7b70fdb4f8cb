import { type Backoff, backoffDelay } from './backoff.ts'
import { CloseCode, verdict } from './close-codes.ts'
import { HoldfastError } from './errors.ts'

/**
 * Where the client's connection stands.
 *
 * - `idle`: not started; on a platform without WebSocket (server rendering) it stays so.
 * - `connecting`: a try is under way, from asking for the URL to the server's welcome.
 * - `open`: the server said welcome.
 * - `waiting`: the next try has its time.
 * - `paused`: there is no network; no tries until it is back.
 * - `closed`: for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed'

/** The whole state of the client's connection, in one value. Times in milliseconds of one clock. */
export interface Connection {
  readonly state: ConnectionState
  /** Number of the current try. What comes from an earlier one (a late socket, timer, token) is ignored. */
  readonly epoch: number
  /** Tries since the connection last proved good. */
  readonly attempt: number
  /** When `due` must come; Infinity for never. `connecting` and `waiting` always have one. */
  readonly deadline: number
  readonly openedAt: number
  /** The last try was refused as unauthorized: once more is an end. */
  readonly reauthorizing: boolean
  /** Why the last connection or try ended. */
  readonly cause: HoldfastError | null
}

/** What a connection that ended told. */
export interface Ending {
  readonly code: number
  readonly cause: HoldfastError
  /** What the server asked for: when to come back, or false for never. */
  readonly retry?: { readonly after: number; readonly spread?: number } | false | undefined
  /** A counted frame was delivered or acknowledged on it. */
  readonly progress: boolean
}

export type ConnectionInput =
  | { readonly type: 'start' | 'reconnect' | 'wake' | 'offline' | 'due' }
  | { readonly type: 'welcomed'; readonly epoch: number }
  | ({ readonly type: 'ended'; readonly epoch: number } & Ending)
  | { readonly type: 'close'; readonly cause: HoldfastError | null }

/**
 * What the runtime must do, in order: `drop` the carrier and the providers of the last try; `lose` the session;
 * `dial` the try of this epoch; `probe` the open carrier; `finish` for good.
 */
export type ConnectionEffect = 'drop' | 'lose' | 'dial' | 'probe' | 'finish'

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

export const idleConnection: Connection = {
  state: 'idle',
  epoch: 0,
  attempt: 0,
  deadline: Infinity,
  openedAt: 0,
  reauthorizing: false,
  cause: null,
}

type Step = [state: Connection, effects: readonly ConnectionEffect[]]

const dial = (c: Connection, { now, connectTimeout }: ConnectionWorld, change?: Partial<Connection>): Step => {
  const attempt = (change?.attempt ?? c.attempt) + 1
  return [
    { ...c, ...change, state: 'connecting', epoch: c.epoch + 1, attempt, deadline: now + connectTimeout },
    ['drop', 'dial'],
  ]
}

const finish = (c: Connection, cause: HoldfastError | null): Step => [
  { ...c, state: 'closed', epoch: c.epoch + 1, deadline: Infinity, cause },
  ['drop', 'finish'],
]

const pause = (c: Connection): Step => [{ ...c, state: 'paused', epoch: c.epoch + 1, deadline: Infinity }, ['drop']]

/**
 * Failures that still count when this connection ends. A welcome alone forgives nothing, or a server that accepts and
 * closes would be called without pause; a connection that moved messages starts over, but not below the first range.
 */
const failuresAfter = (c: Connection, { progress }: Ending, now: number): number => {
  if (c.state !== 'open') return c.attempt
  if (now - c.openedAt >= PROVEN_AFTER) return 0
  return progress ? Math.min(c.attempt, 1) : c.attempt
}

const end = (before: Connection, ending: Ending, world: ConnectionWorld): Step => {
  const { now, chance } = world
  const { cause, retry, code } = ending
  const judged = verdict(code)
  if (judged === 'final' || retry === false) return finish(before, cause)
  const c = { ...before, attempt: failuresAfter(before, ending, now), cause }
  if (judged === 'reauthorize') return c.reauthorizing ? finish(c, cause) : dial(c, world, { reauthorizing: true })
  const lost: ConnectionEffect[] = judged === 'lose' ? ['drop', 'lose'] : ['drop']
  if (!world.online) return [pause(c)[0], lost]
  // Our own verdict on a silent line strikes one client at a time, and a lost session has a live server behind it.
  const atOnce = c.attempt <= 1 && (judged === 'lose' || cause.code === 'unresponsive')
  const delay = retry
    ? retry.after + chance * (retry.spread ?? 0)
    : atOnce
      ? 0
      : backoffDelay(world.backoff, c.attempt, chance)
  return [{ ...c, state: 'waiting', epoch: c.epoch + 1, deadline: now + delay }, lost]
}

/** State × input → state × effects. Pure: the same arguments give the same answer. docs/architecture.md#machine */
export const step = (c: Connection, input: ConnectionInput, world: ConnectionWorld): Step => {
  if (c.state === 'closed') return [c, []]
  const active = c.state === 'connecting' || c.state === 'open'
  switch (input.type) {
    case 'close':
      return finish(c, input.cause)
    case 'start':
      return c.state === 'idle' ? (world.online ? dial(c, world) : pause(c)) : [c, []]
    case 'reconnect':
      return dial(c, world, { attempt: 0 })
    case 'welcomed':
      if (input.epoch !== c.epoch || c.state !== 'connecting') return [c, []]
      return [{ ...c, state: 'open', deadline: Infinity, openedAt: world.now, reauthorizing: false, cause: null }, []]
    case 'ended':
      return input.epoch === c.epoch && active ? end(c, input, world) : [c, []]
    case 'offline':
      // An open carrier may still work, whatever the platform believes: ask it.
      if (c.state === 'open') return [c, ['probe']]
      return c.state === 'paused' || c.state === 'idle' ? [c, []] : pause(c)
    case 'wake':
      if (c.state === 'open') return [c, ['probe']]
      return world.online && (c.state === 'waiting' || c.state === 'paused') ? dial(c, world) : [c, []]
    case 'due':
      if (world.now < c.deadline) return [c, []]
      if (c.state === 'waiting') return dial(c, world)
      return end(
        c,
        {
          code: CloseCode.timeout,
          cause: new HoldfastError(
            'timeout',
            `The server did not say welcome within ${world.connectTimeout} ms.`,
            c.cause ?? undefined,
          ),
          progress: false,
        },
        world,
      )
  }
}
