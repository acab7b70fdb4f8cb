import { HoldfastError } from '../kernel/errors.ts'
import { type Resolved, resolveOptions } from '../options.ts'
import type { Codec } from '../protocol/codec.ts'
import { FIRST_LIMIT } from '../protocol/frames.ts'
import type { Schemas } from '../protocol/schema.ts'
import { type Compression, deflateOf } from './compression.ts'

/** The HTTP request that a connection began with, as far as the kit looks at it: Node's `IncomingMessage` is one. */
export interface ConnectionRequest {
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** What one client, and all of them, may take. */
export interface Limits {
  /** The most bytes one message from a client may have; at least 65 536. Default: 1 MiB. The client's `send` throws `too-large`. */
  readonly messageBytes: number
  /**
   * The most bytes that the Blobs of one message from a client may have: they are in memory until all of them are there.
   * Default: 16 MiB. The client's `send` throws `too-large`.
   */
  readonly blobBytes: number
  /** The most sessions, connected or kept. Default: 20 000. One more is told to come later (4429). */
  readonly sessions: number
  /** Messages a second that a session may send in the long run; in a burst, ten times as many. Default: 10 000. Then 4429. */
  readonly rate: number
  /** Requests and streams of one session that may wait for their answers. Default: 1000. One more fails at once with `overflow`. */
  readonly requests: number
  /** Messages to a client that may wait for sending or acknowledgement. Default: 10 000. One more ends the session as lost. */
  readonly bufferedMessages: number
  /** The same in bytes. Default: 16 MiB. */
  readonly bufferedBytes: number
  /**
   * Bytes that may be kept for all clients together, in sessions and in what their connections have not let go. Default: 512 MiB.
   * Beyond, the sessions end as lost for which most is kept.
   */
  readonly totalBytes: number
  /**
   * Connections a second, new or resuming, that are asked who they are; a second's worth at once. Default: 1000. The others are told
   * when to come (4429), each at another time.
   */
  readonly connectRate: number
  /** Connections that may be between connecting and the end of `authenticate`. Default: 10 000. Beyond, the oldest silent one is let go. */
  readonly connecting: number
  /** Milliseconds from connecting to the end of `authenticate`. Default: 10 000. Then 4408. */
  readonly helloTimeout: number
}

/** What `createServer` can be told. Durations in milliseconds. */
export interface ServerOptions<Identity = unknown> {
  /** The path that clients connect to. Default: every path. */
  path?: string
  /**
   * Who is it? Gets what the client's `auth` gave, and the request with its cookies; its result becomes `session.identity`.
   * Refuse with `null`, `undefined` or `false`, or throw a `RequestError` whose message the client may read: 4401. Anything else
   * thrown is a failure of the server: the client tries again. Default: everybody may come, as `undefined`.
   */
  authenticate?: (credentials: {
    auth: unknown
    request: ConnectionRequest
  }) => Identity | null | undefined | false | PromiseLike<Identity | null | undefined | false>
  /** Whether a session may go on as `next`, after `previous`. Default: deeply equal. */
  sameIdentity?: (previous: Identity, next: Identity) => boolean
  /**
   * Several servers share these clients, and nothing brings all of a client's connections to the same one, as a balancer
   * that hashes `?route=` does: then none can say that a message it never saw was not handled. Default: false.
   */
  distributed?: boolean
  /** The origins whose pages may connect, or `*`. Default: the server's own host. Clients that are no pages send no origin. */
  origins?: readonly string[] | '*'
  /** Whether and how WebSocket packets are compressed. Default: not at all. docs/server.md#compression */
  compression?: boolean | Compression
  /** What clients may take. */
  limits?: Partial<Limits>
  /** How long a session outlives its connection. Default: 120 000. */
  keep?: number
  /** How dead connections are found. Default: idle 25 000, timeout 10 000. */
  heartbeat?: { idle?: number; timeout?: number }
  /** When a request to a client rejects by default. Default: 30 000. */
  requestTimeout?: number
  /** As in `connect`. */
  codec?: Codec
  /** As in `connect`: Standard Schema validators by name for the data of incoming events and requests. */
  schema?: Schemas
}

/**
 * What clients gather is bounded in characters, 65,536 in a packet and ahead of the welcome, and a character has up to
 * four bytes: so much may come beside one frame of the largest size. docs/protocol.md#limits
 */
const GATHERED_BYTES = 4 * FIRST_LIMIT

/** The most bytes of a packet from a client whose messages may have so many. */
export const packetBytes = (messageBytes: number): number => messageBytes + GATHERED_BYTES

/** What a limit may be, and why: a server with less takes nobody, and one with more runs out of something else first. */
const BOUNDS: { readonly [limit in keyof Limits]?: readonly [least: number, most: number, why: string] } = {
  messageBytes: [FIRST_LIMIT, 2 ** 28, 'so much may come before a client knows it, and a string cannot hold much more'],
  blobBytes: [0, 2 ** 50, 'or clients could not be told'],
  sessions: [1, Infinity, 'or nobody could connect'],
  rate: [1, Infinity, 'or nobody could say anything'],
  requests: [1, Infinity, 'or nothing could be asked'],
  bufferedMessages: [1, Infinity, 'or nothing could be sent'],
  bufferedBytes: [1_024, Infinity, 'or nothing could be sent'],
  connectRate: [0.001, Infinity, 'or nobody could connect'],
  connecting: [1, Infinity, 'or nobody could connect'],
  helloTimeout: [1, Infinity, 'or nobody could connect'],
}

/** `createServer`'s. */
const SERVER_DEFAULTS = {
  path: undefined,
  authenticate: 'call',
  sameIdentity: 'call',
  distributed: false,
  origins: undefined,
  compression: undefined,
  limits: {
    messageBytes: 1_048_576,
    blobBytes: 16_777_216,
    sessions: 20_000,
    rate: 10_000,
    requests: 1_000,
    bufferedMessages: 10_000,
    bufferedBytes: 16_777_216,
    totalBytes: 536_870_912,
    connectRate: 1_000,
    connecting: 10_000,
    helloTimeout: 10_000,
  },
  keep: 120_000,
  heartbeat: { idle: 25_000, timeout: 10_000 },
  requestTimeout: 30_000,
  codec: 'encode decode',
  schema: undefined,
} as const

/** `ServerOptions` with nothing left open. */
export type ResolvedServerOptions<Identity> = Resolved<ServerOptions<Identity>, typeof SERVER_DEFAULTS>

const refuse = (complaint: string): never => {
  throw new HoldfastError('invalid-option', complaint)
}

/** Checks and completes. Throws `invalid-option`. */
export const resolveServerOptions = <Identity>(options: ServerOptions<Identity>): ResolvedServerOptions<Identity> => {
  const resolved = resolveOptions(options, SERVER_DEFAULTS)
  const { limits } = resolved
  for (const [limit, [least, most, why]] of Object.entries(BOUNDS)) {
    const value = limits[limit as keyof Limits]
    if (value < least) refuse(`\`limits.${limit}\` must be at least ${least}: ${why}.`)
    if (value > most) refuse(`\`limits.${limit}\` must be at most ${most}: ${why}.`)
  }
  if (limits.totalBytes < limits.bufferedBytes)
    refuse('`limits.totalBytes` must be at least `limits.bufferedBytes`: what one client may take, all of them may.')
  const { origins, path, compression } = resolved
  deflateOf(compression)
  if (origins !== undefined && origins !== '*' && !Array.isArray(origins))
    refuse("`origins` must be an array of origins, such as `['https://example.com']`, or `'*'`.")
  if (path !== undefined && !(typeof path === 'string' && path.startsWith('/')))
    refuse('`path` must be a text that begins with `/`.')
  return resolved
}
