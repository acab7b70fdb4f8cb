import type { Heartbeat } from '../kernel/liveness.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { ConnectOptions } from '../options.ts'
import type { Wire } from './wire.ts'

/** What `connect` can be told. Only the wire is needed. Durations in milliseconds. */
export interface WireOptions<Opening> extends Pick<ConnectOptions, 'backoff' | 'requestTimeout' | 'signal'> {
  /** What the server speaks: `plain()`, `jsonRpc()`, or one of your own. */
  wire: Wire
  /**
   * What is to be done on each connection, ahead of the queue: log in, subscribe. The connection is open when it has returned, or when
   * its promise has resolved. What it throws ends the try; a `HoldfastError` that is `forbidden` the socket, and one that is
   * `unauthorized` does so the second time running.
   */
  onOpen?: ((opening: Opening) => unknown) | undefined
  /** Whether to connect again after such a close. Default: unless the code is 1009, or 44xx other than 4408, 4410, 4425, 4429 and the first 4401. */
  shouldReconnect?: ((close: { readonly code: number; readonly reason: string }) => boolean) | undefined
  /** How dead connections are found, if the wire has a `ping`. Default: idle 25 000, timeout 10 000. */
  heartbeat?: Partial<Heartbeat>
  /** How long a try may take, `url` and `onOpen` included. Default: 10 000. */
  connectTimeout?: number
  /** How much may wait to be sent, and what happens to more. Default: 10 000 messages, 16 MiB, `reject`. */
  outbox?: Partial<OutboxBounds>
}

/** As for `connect` of `holdfast`, which a test sees to: declarations are made file by file, and can share none. */
export const WIRE_DEFAULTS = {
  wire: 'encode decode',
  onOpen: 'call',
  shouldReconnect: 'call',
  backoff: { base: 1_000, factor: 2, max: 30_000, jitter: 1 },
  heartbeat: { idle: 25_000, timeout: 10_000 },
  connectTimeout: 10_000,
  requestTimeout: 30_000,
  outbox: { maxMessages: 10_000, maxBytes: 16_777_216, overflow: ['reject', 'drop-oldest', 'drop-newest'] },
  signal: 'throwIfAborted',
} as const
