import { type Cell, createCell } from '../kernel/cell.ts'
import { CloseCode, errorCodeOf } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import {
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  idleConnection,
  step,
} from '../kernel/machine.ts'
import type { Backoff } from '../kernel/backoff.ts'
import type { Heartbeat } from '../kernel/liveness.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Random } from '../platform/random.ts'
import type { Carrier, Transport } from '../transports/transport.ts'
import type { Bye, Welcome } from '../wire/frames.ts'
import { createAlarm } from './alarm.ts'
import type { Calls } from './calls.ts'
import { type Lost, type LostContext, abandonSession, loseSession } from './lost.ts'
import { type Provider, provide } from './provider.ts'
import type { Session, SessionHost } from './session.ts'
import { type Status, sameStatus } from './status.ts'

/** What the client's runtime is told once. Durations in milliseconds. */
export interface ClientSettings {
  readonly url: Provider<string>
  readonly auth: Provider<unknown>
  readonly backoff: Backoff
  readonly heartbeat: Heartbeat
  readonly connectTimeout: number
  readonly outbox: OutboxBounds
  readonly inDoubt: 'resend' | 'reject'
}

/** The world the client lives in. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly lifecycle: Lifecycle
  /** Undefined where there is no WebSocket (server rendering): the socket stays `idle`. */
  readonly transport: Transport | undefined
}

/** The conversation that the runtime keeps alive; it is built around the runtime, so it is handed in as a function. */
export interface Talk {
  readonly session: Session
  readonly calls: Calls
  fault(error: HoldfastError): void
  thrown(error: unknown, where: string): void
  decode(data: unknown): unknown
  shut(error: HoldfastError): void
  end(error: HoldfastError): void
}

/** The endpoint's part of a session's host. */
export type Endpoint = Omit<SessionHost, 'deliver' | 'fault' | 'dropped'>

/** The client's side of a session: interprets the connection machine's effects, and nothing else does. */
export interface Client<T extends Talk> {
  readonly talk: T
  readonly status: Cell<Status>
  onLost(listener: (lost: Lost) => void): () => void
  reconnect(): void
  close(options?: { timeout?: number }): Promise<void>
}

/** Milliseconds that `close` waits for acknowledgements. */
const CLOSE_TIMEOUT = 5_000

export const createClient = <T extends Talk>(
  settings: ClientSettings,
  { clock, random, lifecycle, transport }: Platform,
  talkOn: (endpoint: Endpoint) => T,
): Client<T> => {
  let machine: Connection = idleConnection
  let carrier: Carrier | undefined
  let abort: AbortController | undefined
  let lastClose: { code: number; reason: string } | null = null
  let id = random.id()
  let life: string | undefined
  /** Carriers tried in this session, which orders them for the server. */
  let tries = 0
  let resumed = false
  let lostGot: number | undefined
  /** Frames wait for the welcome: a carrier took some along and died before its own, so a server may have had them and not know. */
  let held = false
  /** Where the numbers stood at the welcome: more is progress. */
  let start = 0
  let touched = false
  let closing: Promise<void> | undefined
  const lostListeners = new Set<{ call: (lost: Lost) => void }>()

  const progress = (): number => session.got + session.from
  const ended = (epoch: number, code: number, cause: HoldfastError, retry?: Bye['retry']): void => {
    lastClose = { code, reason: cause.message }
    apply({ type: 'ended', epoch, code, cause, retry, progress: progress() > start })
  }
  /** The name under which a closed connection is told to the application. */
  const causeOf = (code: number, reason: string, fallback: string): HoldfastError =>
    new HoldfastError(errorCodeOf(code), `${reason || fallback} (code ${code}).`)

  const talk = talkOn({
    clock,
    heartbeat: settings.heartbeat,
    bounds: settings.outbox,
    welcome,
    bye({ code, reason = '', retry, got }) {
      lostGot = got
      const cause = causeOf(code, reason, 'The server ended the connection')
      // A carrier that closes with 1000 says nothing of the session; a bye that does ends it.
      ended(machine.epoch, code, cause, code === CloseCode.normal ? false : retry)
    },
    broken: (code, error) => ended(machine.epoch, code, error),
    overflow(item) {
      const { overflow, maxMessages, maxBytes } = settings.outbox
      const isPinned = typeof item === 'object' && 'pinned' in item && item.pinned
      if (overflow !== 'drop-newest' || isPinned)
        throw new HoldfastError(
          'overflow',
          `The outbox is full (${maxMessages} messages or ${maxBytes} bytes). Wait for \`flush()\`, raise the bounds, or choose another \`outbox.overflow\`.`,
        )
      talk.fault(new HoldfastError('dropped', 'A message was dropped, because the outbox is full.'))
    },
    changed,
  })
  const { session } = talk
  const alarm = createAlarm(clock, () => {
    apply({ type: 'due' })
    session.due()
    changed()
  })

  const snapshot = (): Status => ({
    state: machine.state,
    pausedBy: machine.state === 'paused' ? 'offline' : null,
    transport: machine.state === 'open' ? carrier!.transport : null,
    attempt: machine.attempt,
    retryAt: machine.state === 'waiting' ? machine.deadline : null,
    cause: machine.cause,
    latency: session.roundTrip < 0 ? null : session.roundTrip,
    queued: session.queued,
    unacknowledged: session.unacknowledged,
    resumed,
  })
  const cell = createCell(snapshot(), (error) => talk.thrown(error, 'A status listener'))
  const refresh = (): void => {
    const next = snapshot()
    if (!sameStatus(cell.get(), next)) cell.set(next)
  }
  /** Counters move with every message, so their watchers are told once a task; the timer follows at once. */
  function changed(): void {
    alarm.set(machine.state === 'closed' ? Infinity : Math.min(machine.deadline, session.deadline))
    if (touched || cell.watched === 0) return
    touched = true
    clock.soon(() => {
      touched = false
      refresh()
    })
  }

  function apply(input: ConnectionInput): void {
    const { backoff, connectTimeout } = settings
    const world = { now: clock.now(), chance: random.float(), online: lifecycle.online(), backoff, connectTimeout }
    const [next, effects] = step(machine, input, world)
    if (next === machine && effects.length === 0) return
    machine = next
    for (const effect of effects) perform[effect]()
    changed()
    refresh()
  }

  const perform: Record<ConnectionEffect, () => void> = {
    drop() {
      abort?.abort()
      session.detach()
      carrier?.close()
      carrier = abort = undefined
      resumed = false
    },
    dial,
    probe: session.probe,
    lose() {
      id = random.id()
      life = undefined
      tries = 0
      lose(lostGot, machine.cause!)
    },
    finish() {
      unsubscribe?.()
      const cause = machine.cause ?? new HoldfastError('closed', 'The socket is closed.')
      const lost = abandonSession(context, cause)
      talk.end(cause)
      if (lost.inDoubt.length + lost.unsent.length > 0) tellLost(lost)
    },
  }
  const context: LostContext = { session, calls: talk.calls, inDoubt: settings.inDoubt, decode: talk.decode }

  function lose(got: number | undefined, cause: HoldfastError): void {
    talk.fault(cause)
    tellLost({ cause, inDoubt: loseSession(context, got), unsent: [] })
  }

  function tellLost(lost: Lost): void {
    for (const listener of [...lostListeners])
      try {
        listener.call(lost)
      } catch (error) {
        talk.thrown(error, 'A lost listener')
      }
  }

  function dial(): void {
    const { epoch, attempt } = machine
    const { signal } = (abort = new AbortController())
    const isCurrent = (): boolean => machine.epoch === epoch
    const failed =
      (what: string) =>
      (error: unknown): void => {
        if (isCurrent())
          ended(
            epoch,
            0,
            new HoldfastError(
              'provider-failed',
              `The \`${what}\` function failed${error instanceof Error ? `: ${error.message}` : ''}.`,
              error,
            ),
          )
      }
    const providing = { attempt, lastClose, signal }
    let auth: unknown
    let waitFor = 2
    // Connecting and authorizing take their time side by side; the hello needs both.
    const ready = (): void => {
      if (--waitFor > 0) return
      held = life === undefined && session.unacknowledged > 0
      const hello = { session: id, attempt: ++tries, nonce: random.id(), from: session.from, got: session.got }
      session.attach(
        carrier!,
        { hello: { ...hello, ...(life && { life }), ...(auth !== undefined && { auth }) } },
        held,
      )
    }
    provide(
      settings.auth,
      providing,
      (value) => {
        if (!isCurrent()) return
        auth = value
        ready()
      },
      failed('auth'),
    )
    if (isCurrent())
      provide(
        settings.url,
        providing,
        (url) => {
          if (isCurrent()) open(url, epoch, ready)
        },
        failed('url'),
      )
  }

  function open(url: string, epoch: number, ready: () => void): void {
    let opened = false
    try {
      const dialed = transport!(url, {
        open() {
          opened = true
          ready()
        },
        message: (packet) => session.receive(dialed, packet),
        close: (code, reason) =>
          ended(
            epoch,
            code,
            causeOf(
              code,
              reason,
              opened
                ? 'The connection broke'
                : `No connection to ${url.split('?')[0]}: is the server up, does it accept this origin, and does it speak holdfast.v1?`,
            ),
          ),
      })
      carrier = dialed
    } catch (error) {
      apply({
        type: 'close',
        cause: new HoldfastError(
          'invalid-option',
          `Cannot connect to ${url.split('?')[0]}: ${(error as Error).message}`,
          error,
        ),
      })
    }
  }

  function welcome(w: Welcome): void {
    const known = life !== undefined
    if (w.fresh && held)
      lose(
        undefined,
        new HoldfastError(
          'session-lost',
          'A connection broke before its welcome, and the server does not know the session.',
        ),
      )
    if ((known && w.life !== life) || !session.resume(w.from, w.got))
      return ended(
        machine.epoch,
        CloseCode.lost,
        new HoldfastError('session-lost', 'The server no longer knows where this session stood.'),
      )
    life = w.life
    resumed = known
    start = progress()
    apply({ type: 'welcomed', epoch: machine.epoch })
    session.limit = w.limit
  }

  let unsubscribe: (() => void) | undefined
  if (transport) {
    unsubscribe = lifecycle.subscribe((event) => apply({ type: event === 'offline' ? 'offline' : 'wake' }))
    apply({ type: 'start' })
  }

  const finish = (): void => {
    if (machine.state === 'open') session.farewell({ code: CloseCode.normal })
    apply({ type: 'close', cause: null })
  }

  return {
    talk,
    status: {
      get: () => (refresh(), cell.get()),
      subscribe: cell.subscribe,
    },
    onLost(call) {
      const listener = { call }
      lostListeners.add(listener)
      return () => void lostListeners.delete(listener)
    },
    reconnect: () => transport && apply({ type: 'reconnect' }),
    close: ({ timeout = CLOSE_TIMEOUT } = {}) =>
      (closing ??= new Promise((resolve) => {
        talk.shut(new HoldfastError('closed', 'The socket is closed.'))
        const done = (): void => {
          disarm()
          finish()
          resolve()
        }
        const disarm = clock.after(timeout, done)
        if (!transport || timeout <= 0 || session.queued + session.unacknowledged === 0) done()
        else session.flush().then(done, done)
      })),
  }
}
