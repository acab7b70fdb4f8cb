import type { Backoff } from '../kernel/backoff.ts'
import { NORMAL, TIMEOUT, UNREACHABLE } from '../kernel/close-codes.ts'
import { createEmitter } from '../kernel/emitter.ts'
import { type ErrorCode, HoldfastError, excerpt, thrownBy } from '../kernel/errors.ts'
import { type Heartbeat, createLiveness } from '../kernel/liveness.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Random } from '../platform/random.ts'
import { type ConnectionRuntime, createConnection } from '../session/connection.ts'
import { type Provider, type ProviderContext, provide } from '../session/provider.ts'
import type { Carrier, Packet, Transport } from '../transports/transport.ts'
import { type Opening, attempt } from './attempt.ts'
import { type WireRequestOptions, createCalls } from './calls.ts'
import type { WireOptions } from './options.ts'
import { type WireSendOptions, createOutlet } from './outlet.ts'
import type { WireSocket, WireStatus } from './socket.ts'
import type { WireData, WireMessage } from './wire.ts'

/** What it is told once. */
export interface WireSettings extends Required<WireOptions<Opening>> {
  readonly url: Provider<string>
  readonly backoff: Backoff
  readonly heartbeat: Heartbeat
  readonly outbox: OutboxBounds
}

/** The world it lives in. */
export interface WirePlatform {
  readonly clock: Clock
  readonly random: Pick<Random, 'float'>
  readonly lifecycle: Lifecycle
  /** Undefined where there are no WebSockets (server rendering): the socket stays `idle`. */
  readonly transport: Transport | undefined
  readonly report: (error: unknown) => void
}

/** Milliseconds that `close` waits for what is queued. */
const CLOSE_TIMEOUT = 5_000

/** A socket without a session: when its connection breaks, what was under way is lost. */
export const createWireClient = (settings: WireSettings, platform: WirePlatform): WireSocket => {
  const { wire, signal } = settings
  const { clock, lifecycle, transport, report } = platform
  const errors: Partial<Record<ErrorCode, number>> = {}
  const notices = createEmitter(report)
  const liveness = createLiveness(settings.heartbeat)
  let carrier: Carrier | undefined
  /** The try of this epoch. */
  let trying = new AbortController()
  let lastClose: ProviderContext['lastClose'] = null
  /** Something came on this connection. */
  let progress = false
  let closed: HoldfastError | undefined
  let closing: Promise<void> | undefined
  let drained: (() => void) | undefined
  let unhear: (() => void) | undefined

  const fault = (error: HoldfastError): void => {
    errors[error.code] = (errors[error.code] ?? 0) + 1
    if (error.code === 'handler-failed') report(error.cause)
    notices.emit('', error)
  }
  const thrown = (error: unknown, where: string): void => fault(thrownBy(error, where))
  const isOpen = (): boolean => connection.state.state === 'open'
  const isHeard = (): boolean => isOpen() && !!wire.ping

  const outlet = createOutlet({
    ...settings,
    clock,
    carrier: () => (isOpen() ? carrier : undefined),
    fault,
    flushed() {
      if (outlet.queued === 0) drained?.()
      connection.changed()
    },
  })
  const calls = createCalls({
    ...settings,
    clock,
    fault,
    remove: outlet.remove,
    push(entry, force) {
      if (closed && !force) throw closed
      outlet.push(entry, force)
    },
  })

  /** `again`: whether there is to be another try, if that does not follow from the code. */
  const ended = (code: number, cause: HoldfastError, again?: boolean): void => {
    lastClose = { code, reason: cause.message }
    const { epoch } = connection.state
    const retry = again === false ? again : undefined
    connection.apply({ type: 'ended', epoch, code: again ? UNREACHABLE : code, cause, retry, progress })
  }

  const attach = (to: Carrier): void => {
    carrier = to
  }
  const opened = (): void => liveness.start(clock.now())
  const message = (packet: Packet): void => {
    const { signal: broken } = trying
    progress = true
    liveness.heard(clock.now())
    let messages: readonly WireMessage[] = []
    try {
      messages = [wire.decode(packet)].flat()
    } catch (error) {
      fault(new HoldfastError('malformed-frame', `Cannot read "${excerpt(String(packet))}".`, error))
    }
    for (const received of messages)
      if (received.isPong) liveness.answered(clock.now())
      else if (!broken.aborted) calls.receive(received, (data) => carrier!.send(data), broken)
    // Until an answer to `ping` was told from other messages, any of them may be one.
    if (liveness.roundTrip < 0) liveness.start(clock.now())
    connection.changed()
  }

  const probe = (): void => {
    if (!isHeard() || !liveness.asked(clock.now())) return
    provide<WireData, undefined>(
      wire.ping!,
      undefined,
      (data) => carrier!.send(data),
      (error) => thrown(error, '`ping`'),
    )
  }

  const connection: ConnectionRuntime<WireStatus> = createConnection(settings, platform, {
    perform: {
      dial() {
        trying = new AbortController()
        const { attempt: count, epoch } = connection.state
        const welcomed = (): void => {
          connection.apply({ type: 'welcomed', epoch })
          outlet.schedule()
        }
        const host = { ...settings, transport: transport!, calls, attach, opened, welcomed, message, ended, thrown }
        attempt(host, { attempt: count, lastClose, signal: trying.signal })
      },
      probe,
      // There is no session to lose.
      lose() {},
      finish() {
        unhear?.()
        closed = connection.state.cause ?? closed ?? new HoldfastError('closed', 'The socket is closed.')
        calls.end(closed)
        outlet.clear(closed.message)
      },
    },
    drop() {
      trying.abort()
      carrier?.close(NORMAL)
      carrier = undefined
      progress = false
      if (connection.state.state !== 'closed') calls.broke()
    },
    deadline: () => Math.min(outlet.deadline, isHeard() ? liveness.deadline() : Infinity),
    due() {
      const now = clock.now()
      if (outlet.deadline <= now) outlet.flush()
      const verdict = isHeard() && liveness.judge(now)
      if (verdict === 'ask') probe()
      if (verdict === 'dead') ended(TIMEOUT, new HoldfastError('unresponsive', 'No answer came, not even to `ping`.'))
    },
    snapshot({ state, pausedBy, attempt: count, deadline, cause }) {
      const latency = liveness.roundTrip < 0 ? null : liveness.roundTrip
      return {
        state,
        pausedBy,
        attempt: count,
        retryAt: state === 'waiting' ? deadline : null,
        cause,
        latency,
        queued: outlet.queued,
      }
    },
    thrown,
  })

  const close: WireSocket['close'] = ({ timeout = CLOSE_TIMEOUT } = {}) =>
    (closing ??= new Promise((resolve) => {
      closed ??= new HoldfastError('closed', 'The socket is closed.')
      drained = () => {
        disarm()
        drained = undefined
        connection.apply({ type: 'close', cause: null })
        resolve()
      }
      const disarm = clock.after(timeout, drained)
      if (transport && timeout > 0) outlet.flush()
      else drained()
    }))
  const abort = (): void => void close({ timeout: 0 })
  if (transport) {
    const deafen = lifecycle.subscribe((event) => {
      if (event !== 'leave') connection.apply({ type: event === 'network' ? 'wake' : event })
    })
    signal?.addEventListener('abort', abort)
    unhear = () => {
      deafen()
      signal?.removeEventListener('abort', abort)
    }
    if (signal?.aborted) abort()
    else connection.apply({ type: 'start' })
  }

  const { on, once, handle, ask, encode } = calls
  // Not every engine has explicit resource management yet.
  const { asyncDispose } = Symbol as Partial<Pick<SymbolConstructor, 'asyncDispose'>>
  const socket = {
    status: connection.status,
    errors,
    get bufferedAmount() {
      return outlet.bytes + (carrier?.bufferedAmount ?? 0)
    },
    on,
    once,
    onError: (listener: (error: HoldfastError) => void) => notices.on('', listener),
    send(name: string, data?: unknown, options: WireSendOptions = {}) {
      if (closed) throw closed
      outlet.send(name, encode({ name, data })!, options)
    },
    request: (name: string, data?: unknown, options?: WireRequestOptions) => ask(name, data, options),
    handle,
    reconnect: () => transport && connection.apply({ type: 'reconnect' }),
    close,
    ...(asyncDispose && { [asyncDispose]: () => close() }),
  }
  return socket as object as WireSocket
}
