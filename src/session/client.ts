import type { Cell } from '../kernel/cell.ts'
import { FORBIDDEN, LOST, MALFORMED, NORMAL } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import type { Carrier } from '../transports/transport.ts'
import type { RetryHint } from '../protocol/frames.ts'
import { type ConnectionRuntime, createConnection } from './connection.ts'
import { createConversation } from './conversation.ts'
import { closedBy, createDialer } from './dialer.ts'
import { createIdentity } from './identity.ts'
import { type Lost, doubtFrames, loseSession } from './lost.ts'
import type { Conversation } from './ports.ts'
import type { ClientSettings, Platform } from './settings.ts'
import { createSuccession } from './succession.ts'
import { type Status, statusOf } from './status.ts'
import { createTrace } from './trace.ts'

/** The client's end. */
export interface Client {
  readonly talk: Conversation
  readonly status: Cell<Status>
  reconnect(): void
  close(options?: { timeout?: number }): Promise<void>
}

/** Answers may fill the outbox so many times over. */
const ANSWERS = 4
/** Milliseconds that `close` waits for acknowledgements. */
const CLOSE_TIMEOUT = 5_000
/** Milliseconds that `status.latency` may be behind while something is sent. */
const FRESHNESS = 5_000

export const createClient = (
  settings: ClientSettings,
  platform: Platform,
  onError: (error: HoldfastError) => void,
  onLost: (lost: Lost) => void,
): Client => {
  const { clock, lifecycle, transport } = platform
  const { store } = settings.outbox
  let carrier: Carrier | undefined
  /** The try of this epoch. */
  let trying: AbortController | undefined
  let lastClose: { code: number; reason: string } | null = null
  let resumed = false
  let lostGot: number | undefined
  /** Where the numbers stood at the welcome: more is progress. */
  let start = 0
  let closing: Promise<void> | undefined
  let opening: Promise<void> | undefined

  const progress = (): number => session.got + session.outbox.acknowledged
  const ended = (
    code: number,
    cause: HoldfastError,
    retry?: RetryHint | false,
    epoch = connection.state.epoch,
  ): void => {
    lastClose = { code, reason: cause.message }
    connection.apply({ type: 'ended', epoch, code, cause, retry, progress: progress() > start })
  }
  const talk = createConversation({
    ...settings,
    clock,
    freshness: FRESHNESS,
    onError,
    // Answers to a former page must find no question of this one.
    firstId: store ? Math.floor(clock.now()) * 1_000 : 0,
    ledger: store && { enter: (...entry) => journal!.enter(...entry), strike: (message) => journal!.strike(message) },
    overflow(isAnswer) {
      if (isAnswer) {
        // There are only as many as the other side asked for; which is not to ask without end, and take no answers.
        const { queued, sent, bytes } = session.outbox
        const { maxMessages, maxBytes } = settings.outbox
        if (queued + sent.length > ANSWERS * maxMessages || bytes > ANSWERS * maxBytes)
          ended(MALFORMED, new HoldfastError('protocol', 'The server asks, and takes no answers.'))
        return
      }
      throw new HoldfastError(
        'overflow',
        'The outbox is full. Wait for `flush()`, or raise `outbox.maxMessages` or `maxBytes`.',
      )
    },
    welcome(welcome) {
      const doubted = identity.doubted(welcome)
      const lost = doubted > 0 && doubtFrames(talk, doubted)
      const taken = identity.take(welcome)
      if (taken === 'lost')
        return ended(LOST, new HoldfastError('session-lost', 'The server stands elsewhere in this session.'))
      succession.welcomed()
      resumed = taken === 'resumed'
      session.limit = welcome.limit
      talk.parcels.limit = welcome.blobs ?? 0
      start = progress()
      connection.apply({ type: 'welcomed', epoch: connection.state.epoch })
      dialer.welcomed()
      if (lost) succession.tell(lost)
    },
    bye({ code, reason, retry, got }) {
      identity.dismissed()
      lostGot = got
      // Somebody else used this page before, and left a session that is none of our user's.
      if (code === FORBIDDEN && succession.isInherited)
        return ended(LOST, closedBy(code, reason || 'The session is not ours'))
      // A carrier that closes with 1000 says nothing of the session; a bye that does ends it.
      ended(code, closedBy(code, reason || 'The server said bye'), code === NORMAL ? false : retry)
    },
    broken: ended,
    changed: () => connection.changed(),
  })
  const { session } = talk
  const identity = createIdentity(session, platform)
  const succession = createSuccession(talk, identity, settings.inDoubt, onLost)
  const journal = store?.create({
    clock,
    outbox: session.outbox,
    legacy: identity.legacy,
    kept: session.schedule,
    fault: talk.fault,
  })
  const tell = createTrace(settings.trace, clock, talk.thrown)
  const dialer = createDialer(settings, platform, {
    roundTrip: session.roundTrip,
    claim(next, auth) {
      session.detach()
      carrier = next
      session.attach(next, { hello: identity.hello(auth, settings.maxBlobBytes) })
      connection.apply({ type: 'moving' })
    },
    message: session.receive,
    ended,
    changed: () => connection.changed(),
    tell,
  })
  const connection: ConnectionRuntime<Status> = createConnection(settings, platform, {
    changed: () => journal?.touch(),
    deadline: () => Math.min(session.deadline(), dialer.deadline()),
    due() {
      dialer.due()
      session.due()
    },
    snapshot: (state) => statusOf(state, session, carrier, resumed),
    thrown: talk.thrown,
    drop() {
      session.detach()
      trying?.abort()
      dialer.drop(connection.state.cause?.code === 'unresponsive')
      carrier = undefined
      resumed = false
    },
    perform: {
      dial() {
        trying = new AbortController()
        const { signal } = trying
        const begin = (): void => {
          if (!signal.aborted) dialer.begin({ attempt: connection.state.attempt, lastClose, signal })
        }
        if (journal) void (opening ??= journal.open(succession.inherit)).then(begin)
        else begin()
      },
      probe: session.probe,
      lose() {
        succession.lose(connection.state.cause!, lostGot)
        lostGot = undefined
      },
      finish() {
        unsubscribe?.()
        // Before the outbox is emptied, or that would be written down.
        journal?.close(true)
        const cause = connection.state.cause ?? new HoldfastError('closed', 'The socket is closed.')
        const lost = loseSession(talk, cause, 'closed', lostGot)
        talk.end(cause)
        if (lost.inDoubt.length + lost.unsent.length > 0) onLost(lost)
      },
    },
  })

  if (tell) connection.status.subscribe((status) => tell({ type: 'status', status }))
  let unsubscribe: (() => void) | undefined
  const client: Client = {
    talk,
    status: connection.status,
    reconnect: () => transport && connection.apply({ type: 'reconnect' }),
    close: ({ timeout = CLOSE_TIMEOUT } = {}) =>
      (closing ??= new Promise((resolve) => {
        talk.shut(new HoldfastError('closed', 'The socket is closed.'))
        const done = (): void => {
          disarm()
          if (connection.state.state === 'open') session.farewell({ code: NORMAL })
          connection.apply({ type: 'close', cause: null })
          resolve()
        }
        const disarm = clock.after(timeout, done)
        if (!transport || !(timeout > 0) || (session.outbox.bytes === 0 && talk.parcels.open.size === 0)) done()
        else session.flush().then(done, done)
      })),
  }

  const { signal } = settings
  const onAbort = (): void => void client.close({ timeout: 0 })
  if (transport) {
    const unhear = lifecycle.subscribe((event) => {
      if (event === 'freeze' && connection.state.state === 'open') session.farewell()
      if (event === 'freeze' || event === 'leave') {
        journal?.flush()
        carrier?.leave?.()
      }
      if (event === 'leave') return
      if (event === 'network') dialer.network()
      connection.apply({ type: event === 'network' ? 'wake' : event })
      if (event !== 'freeze') return
      // A page that holds a lock is not kept, either.
      journal?.close(false)
      opening = undefined
    })
    signal?.addEventListener('abort', onAbort)
    unsubscribe = () => {
      unhear()
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted) onAbort()
    else connection.apply({ type: 'start' })
  }
  return client
}
