import { HoldfastError } from '../kernel/errors.ts'
import { type Resolved, resolveOptions } from '../options.ts'
import type { Codec } from '../wire/codec.ts'
import { FIRST_LIMIT } from '../wire/frames.ts'
import type { Schemas } from '../wire/schema.ts'

/** The HTTP request that a connection began with, as far as the kit looks at it: Node's `IncomingMessage` is one. */
export interface ConnectionRequest {
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** What one client, and all of them, may take. */
export interface Limits {
  /** The most bytes one message from a client may have; at least 65 536. Default: 1 MiB. The client's `send` throws `too-large`. */
  readonly messageBytes: number
  /** The most sessions, connected or kept. Default: 20 000. One more is told to come later (4429). */
  readonly sessions: number
  /** Messages a second that a session may send in the long run; in a burst, ten times as many. Default: 10 000. Then 4429. */
  readonly rate: number
  /** Messages to a client that may wait for sending or acknowledgement. Default: 10 000. One more ends the session as lost. */
  readonly bufferedMessages: number
  /** The same in bytes. Default: 16 MiB. */
  readonly bufferedBytes: number
  /**
   * Bytes that may be kept for all clients together, in sessions and in what their connections have not let go. Default: 512 MiB.
   * Beyond, the sessions end as lost for which most is kept.
   */
  readonly totalBytes: number
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

/** `createServer`'s. */
const SERVER_DEFAULTS = {
  path: undefined,
  authenticate: undefined,
  sameIdentity: undefined,
  distributed: false,
  origins: undefined,
  limits: {
    messageBytes: 1_048_576,
    sessions: 20_000,
    rate: 10_000,
    bufferedMessages: 10_000,
    bufferedBytes: 16_777_216,
    totalBytes: 536_870_912,
    helloTimeout: 10_000,
  },
  keep: 120_000,
  heartbeat: { idle: 25_000, timeout: 10_000 },
  requestTimeout: 30_000,
  codec: undefined,
  schema: undefined,
} as const

/** `ServerOptions` with nothing left open. */
export type ResolvedServerOptions<Identity> = Resolved<ServerOptions<Identity>, typeof SERVER_DEFAULTS>

/** Checks and completes. Throws `invalid-option`. */
export const resolveServerOptions = <Identity>(options: ServerOptions<Identity>): ResolvedServerOptions<Identity> => {
  const resolved = resolveOptions(options, SERVER_DEFAULTS)
  if (resolved.limits.messageBytes >= FIRST_LIMIT) return resolved
  throw new HoldfastError(
    'invalid-option',
    `\`limits.messageBytes\` must be at least ${FIRST_LIMIT}: so much may come before a client knows it.`,
  )
}
