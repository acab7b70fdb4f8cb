import type { Backoff } from '../kernel/backoff.ts'
import type { Heartbeat } from '../kernel/liveness.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Random } from '../platform/random.ts'
import type { Transport } from '../transports/transport.ts'
import type { ConversationOptions } from './conversation.ts'
import type { Provider } from './provider.ts'

/** What the client's runtime is told once. Durations in milliseconds. */
export interface ClientSettings extends Pick<ConversationOptions, 'codec' | 'schema'> {
  readonly url: Provider<string>
  readonly auth: Provider<unknown>
  readonly backoff: Backoff
  readonly heartbeat: Heartbeat
  readonly connectTimeout: number
  readonly outbox: OutboxBounds
  readonly inDoubt: 'resend' | 'reject'
  readonly signal: AbortSignal | undefined
}

/** The world the client lives in. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly lifecycle: Lifecycle
  /** Undefined where there is no WebSocket (server rendering): the socket stays `idle`. */
  readonly transport: Transport | undefined
}
