import type { Backoff } from '../kernel/backoff.ts'
import { type Cell, createCell } from '../kernel/cell.ts'
import { createEmitter } from '../kernel/emitter.ts'
import { LOST, NORMAL, errorCodeOf } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import type { Heartbeat } from '../kernel/liveness.ts'
import {
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  idleConnection,
  step,
} from '../kernel/machine.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Random } from '../platform/random.ts'
import type { Carrier, Transport } from '../transports/transport.ts'
import type { RetryHint } from '../wire/frames.ts'
import { createAlarm } from './alarm.ts'
import { type Conversation, type ConversationOptions, createConversation } from './conversation.ts'
import { type Lost, loseSession } from './lost.ts'
import { type Provider, provide } from './provider.ts'
import { type Status, sameStatus } from './status.ts'

/** What the client's runtime is told once. Durations in milliseconds. */
export interface ClientSettings extends Pick<ConversationOptions, 'codec' | 'schema'> {
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

/** The client's end: interprets the connection machine's effects, and nothing else does. */
export interface Client {
  readonly talk: Conversation
  readonly status: Cell<Status>
  reconnect(): void
  close(options?: { timeout?: number }): Promise<void>
}

/** Milliseconds that `close` waits for acknowledgements. */
const CLOSE_TIMEOUT = 5_000

export const createClient = (
  { url, auth, backoff, heartbeat, connectTimeout, outbox, inDoubt, ...data }: ClientSettings,
  { clock, random, lifecycle, transport }: Platform,
  onError: (error: HoldfastError) => void,
  onLost: (lost: Lost) => void,
): Client => {
  let machine: Connection = idleConnection
  let carrier: Carrier | undefined
  let abort: AbortController | undefined
  let lastClose: { code: number; reason: string } | null = null
  let id = random.id()
  let life: string | undefined
  /** Carriers tried in this session, which orders them for the server. */
  let tries = 0
  let resumed = false
  /** Frames wait for the welcome: an earlier carrier took some along and died before its own, so a server may have had them, and not know. */
  let held = false
  let lostGot: number | undefined
  /** Where the numbers stood at the welcome: more is progress. */
  let start = 0
  let touched = false
  let closing: Promise<void> | undefined

  const progress = (): number => session.got + session.outbox.acknowledged
  const ended = (code: number, cause: HoldfastError, retry?: RetryHint | false, epoch = machine.epoch): void => {
    lastClose = { code, reason: cause.message }
    apply({ type: 'ended', epoch, code, cause, retry, progress: progress() > start })
  }
  /** What a closed connection is called in the application. */
  const causeOf = (code: number, reason: string): HoldfastError =>
    new HoldfastError(errorCodeOf(code), `${reason} (code ${code}).`)

  const talk = createConversation(
    {
      ...data,
      onError,
      answersFit: true,
      overflow() {
        throw new HoldfastError(
          'overflow',
          `The outbox is full (${outbox.maxMessages} messages or ${outbox.maxBytes} bytes). Wait for \`flush()\`, or raise the bounds.`,
        )
      },
    },
    {
      clock,
      heartbeat,
      bounds: outbox,
      welcome(w) {
        const known = life !== undefined
        if (w.fresh && held)
          lose(
            new HoldfastError(
              'session-lost',
              'A connection broke before its welcome, and the server does not know its session.',
            ),
          )
        if ((known && w.life !== life) || !session.resume(w.from, w.got))
          return ended(LOST, new HoldfastError('session-lost', 'The server does not know where this session stood.'))
        life = w.life
        resumed = known
        session.limit = w.limit
        start = progress()
        apply({ type: 'welcomed', epoch: machine.epoch })
      },
      bye({ code, reason, retry, got }) {
        lostGot = got
        // A carrier that closes with 1000 says nothing of the session; a bye that does ends it.
        ended(code, causeOf(code, reason || 'The server said bye'), code === NORMAL ? false : retry)
      },
      broken: ended,
      changed,
    },
  )
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
    queued: session.outbox.queued,
    unacknowledged: session.outbox.sent.length,
    resumed,
  })
  const cell = createCell(
    snapshot(),
    createEmitter((error) => talk.thrown(error, 'A status listener')),
  )
  const refresh = (): void => {
    touched = false
    const next = snapshot()
    if (!sameStatus(cell.get(), next)) cell.set(next)
  }
  /** Counters move with every message, so their watchers are told once a task; the timer follows at once. */
  function changed(): void {
    alarm.set(machine.state === 'closed' ? Infinity : Math.min(machine.deadline, session.deadline()))
    if (touched) return
    touched = true
    clock.soon(refresh)
  }

  function apply(input: ConnectionInput): void {
    const world = { now: clock.now(), chance: random.float(), online: lifecycle.online(), backoff, connectTimeout }
    const [next, effect] = step(machine, input, world)
    const isOver = next.epoch !== machine.epoch
    machine = next
    if (isOver) drop()
    if (effect) perform[effect]()
    changed()
    refresh()
  }

  const lose = (cause: HoldfastError, policy: 'resend' | 'reject' | 'closed' = inDoubt): void => {
    const lost = loseSession(talk, cause, policy, lostGot)
    lostGot = undefined
    if (policy === 'closed') talk.end(cause)
    else talk.fault(cause)
    if (policy !== 'closed' || lost.inDoubt.length + lost.unsent.length > 0) onLost(lost)
  }

  const drop = (): void => {
    abort?.abort()
    session.detach()
    carrier?.close()
    carrier = undefined
    resumed = false
  }

  const perform: Record<ConnectionEffect, () => void> = {
    dial,
    probe: session.probe,
    lose() {
      id = random.id()
      life = undefined
      tries = 0
      lose(machine.cause!)
    },
    finish() {
      unsubscribe?.()
      lose(machine.cause ?? new HoldfastError('closed', 'The socket is closed.'), 'closed')
    },
  }

  function dial(): void {
    const { epoch, attempt } = machine
    abort = new AbortController()
    const context = { attempt, lastClose, signal: abort.signal }
    let credentials: unknown
    let missing = 2
    // Connecting and authorizing take their time side by side; the hello needs both.
    const ready = (): void => {
      if (--missing > 0) return
      held = !life && session.outbox.sent.length > 0
      const from = session.outbox.acknowledged + 1
      const hello = { session: id, attempt: ++tries, nonce: random.id(), from, got: session.got }
      session.attach(carrier!, { hello: { ...hello, ...(life && { life }), auth: credentials } }, held)
    }
    const ask = <T>(what: string, provider: Provider<T>, onValue: (value: T) => void): void =>
      provide(
        provider,
        context,
        (value) => machine.epoch === epoch && onValue(value),
        (error) =>
          ended(
            0,
            new HoldfastError(
              'provider-failed',
              `The \`${what}\` function failed: ${(error as Error | undefined)?.message}`,
              error,
            ),
            undefined,
            epoch,
          ),
      )
    ask('auth', auth, (value) => {
      credentials = value
      ready()
    })
    if (machine.epoch === epoch) ask('url', url, (value) => open(value, epoch, ready))
  }

  function open(target: string, epoch: number, onOpen: () => void): void {
    const shown = String(target).split('?')[0]
    let why = `No connection to ${shown}: is the server up, does it accept this origin, and does it speak holdfast.v1?`
    try {
      const dialed = transport!(target, {
        open() {
          why = 'The connection broke'
          onOpen()
        },
        message: (packet) => session.receive(dialed, packet),
        close: (code, reason) => ended(code, causeOf(code, reason || why), undefined, epoch),
      })
      carrier = dialed
    } catch (error) {
      apply({
        type: 'close',
        cause: new HoldfastError('invalid-option', `Cannot connect to ${shown}: ${(error as Error).message}`, error),
      })
    }
  }

  let unsubscribe: (() => void) | undefined
  if (transport) {
    unsubscribe = lifecycle.subscribe((event) => apply({ type: event }))
    apply({ type: 'start' })
  }

  return {
    talk,
    status: { get: () => (refresh(), cell.get()), subscribe: cell.subscribe },
    reconnect: () => transport && apply({ type: 'reconnect' }),
    close: ({ timeout = CLOSE_TIMEOUT } = {}) =>
      (closing ??= new Promise((resolve) => {
        talk.shut(new HoldfastError('closed', 'The socket is closed.'))
        const done = (): void => {
          disarm()
          if (machine.state === 'open') session.farewell({ code: NORMAL })
          apply({ type: 'close', cause: null })
          resolve()
        }
        const disarm = clock.after(timeout, done)
        if (!transport || !(timeout > 0) || session.outbox.bytes === 0) done()
        else session.flush().then(done, done)
      })),
  }
}
