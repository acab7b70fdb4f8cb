import type { Backoff } from './kernel/backoff.ts'
import { HoldfastError } from './kernel/errors.ts'
import type { Heartbeat } from './kernel/liveness.ts'
import type { OutboxBounds } from './kernel/outbox.ts'
import type { ClientSettings } from './session/client.ts'
import type { Provider } from './session/provider.ts'
import type { Codec } from './wire/codec.ts'
import type { Schemas } from './wire/schema.ts'

/** What `connect` can be told. Nobody needs any of it. Durations in milliseconds. */
export interface ConnectOptions {
  /**
   * What the server's `authenticate` gets: any JSON value, or a function that gives one for each connection, at once or
   * later. A rejected token (4401) makes Holdfast ask once more, then close with `unauthorized`.
   */
  auth?: Provider<unknown>
  /** How long to wait between tries. Default: base 1000, factor 2, max 30 000, jitter 1. */
  backoff?: Partial<Backoff>
  /** How dead connections are found. Default: idle 25 000, timeout 10 000. */
  heartbeat?: Partial<Heartbeat>
  /** How long a try may take, `url` and `auth` functions included. Default: 10 000. */
  connectTimeout?: number
  /** How much may wait to be sent or acknowledged, and what happens to more. Default: 10 000 messages, 16 MiB, `reject`. */
  outbox?: Partial<OutboxBounds>
  /** What happens to events that were out when the server lost the session: sent again (and perhaps twice), or given up. Default: `resend`. */
  inDoubt?: 'resend' | 'reject'
  /** When a request without a `timeout` of its own rejects. Default: 30 000. */
  requestTimeout?: number
  /** Turns values into what JSON can carry and back. Default: none. */
  codec?: Codec
  /** Standard Schema validators by name for the data of incoming events and requests. Default: none. */
  schema?: Schemas
  /** Closes the socket at once when aborted. */
  signal?: AbortSignal
}

/** `ConnectOptions` with nothing left open. */
export interface ResolvedOptions extends ClientSettings {
  readonly requestTimeout: number
  readonly codec: Codec | undefined
  readonly schema: Schemas | undefined
  readonly signal: AbortSignal | undefined
}

/** What an option must be: a least number, a list of words, or `object` / `any`. */
export type Shape = number | readonly string[] | 'object' | 'any' | { readonly [option: string]: Shape }

const SHAPE: { readonly [option in keyof ConnectOptions]-?: Shape } = {
  auth: 'any',
  backoff: { base: 1, factor: 1, max: 1, jitter: 0 },
  heartbeat: { idle: 1, timeout: 1 },
  connectTimeout: 1,
  outbox: { maxMessages: 1, maxBytes: 1, overflow: ['reject', 'drop-oldest', 'drop-newest'] },
  inDoubt: ['resend', 'reject'],
  requestTimeout: 1,
  codec: 'object',
  schema: 'object',
  signal: 'object',
}

const refuse = (message: string): never => {
  throw new HoldfastError('invalid-option', message)
}

/** Edit distance between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = [...Array(b.length + 1).keys()]
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1))
    row = next
  }
  return row[b.length]!
}

const nearest = (word: string, words: string[]): string => {
  const [best] = words.sort((a, b) => distance(word, a) - distance(word, b))
  return distance(word, best!) <= Math.max(2, word.length / 3)
    ? `Did you mean "${best}"?`
    : `Known are: ${words.sort().join(', ')}.`
}

/** Throws `invalid-option`, saying what was meant, for a name or a value that is none. Shared with the server kit. */
export const checkOptions = (options: object, shape: { readonly [option: string]: Shape }, path = ''): void => {
  if (typeof options !== 'object' || options === null)
    refuse(`\`${path.slice(0, -1) || 'options'}\` must be an object.`)
  for (const [key, value] of Object.entries(options)) {
    const name = path + key
    if (!Object.hasOwn(shape, key)) refuse(`There is no option \`${name}\`. ${nearest(key, Object.keys(shape))}`)
    const wanted = shape[key]!
    if (value === undefined || wanted === 'any') continue
    if (typeof wanted === 'number') {
      if (typeof value !== 'number' || !(value >= wanted)) refuse(`\`${name}\` must be a number of at least ${wanted}.`)
    } else if (Array.isArray(wanted)) {
      if (!wanted.includes(value)) refuse(`\`${name}\` must be one of ${wanted.map((word) => `"${word}"`).join(', ')}.`)
    } else if (typeof value !== 'object' || value === null) refuse(`\`${name}\` must be an object.`)
    else if (wanted !== 'object')
      checkOptions(value as object, wanted as { readonly [option: string]: Shape }, `${name}.`)
  }
}

/** A copy without the keys that are there but undefined: they must not hide a default. */
export const given = <T extends object>(options: T | undefined): T =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as T

/** Checks and completes. Throws `invalid-option`. */
export const resolveOptions = (url: Provider<string>, options: ConnectOptions): ResolvedOptions => {
  checkOptions(options, SHAPE)
  if (typeof url !== 'string' && typeof url !== 'function')
    refuse('The URL must be a string, or a function that gives one.')
  const { backoff, heartbeat, outbox, ...rest } = given(options)
  return {
    auth: undefined,
    connectTimeout: 10_000,
    inDoubt: 'resend',
    requestTimeout: 30_000,
    codec: undefined,
    schema: undefined,
    signal: undefined,
    ...rest,
    url,
    backoff: { base: 1_000, factor: 2, max: 30_000, jitter: 1, ...given(backoff) },
    heartbeat: { idle: 25_000, timeout: 10_000, ...given(heartbeat) },
    outbox: { maxMessages: 10_000, maxBytes: 16_777_216, overflow: 'reject', ...given(outbox) },
  }
}
