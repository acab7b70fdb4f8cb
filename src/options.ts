import type { Backoff } from './kernel/backoff.ts'
import { HoldfastError } from './kernel/errors.ts'
import type { Heartbeat } from './kernel/liveness.ts'
import type { OutboxBounds } from './kernel/outbox.ts'
import type { Persistence } from './session/legacy.ts'
import type { ProviderContext } from './session/provider.ts'
import type { Trace } from './session/trace.ts'
import type { Codec } from './protocol/codec.ts'
import type { Schemas } from './protocol/schema.ts'

/** What `connect` can be told. Nobody needs any of it. Durations in milliseconds. */
export interface ConnectOptions {
  /**
   * What the server's `authenticate` gets: any JSON value, or a function that gives one for each connection, at once or
   * later. A rejected token (4401) makes Holdfast ask once more, then close with `unauthorized`.
   */
  auth?: string | number | boolean | object | null | undefined | ((context: ProviderContext) => unknown)
  /** How long to wait between tries. Default: base 1000, factor 2, max 30 000, jitter 1. */
  backoff?: Partial<Backoff>
  /** How dead connections are found. Default: idle 25 000, timeout 10 000. */
  heartbeat?: Partial<Heartbeat>
  /** How long a try may take, `url` and `auth` functions included. Default: 10 000. */
  connectTimeout?: number
  /**
   * `auto`: WebSocket, and HTTP where that is blocked. Or only one of them; `long-polling` is HTTP without streaming.
   * Default: `auto`.
   */
  transport?: 'auto' | 'websocket' | 'http' | 'long-polling'
  /** The longest that a WebSocket may take to open before HTTP is tried beside it; less where the round trip is known. Default: 2000. */
  fallbackAfter?: number
  /**
   * Sends the first messages by HTTP while the WebSocket still opens: one round trip earlier than it could. With several servers,
   * the balancer must hash `?route=`. Default: false.
   */
  fastStart?: boolean
  /** Whether HTTP takes cookies to other origins, as WebSockets do: see `fetch`. Default: `same-origin`. */
  credentials?: 'same-origin' | 'include'
  /**
   * Hears which carriers were tried and what came of each, every packet, without secrets, and every change of the status. `console`
   * prints a line of each. Default: none.
   */
  trace?: Trace | undefined
  /** How much may wait to be sent or acknowledged, and what happens to more. Default: 10 000 messages, 16 MiB, `reject`. */
  outbox?: Partial<OutboxBounds> & {
    /** Where the session outlives the page, see `holdfast/store`. Default: nowhere. */
    store?: Persistence | undefined
  }
  /** The most bytes of Blobs that the server may send in one message. Default: 128 MiB. */
  maxBlobBytes?: number
  /** What happens to events that were out when the server lost the session: sent again (and perhaps twice), or given up. Default: `resend`. */
  inDoubt?: 'resend' | 'reject'
  /** When a request without a `timeout` of its own rejects. Default: 30 000. */
  requestTimeout?: number
  /** Turns values into what JSON can carry and back. Default: none. */
  codec?: Codec | undefined
  /** Standard Schema validators by name for the data of incoming events and requests. Default: none. */
  schema?: Schemas | undefined
  /** Closes the socket at once when aborted. */
  signal?: AbortSignal | undefined
}

/**
 * The defaults, which say what an option is: a number, true or false, one of some words (the first), an object of options, something
 * with certain methods (a string has their names, `|` between alternatives; `call`: a function), or anything (undefined); the last two have none.
 */
export interface Defaults {
  readonly [option: string]: number | boolean | string | readonly string[] | Defaults | undefined
}

/** `connect`'s. */
export const CONNECT_DEFAULTS = {
  auth: undefined,
  backoff: { base: 1_000, factor: 2, max: 30_000, jitter: 1 },
  heartbeat: { idle: 25_000, timeout: 10_000 },
  connectTimeout: 10_000,
  transport: ['auto', 'websocket', 'http', 'long-polling'],
  fallbackAfter: 2_000,
  fastStart: false,
  credentials: ['same-origin', 'include'],
  trace: 'call|debug',
  outbox: {
    maxMessages: 10_000,
    maxBytes: 16_777_216,
    overflow: ['reject', 'drop-oldest', 'drop-newest'],
    store: 'create',
  },
  maxBlobBytes: 134_217_728,
  inDoubt: ['resend', 'reject'],
  requestTimeout: 30_000,
  codec: 'encode decode',
  schema: undefined,
  signal: 'throwIfAborted',
} as const

/** What {@link resolveOptions} makes of options `O` and defaults `D`: nothing is left open. */
export type Resolved<O, D> = {
  readonly [K in keyof D]: D[K] extends Defaults
    ? Resolved<K extends keyof O ? Exclude<O[K], undefined> : never, D[K]>
    : K extends keyof O
      ? Exclude<O[K], undefined> | (D[K] extends undefined | string ? undefined : never)
      : never
}

/** How much two words are alike: the pairs of letters that they share, as a part of all (Sørensen–Dice). */
const likeness = (a: string, b: string): number =>
  Array.from(a, (_, i) => a.slice(i, i + 2)).filter((pair) => b.includes(pair)).length / (a.length + b.length)

const demand = (isMet: boolean, complaint: string): void => {
  if (!isMet) throw new HoldfastError('invalid-option', complaint)
}

/** Checks and completes, for both sides. Throws `invalid-option`, saying what was meant, for a name or a value that is none. */
export const resolveOptions = <O extends object, D extends Defaults>(
  options: O,
  defaults: D,
  path = '',
): Resolved<O, D> => {
  demand(typeof options === 'object' && !!options, `\`${path.slice(0, -1) || 'options'}\` must be an object.`)
  const names = Object.keys(defaults)
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    const nearest = names.reduce((a, b) => (likeness(name, b) > likeness(name, a) ? b : a))
    demand(false, `There is no option \`${path}${name}\`. Did you mean \`${nearest}\`?`)
  }
  return Object.fromEntries(
    Object.entries(defaults).map(([name, preset]) => {
      const value = (options as Record<string, unknown>)[name]
      const full = path + name
      if (Array.isArray(preset)) {
        const choice: unknown = value === undefined ? preset[0] : value
        demand(preset.includes(choice), `\`${full}\` must be one of ${preset.join(', ')}.`)
        return [name, choice]
      }
      if (preset instanceof Object) return [name, resolveOptions(value ?? {}, preset as Defaults, `${full}.`)]
      if (value === undefined) return [name, typeof preset === 'string' ? undefined : preset]
      if (typeof preset === 'string') {
        const has = (method: string): boolean =>
          typeof (value as Record<string, unknown> | null)?.[method] === 'function'
        const kinds = preset.split('|')
        demand(
          kinds.some((methods) => methods.split(' ').every(has)),
          `\`${full}\` must be ${kinds.map((methods) => (methods === 'call' ? 'a function' : `an object with \`${methods}\``)).join(' or ')}.`,
        )
      }
      if (typeof preset === 'number')
        demand(typeof value === 'number' && value >= 0, `\`${full}\` must be a number, not negative.`)
      if (typeof preset === 'boolean') demand(typeof value === 'boolean', `\`${full}\` must be true or false.`)
      return [name, value]
    }),
  ) as Resolved<O, D>
}
