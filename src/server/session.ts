import { type Events, createEvents } from '../features/events.ts'
import { type Requests, createRequests } from '../features/requests.ts'
import { LOST, MALFORMED, SUPERSEDED, TOO_MANY } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { settle } from '../kernel/message.ts'
import type { Clock } from '../platform/clock.ts'
import { createAlarm } from '../session/alarm.ts'
import { createConversation } from '../session/conversation.ts'
import type { Conversation } from '../session/ports.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { BLOB_BYTES, type Bye, type Hello } from '../wire/frames.ts'
import type { Budget } from './budget.ts'
import { dismiss, nativeCode } from './dismiss.ts'
import type { ResolvedServerOptions } from './options.ts'
import { inParts } from './parts.ts'
import { PIECE_DISCOUNT, SURCHARGES, createRateLimit } from './rate.ts'

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

/** Streams rest while so much is waiting or unacknowledged. */
const BACKLOG_MESSAGES = 1_000
const BACKLOG_BYTES = 1_048_576

/** One client's session, from its first hello to its end, whatever carriers come and go. */
export interface Peer<Identity> {
  readonly id: string
  readonly life: string
  identity: Identity
  readonly talk: Conversation
  readonly events: Events
  readonly requests: Requests
  /** A promise while too much is waiting for this client, undefined while there is room. */
  backlog(): Promise<void> | undefined
  readonly carrier: Carrier | undefined
  /** It is over, or about to be: whoever hears of that may be sending to all that are in a room with it. */
  readonly isOver: boolean
  /** True if this hello is older than one that was seen, or another tab's of the same attempt. */
  isSuperseded(hello: Hello): boolean
  /** The session goes on over this carrier. */
  take(carrier: Carrier, hello: Hello): void
  receive(carrier: Carrier, packet: Packet): void
  /** The carrier broke. */
  lose(carrier: Carrier): void
  /** Lets the carrier go; the session waits for the next one. */
  drop(bye?: Bye): void
  /** The end. `bye` is what a connected client hears. */
  end(reason: EndReason, bye?: Bye): void
}

/** What a peer needs from the registry of all peers. */
export interface PeerHost<Identity> {
  readonly clock: Clock
  readonly options: ResolvedServerOptions<Identity>
  /** For what is kept for all clients. */
  readonly budget: Budget
  onError(error: HoldfastError): void
  onEnd(reason: EndReason, got: number): void
  /** Milliseconds that the server can answer for. */
  up(): number
}

export const createPeer = <Identity>(
  hello: Hello,
  life: string,
  identity: Identity,
  { clock, options, budget, onError, onEnd, up }: PeerHost<Identity>,
): Peer<Identity> => {
  const { limits, keep, heartbeat } = options
  let carrier: Carrier | undefined
  let attempt = 0
  let nonce = ''
  let expiresAt = Infinity
  let ended = false
  /** It ends when the task is done, and takes nothing more. */
  let doomed = false
  /** What a client hears that connects to a session which is over. */
  let epitaph: Bye | undefined
  const rate = createRateLimit(limits.rate, clock)
  let surcharge = 0

  const talk = createConversation({
    clock,
    heartbeat,
    codec: options.codec,
    schema: options.schema,
    onError(error) {
      surcharge += SURCHARGES[error.code] ?? 0
      onError(error)
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
      else drop()
    },
    changed() {
      changed()
      relieve()
    },
  })
  const { session } = talk
  session.limit = limits.bufferedBytes
  const account = budget.open(
    () => session.outbox.bytes + talk.held() + (carrier?.bufferedAmount ?? 0),
    () => {
      const { totalBytes } = limits
      const why = `More than ${totalBytes} bytes were waiting for all clients together, and most of them for this one.`
      talk.fault(new HoldfastError('overflow', `${why} Raise \`limits.totalBytes\`, or send less.`))
      doom(why)
    },
  )
  talk.ration = (answering) => {
    if (answering < limits.requests) return
    throw new HoldfastError('overflow', `${answering} requests wait for their answers. Ask again when some have one.`)
  }
  const { push } = talk
  talk.push = (message, isAnswer) => {
    if (!doomed || ended) push(message, isAnswer)
    // It was one too many, or comes behind that one.
    if (doomed && !ended) settle(message, endedBy('overflow'))
    account.update()
  }
  const alarm = createAlarm(clock, () => {
    if (clock.now() >= expiresAt) return peer.end('expired')
    session.due()
    changed()
  })
  function changed(): void {
    account.update()
    if (!ended) alarm.set(Math.min(expiresAt, session.deadline()))
  }
  /** Producers rest while too much is waiting for this client. */
  const resting: (() => void)[] = []
  const isBehind = (): boolean =>
    session.outbox.queued + session.outbox.sent.length > BACKLOG_MESSAGES ||
    session.outbox.bytes - talk.parcels.out() > BACKLOG_BYTES
  const relieve = (): void => {
    if (!ended && isBehind()) return
    for (const resume of resting.splice(0)) resume()
  }
  const endedBy = (reason: EndReason): HoldfastError => new HoldfastError('closed', `The session ended: ${reason}.`)
  const lost = (reason: string): Bye => ({ code: LOST, reason, got: session.got })
  /** Not at once: whoever sends or asks has not finished, and may be sending to others, too. */
  const doom = (reason: string): void => {
    if (doomed) return
    doomed = true
    clock.soon(() => peer.end('overflow', lost(reason)))
  }

  function drop(bye?: Bye): void {
    session.detach()
    if (carrier && bye) dismiss(carrier, bye)
    else carrier?.close()
    carrier = undefined
    expiresAt = clock.now() + keep
    changed()
  }

  const peer: Peer<Identity> = {
    id: hello.session,
    life,
    identity,
    talk,
    events: createEvents(talk),
    requests: createRequests(talk, options.requestTimeout),
    backlog: () => (isBehind() && !ended ? new Promise((resolve) => resting.push(resolve)) : undefined),
    get carrier() {
      return carrier
    },
    get isOver() {
      return ended
    },
    isSuperseded: (next) => next.attempt < attempt || (next.attempt === attempt && next.nonce !== nonce),
    take(next, { from, got, ...rest }) {
      if (ended) return dismiss(next, epitaph ?? lost('The session is over.'))
      ;({ attempt, nonce, blobs: talk.parcels.limit = BLOB_BYTES } = rest)
      if (carrier) drop({ code: SUPERSEDED, reason: 'Another connection took this session over.' })
      if (!session.resume(from, got)) {
        dismiss(next, lost('The session cannot go on where the client stands.'))
        return peer.end('protocol')
      }
      carrier = next
      expiresAt = Infinity
      session.attach(next, {
        welcome: {
          got: session.got,
          from: session.outbox.acknowledged + 1,
          life,
          up: up(),
          limit: limits.messageBytes,
          blobs: limits.blobBytes,
        },
      })
    },
    receive(from, packet) {
      // What was looked at is charged for, though it be too much: a client that sends it again would never get any further.
      inParts(packet, (part, lines) => {
        const pieces = talk.pieces()
        session.receive(from, part)
        const debt = rate.take(lines + surcharge - PIECE_DISCOUNT * (talk.pieces() - pieces))
        surcharge = 0
        if (debt > 0 && carrier === from) {
          talk.fault(new HoldfastError('try-later', `A session sent more than ${limits.rate} messages a second.`))
          drop({ code: TOO_MANY, reason: `More than ${limits.rate} messages a second`, retry: { after: debt } })
        }
        return carrier === from
      })
    },
    drop,
    lose(from) {
      if (carrier === from) drop()
    },
    end(reason, bye) {
      if (ended) return
      ended = true
      epitaph = bye
      if (carrier && bye) session.farewell(bye)
      const { got } = session
      session.detach()
      carrier?.close(bye && nativeCode(bye))
      carrier = undefined
      alarm.set(Infinity)
      const error = endedBy(reason)
      talk.end(error)
      for (const message of [...session.outbox.clear().flat(), ...talk.parcels.clear()]) settle(message, error)
      relieve()
      account.close()
      onEnd(reason, got)
    },
  }
  return peer
}
