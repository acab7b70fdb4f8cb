import { FORBIDDEN, INTERNAL, LOST, SUPERSEDED, TOO_MANY, UNAVAILABLE } from '../kernel/close-codes.ts'
import { createEmitter } from '../kernel/emitter.ts'
import { HoldfastError, RequestError, thrownBy } from '../kernel/errors.ts'
import type { Contract, Untyped } from '../contract.ts'
import { type SendOptions, sendEncoded } from '../features/events.ts'
import { isLaden } from '../kernel/message.ts'
import { isOver } from '../kernel/size.ts'
import type { ErrorCounts } from '../session/ports.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Carrier } from '../transports/transport.ts'
import { encodeMessage } from '../protocol/encode.ts'
import type { Bye, Hello, RetryHint } from '../protocol/frames.ts'
import { type AcceptedCarrier, LATER, createAcceptor } from './acceptor.ts'
import { createAdmission } from './admission.ts'
import { type Budgets, createBudgets } from './budget.ts'
import type { Room, ServerEvents, ServerSession } from './contract.ts'
import { dismiss } from './dismiss.ts'
import { createFanout } from './fanout.ts'
import { Member } from './member.ts'
import {
  type ConnectionRequest,
  type ResolvedServerOptions,
  type ServerOptions,
  resolveServerOptions,
} from './options.ts'
import { isOriginAllowed } from './origin.ts'
import { createRateLimit } from './rate.ts'
import { createRooms } from './rooms.ts'
import { createRota } from './rota.ts'
import { Peer, type PeerHost } from './session.ts'
import { createTombstones } from './tombstones.ts'
import { createTurns } from './turns.ts'

/** The world that the server lives in. */
export interface ServerPlatform extends Pick<PeerHost<unknown>, 'witness'> {
  readonly clock: Clock
  readonly random: Random
  /** Deep equality, for identities. */
  readonly isEqual: (a: unknown, b: unknown) => boolean
  /** Where errors go that nobody listens for. */
  readonly report: (error: unknown) => void
}

/** A server without its network: carriers are handed in. `createServer` puts `ws` and HTTP around it, the testing kit its virtual network. */
export interface ServerCore<C extends Contract = Untyped, Identity = unknown> {
  /** What it was told, completed. */
  readonly options: ResolvedServerOptions<Identity>
  /** Connected and kept sessions. */
  readonly sessions: ReadonlySet<ServerSession<C, Identity>>
  /** How often each kind of error was met, over all sessions. */
  readonly errors: ErrorCounts
  on<K extends keyof ServerEvents<C, Identity>>(event: K, listener: ServerEvents<C, Identity>[K]): () => void
  to(room: string): Room<C>
  /** Bounds on memory: what is kept for clients, and what strangers send ahead. */
  readonly budgets: Budgets
  /** A new connection, already open. */
  accept(carrier: Carrier, request: ConnectionRequest): AcceptedCarrier
  /** Whether pages of the request's origin may talk to the server. */
  isAllowed(request: ConnectionRequest): boolean
  /**
   * Ends every session, telling each client what it had got, so that nothing is in doubt, and when to come back. Who was changing
   * carriers is told when it comes on the new one.
   */
  close(options?: { retry?: RetryHint }): void
  /** Nobody comes any more: forgets what was kept for those. */
  terminate(): void
}

/** Errors a second that are reported where nobody listens to them; ten times as many at once. All of them are counted. */
const REPORTS = 10

export const createCore = <C extends Contract = Untyped, Identity = unknown>(
  given: ServerOptions<Identity>,
  { clock: world, random, isEqual, report, witness }: ServerPlatform,
): ServerCore<C, Identity> => {
  const options = resolveServerOptions(given)
  const rooms = createRooms<Peer<Identity>>(() => fanout.settle())
  const turns = createTurns(world, () => fanout.settle())
  const fanout = createFanout(rooms.members, turns.schedule)
  const clock: Clock = { ...world, soon: turns.soon }
  const peers = new Map<string, Peer<Identity>>()
  const sessions = new Set<ServerSession<C, Identity>>()
  const tombstones = createTombstones(clock)
  const budgets = createBudgets(options.limits.totalBytes)
  const errors: { -readonly [code in keyof ErrorCounts]: ErrorCounts[code] } = {}
  type Happening = Parameters<ServerEvents<C, Identity>['error']> | Parameters<ServerEvents<C, Identity>['session']>
  const listeners = createEmitter((thrown, event, happened) => {
    if (event === 'error') report(thrown)
    else onError(thrownBy(thrown, 'A session listener'), (happened as [ServerSession<C, Identity>])[0])
  })
  const tell = (event: keyof ServerEvents<C, Identity>, ...happened: Happening): boolean =>
    listeners.emit(event, happened)
  /** For errors that nobody listens to: hostile clients must not fill the disk. */
  const reports = createRateLimit(REPORTS, clock)
  let closed: RetryHint | undefined
  const startedAt = clock.now()
  const up = (at = clock.now()): number => (options.distributed ? 0 : Math.floor(at - startedAt))

  const onError = (error: HoldfastError, session?: ServerSession<C, Identity>): void => {
    errors[error.code] = (errors[error.code] ?? 0) + 1
    if (tell('error', error, session) || reports.take(0) > 0) return
    reports.take(1)
    report(error.cause ?? error)
  }

  const host: PeerHost<Identity> = {
    clock,
    options,
    budget: budgets.kept,
    rota: createRota(clock),
    settle: fanout.settle,
    witness,
    up,
    onError: (peer, error) => onError(error, Member.face(memberOf(peer))),
    onChange: (peer, active) => Member.change(memberOf(peer), active),
    onEnd(peer, reason, got) {
      const member = memberOf(peer)
      if (reason !== 'server-closed') peers.delete(peer.id)
      sessions.delete(Member.face(member))
      tombstones.bury(peer.id, got)
      Member.end(member, reason)
    },
  }
  const memberOf = ({ face }: Peer<Identity>): Member<Identity> => face as Member<Identity>

  const createEntry = (id: string, identity: Identity): Peer<Identity> => {
    const peer = new Peer(id, random.id(), identity, host)
    const member = new Member(peer, rooms)
    const session = Member.face<C, Identity>(member)
    peer.face = member
    peers.set(id, peer)
    sessions.add(session)
    tell('session', session)
    return peer
  }

  /** Undefined if that cannot be told, which is no reason to take anybody for somebody else. */
  const compare = (previous: Identity, next: Identity): boolean | undefined => {
    try {
      // A promise would be true, whatever comes of it.
      return ((options.sameIdentity ?? isEqual)(previous, next) as unknown) === true
    } catch (error) {
      onError(thrownBy(error, '`sameIdentity`'))
      return undefined
    }
  }

  /** Finds or makes the session that a hello asks for; a bye says why not. */
  const open = (hello: Hello, identity: Identity, openedAt: number): Peer<Identity> | Bye => {
    const known = peers.get(hello.session)
    if (known) {
      const isSame = compare(known.identity, identity)
      if (isSame === undefined) return { code: INTERNAL, reason: 'The server could not compare the identities' }
      if (!isSame) return { code: FORBIDDEN, reason: 'This session belongs to somebody else' }
      if (hello.life !== undefined && hello.life !== known.life)
        return { code: LOST, reason: 'The session is not the one that was welcomed' }
      if (known.isSuperseded(hello)) return { code: SUPERSEDED, reason: 'A newer connection has this session' }
      known.identity = identity
      return known
    }
    const grave = tombstones.find(hello.session)
    if (closed && grave?.got === undefined) return { code: UNAVAILABLE, reason: 'The server is closing', retry: closed }
    // What it sent before may have reached a server that crashed, or another one. A hello travels for as long as it may, but it
    // left when the carrier was open.
    const isDoubtful = hello.age !== undefined && hello.age >= up(openedAt)
    if (grave || hello.life !== undefined || isDoubtful) {
      // An earlier hello may still be under way, which is not so old: it must not begin what was just said to be over.
      if (!grave) tombstones.bury(hello.session)
      return {
        code: LOST,
        reason: 'The session is gone',
        ...(grave?.got !== undefined && { got: grave.got }),
        ...(closed && { retry: closed }),
      }
    }
    if (peers.size >= options.limits.sessions) {
      onError(
        new HoldfastError(
          'overflow',
          `A client was turned away: there are ${options.limits.sessions} sessions. Raise \`limits.sessions\`.`,
        ),
      )
      return { code: TOO_MANY, reason: 'The server is full', retry: LATER }
    }
    return createEntry(hello.session, identity)
  }

  const admission = createAdmission(options.limits.connectRate, clock)
  const greet = createAcceptor({
    clock,
    limits: options.limits,
    budget: budgets.ahead,
    onError,
    admit: ({ session }) => admission.admit(session, !!peers.get(session)?.carrier),
    async authenticate(auth, request) {
      const identity = await options.authenticate?.({ auth, request })
      if (identity === null || identity === false || (identity === undefined && options.authenticate))
        throw new RequestError('unauthorized', 'The credentials were not accepted')
      return identity as Identity
    },
    open(carrier, hello, identity: Identity, openedAt) {
      const peer = open(hello, identity, openedAt)
      if (!(peer instanceof Peer)) return dismiss(carrier, peer)
      peer.take(carrier, hello)
      return peer
    },
  })

  const isAllowed = (request: ConnectionRequest): boolean => isOriginAllowed(request, options.origins ?? [])

  return {
    options,
    sessions,
    errors,
    budgets,
    isAllowed,
    accept(carrier, request) {
      if (isAllowed(request)) return greet(carrier, request)
      const reason = `Pages of ${String(request.headers['origin']).slice(0, 80)} may not connect`
      onError(new HoldfastError('forbidden', `${reason}. Name the origin in \`origins\` if they should.`))
      dismiss(carrier, { code: FORBIDDEN, reason })
      return { message: () => {}, fault: onError, close: () => {} }
    },
    on: (event, listener) =>
      listeners.on(event, (happened: unknown[]) => (listener as (...happened: unknown[]) => void)(...happened)),
    to: (room) => ({
      send(name: string, ...[data, sending]: [data?: unknown, sending?: SendOptions]) {
        const frame = encodeMessage(name, data, options.codec)
        // What is refused is refused here, and what has a fate of its own needs messages of its own.
        if (!sending && !isLaden(frame) && !isOver(frame, options.limits.bufferedBytes)) return fanout.send(room, frame)
        for (const peer of rooms.members(room)) if (!peer.isOver) sendEncoded(peer.active.talk, frame, sending)
      },
    }),
    close({ retry = LATER } = {}) {
      closed = retry
      for (const peer of [...peers.values()]) {
        const { got } = peer.active.talk.session
        peer.end('server-closed', { code: LOST, reason: 'The server is closing', got, retry })
      }
    },
    terminate: () => peers.clear(),
  }
}
