import { type Events, createEvents } from '../features/events.ts'
import { type Requests, createRequests } from '../features/requests.ts'
import { LOST, MALFORMED } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { type Message, settle, sharedOf } from '../kernel/message.ts'
import type { Clock } from '../platform/clock.ts'
import { createAlarm } from '../session/alarm.ts'
import { createConversation } from '../session/conversation.ts'
import type { Conversation } from '../session/ports.ts'
import type { Carrier } from '../transports/transport.ts'
import type { Bye } from '../protocol/frames.ts'
import { type Budget, SMALL } from './budget.ts'
import type { ResolvedServerOptions } from './options.ts'
import { SURCHARGES } from './rate.ts'

/** Streams rest while so much is waiting or unacknowledged. */
const BACKLOG_MESSAGES = 1_000
const BACKLOG_BYTES = 1_048_576
/** Milliseconds without a message after which a session comes to rest, and what suffices if there was none since it woke. */
const QUIET = 10_000
const FALSE_ALARM = 1_000

/** Why a session ended, as `onEnd` tells it. */
export type EndReason =
  /** The client said bye. */
  | 'client-closed'
  /** `session.close()` */
  | 'closed'
  /** The client did not come back within `keep`. */
  | 'expired'
  /** More was waiting for the client than the limits allow. */
  | 'overflow'
  /** The client broke the protocol. */
  | 'protocol'
  /** `server.close()` */
  | 'server-closed'

/** Whose it is. */
export interface Owner {
  readonly carrier: Carrier | undefined
  readonly isOver: boolean
  /** When it ends unless its client comes back, in the clock's time. */
  readonly expiresAt: number
  /** Lets the carrier go. */
  drop(): void
  end(reason: EndReason, bye?: Bye): void
  /** Lets go of what it has while something happens. At that time, the client is to be asked for a sign of life. */
  rest(rest: Rest, at: number): void
  onError(error: HoldfastError): void
}

/** What all of them share. */
export interface ActiveHost {
  readonly clock: Clock
  readonly options: Omit<ResolvedServerOptions<unknown>, 'sameIdentity'>
  /** For what is kept for all clients. */
  readonly budget: Budget
  /** What was sent to rooms reaches the sessions, before anything else does. */
  settle(): void
  /** Hears of each event, request and opening of a stream that the application is about to hear of. For tests. */
  readonly witness?: ((name: string, data: unknown) => void) | undefined
}

/** All that is left of a session's numbers when nothing is under way. */
export interface Rest {
  readonly got: number
  readonly acknowledged: number
  readonly lastId: number
  /** The most bytes of Blobs that the client takes. */
  readonly blobs: number | undefined
}

/** What a session has while something happens in it: ten times as much as what is left of it at rest. */
export interface Active {
  readonly talk: Conversation
  readonly events: Events
  readonly requests: Requests
  /** A promise while too much is waiting for this client, undefined while there is room. */
  backlog(): Promise<void> | undefined
  /** Deadlines may have moved, or what is kept for the client. */
  changed(): void
  /** What the last packet costs beside its lines. */
  surcharge(): number
  /** It is over. `isUnheard`: its client may still come for what was sent to it. */
  end(error: HoldfastError, isUnheard: boolean): void
}

/** `rest`: it was at rest, and goes on from there. */
export const createActive = (
  peer: Owner,
  { clock, options, budget, settle: settleRooms, witness }: ActiveHost,
  rest?: Rest,
): Active => {
  const { limits } = options
  /** It ends when the task is done, and takes nothing more. */
  let doomed = false
  let surcharge = 0
  let quietAt = clock.now() + FALSE_ALARM
  /** How many messages had come and gone when it was last looked at. */
  let moved = 0

  const talk = createConversation({
    clock,
    heartbeat: options.heartbeat,
    codec: options.codec,
    schema: options.schema,
    firstId: rest?.lastId ?? 0,
    onError(error) {
      surcharge += SURCHARGES[error.code] ?? 0
      peer.onError(error)
    },
    overflow() {
      doom('More messages were waiting for this client than the server keeps.')
    },
    maxBlobBytes: limits.blobBytes,
    outbox: { maxMessages: limits.bufferedMessages, maxBytes: limits.bufferedBytes, overflow: 'reject' },
    bye: () => peer.end('client-closed'),
    broken(code, error) {
      talk.fault(error)
      if (code === MALFORMED) peer.end('protocol', { code, reason: error.message })
      else peer.drop()
    },
    changed() {
      changed()
      relieve()
    },
  })
  const { session } = talk
  session.limit = limits.bufferedBytes
  const account = budget.open(
    () => session.outbox.bytes + talk.held() + (peer.carrier?.bufferedAmount ?? 0),
    () => {
      const { totalBytes } = limits
      const why = `More than ${totalBytes} bytes were waiting for all clients together, and most of them for this one.`
      talk.fault(new HoldfastError('overflow', `${why} Raise \`limits.totalBytes\`, or send less.`))
      doom(why)
    },
  )
  let accounted = 0
  const tally = (): void => {
    accounted = session.outbox.bytes
    account.update()
  }
  talk.ration = (answering) => {
    if (answering < limits.requests) return
    throw new HoldfastError('overflow', `${answering} requests wait for their answers. Ask again when some have one.`)
  }
  const { push, accept } = talk
  if (witness)
    talk.accept = (name, data) => {
      const accepted = accept(name, data)
      witness(name, accepted)
      return accepted
    }
  talk.push = (message, isAnswer) => {
    settleRooms()
    if (!doomed || peer.isOver) push(message, isAnswer)
    // It was one too many, or comes behind that one.
    if (doomed && !peer.isOver) settle(message, endedBy('overflow'))
    if (session.outbox.bytes >= accounted + SMALL) tally()
  }

  /** Whether it has been quiet for a while, and nothing is under way. */
  const restNow = (now: number): boolean => {
    const { outbox } = session
    const total = session.got + outbox.acknowledged + outbox.sent.length
    const isMoving = total !== moved
    moved = total
    const lastId = talk.calls.idle()
    const isBusy =
      outbox.bytes + talk.held() + talk.parcels.open.size > 0 || lastId === undefined || !session.isQuiet() || doomed
    if (isMoving || isBusy || (peer.carrier?.bufferedAmount ?? 0) > 0) {
      quietAt = now + QUIET
      return false
    }
    const at = session.deadline()
    stop()
    peer.rest({ got: session.got, acknowledged: outbox.acknowledged, lastId, blobs: talk.parcels.limit }, at)
    return true
  }
  const alarm = createAlarm(clock, () => {
    const now = clock.now()
    if (now >= peer.expiresAt) return peer.end('expired')
    session.due()
    if (!peer.isOver && now >= quietAt && restNow(now)) return
    changed()
  })
  function changed(): void {
    tally()
    if (!peer.isOver) alarm.set(Math.min(quietAt, peer.expiresAt, session.deadline()))
  }
  const stop = (): void => {
    alarm.set(Infinity)
    account.close()
  }

  /** Producers rest while too much is waiting for this client. */
  const resting: (() => void)[] = []
  const isBehind = (): boolean =>
    session.outbox.queued + session.outbox.sent.length > BACKLOG_MESSAGES ||
    session.outbox.bytes - talk.parcels.out() > BACKLOG_BYTES
  const relieve = (): void => {
    if (!peer.isOver && isBehind()) return
    for (const resume of resting.splice(0)) resume()
  }
  /** Not at once: whoever sends or asks has not finished, and may be sending to others, too. */
  const doom = (reason: string): void => {
    if (doomed) return
    doomed = true
    clock.soon(() => peer.end('overflow', lost(session.got, reason)))
  }

  if (rest) {
    talk.parcels.limit = rest.blobs
    session.restore(rest.got, rest.acknowledged, [], [])
    session.resume(rest.got + 1, rest.acknowledged)
    if (peer.carrier) session.attach(peer.carrier)
    else session.detach()
    moved = rest.got + rest.acknowledged
  }
  return {
    talk,
    events: createEvents(talk),
    requests: createRequests(talk, options.requestTimeout),
    backlog: () => (isBehind() && !peer.isOver ? new Promise((resolve) => resting.push(resolve)) : undefined),
    changed,
    surcharge() {
      const cost = surcharge
      surcharge = 0
      return cost
    },
    end(error, isUnheard) {
      stop()
      talk.end(error)
      const { acknowledged } = session.outbox
      const [out, waited] = session.outbox.clear()
      // Whoever waits for receipts hears the truth now; what was sent stays, without them.
      const copies = (all: readonly Message[]): Message[] => all.map(({ frame }) => sharedOf(frame))
      if (isUnheard) session.outbox.restore(acknowledged, copies(out), copies(waited))
      for (const message of [...out, ...waited, ...talk.parcels.clear()]) settle(message, error)
      relieve()
    },
  }
}

export const endedBy = (reason: EndReason): HoldfastError =>
  new HoldfastError('closed', `The session ended: ${reason}.`)

/** What a client is told that cannot go on with its session. */
export const lost = (got: number, reason: string): Bye => ({ code: LOST, reason, got })
