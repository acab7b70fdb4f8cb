import type { Backoff } from '../kernel/backoff.ts'
import type { Heartbeat } from '../kernel/liveness.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Memory } from '../platform/memory.ts'
import type { Network } from '../platform/network.ts'
import type { Random } from '../platform/random.ts'
import type { Post } from '../transports/post.ts'
import type { Transport } from '../transports/transport.ts'
import type { ConversationOptions } from './conversation.ts'
import type { Persistence } from './legacy.ts'
import type { Provider } from './provider.ts'
import type { Trace } from './trace.ts'

/** What the client's runtime is told once. Durations in milliseconds. */
export interface ClientSettings extends Pick<ConversationOptions, 'codec' | 'schema' | 'maxBlobBytes'> {
  readonly url: Provider<string>
  readonly auth: Provider<unknown>
  readonly backoff: Backoff
  readonly heartbeat: Heartbeat
  readonly connectTimeout: number
  readonly transport: 'auto' | 'websocket' | 'http' | 'long-polling'
  readonly fallbackAfter: number
  readonly fastStart: boolean
  readonly credentials: 'same-origin' | 'include'
  readonly trace: Trace | undefined
  readonly outbox: OutboxBounds & { readonly store: Persistence | undefined }
  readonly inDoubt: 'resend' | 'reject'
  readonly signal: AbortSignal | undefined
}

/** The world the client lives in. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly lifecycle: Lifecycle
  readonly memory: Memory
  readonly network: Network
  /** WebSocket. Undefined where there is none (server rendering): the socket stays `idle`. */
  readonly transport: Transport | undefined
  /** HTTP; undefined where there is to be none. */
  readonly post: ((credentials: 'same-origin' | 'include') => Post) | undefined
}
