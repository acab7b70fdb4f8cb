import type { Contract } from '../contract.ts'
import type { Receipt, SendOptions } from '../features/events.ts'
import type { RequestOptions } from '../features/requests.ts'
import { LOST, NORMAL, UNAUTHORIZED } from '../kernel/close-codes.ts'
import type { TransportName } from '../transports/transport.ts'
import type { RetryHint } from '../wire/frames.ts'
import type { Active, EndReason } from './active.ts'
import type { ServerSession } from './contract.ts'
import type { Rooms } from './rooms.ts'
import type { Peer } from './session.ts'
import { type StreamHandler, createHandleStream } from './streams.ts'

/** Something of the application's that hears of what comes: it does so again whenever the session wakes. */
interface Registration {
  readonly kind: 'on' | 'handle' | 'handleStream'
  readonly name: string
  readonly listener: (...given: never[]) => unknown
  off: () => void
}

const register = (active: Active, { kind, name, listener }: Registration): (() => void) => {
  if (kind === 'on') return active.events.on(name, listener)
  if (kind === 'handle') return active.requests.handle(name, listener as never)
  return createHandleStream(active)(name, listener as StreamHandler)
}

const nothing = (): void => {}

/** The public face of a peer. What is not public is static. */
export class Member<Identity> {
  readonly #peer: Peer<Identity>
  readonly #directory: Rooms<Peer<Identity>>
  /** A Set for each would cost five times as much. */
  #rooms: readonly string[] = []
  #registrations: readonly Registration[] = []
  #endListeners: ((reason: EndReason) => void)[] | undefined = undefined
  #ended: EndReason | undefined = undefined

  constructor(peer: Peer<Identity>, directory: Rooms<Peer<Identity>>) {
    this.#peer = peer
    this.#directory = directory
  }

  static face<C extends Contract, Identity>(member: Member<Identity>): ServerSession<C, Identity> {
    return member as unknown as ServerSession<C, Identity>
  }

  /** The session is active again, or at rest. */
  static change<Identity>(member: Member<Identity>, active: Active | undefined): void {
    for (const registration of member.#registrations)
      registration.off = active ? register(active, registration) : nothing
  }

  static end<Identity>(member: Member<Identity>, reason: EndReason): void {
    member.#ended = reason
    for (const room of member.#rooms) member.#directory.leave(room, member.#peer)
    member.#rooms = []
    for (const listener of member.#endListeners ?? []) member.#tell(listener, reason)
  }

  get identity(): Identity {
    return this.#peer.identity
  }

  get transport(): TransportName | null {
    return this.#peer.carrier?.transport ?? null
  }

  get rooms(): ReadonlySet<string> {
    return new Set(this.#rooms)
  }

  get bufferedAmount(): number {
    return this.#peer.bytes
  }

  send(name: string, data?: unknown, options?: SendOptions): Receipt {
    return this.#peer.active.events.send(name, data, options)
  }

  on(name: string, listener: (data: never) => void): () => void {
    return this.#register('on', name, listener)
  }

  once(name: string, listener: (data: never) => void): () => void {
    const off = this.on(name, (data) => {
      off()
      listener(data)
    })
    return off
  }

  request(name: string, data?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#peer.active.requests.request(name, data, options)
  }

  handle(name: string, handler: (...given: never[]) => unknown): () => void {
    return this.#register('handle', name, handler)
  }

  handleStream(name: string, handler: StreamHandler): () => void {
    return this.#register('handleStream', name, handler)
  }

  flush(): Promise<void> {
    return this.#peer.active.talk.session.flush()
  }

  join(room: string): void {
    if (this.#ended || this.#rooms.includes(room)) return
    this.#rooms = this.#rooms.concat(room)
    this.#directory.join(room, this.#peer)
  }

  leave(room: string): void {
    this.#rooms = this.#rooms.filter((other) => other !== room)
    this.#directory.leave(room, this.#peer)
  }

  onEnd(listener: (reason: EndReason) => void): void {
    if (this.#ended) this.#tell(listener, this.#ended)
    else (this.#endListeners ??= []).push(listener)
  }

  reauthenticate(reason = 'The credentials ran out'): void {
    this.#peer.drop({ code: UNAUTHORIZED, reason })
  }

  close({
    retry,
    code = retry ? LOST : NORMAL,
    reason = 'The server closed the session',
  }: { retry?: RetryHint; code?: number; reason?: string } = {}): void {
    const { got } = this.#peer.active.talk.session
    this.#peer.end('closed', { code, reason, got, ...(retry && { retry }) })
  }

  #register(kind: Registration['kind'], name: string, listener: (...given: never[]) => unknown): () => void {
    const { active } = this.#peer
    const registration: Registration = { kind, name, listener, off: nothing }
    registration.off = register(active, registration)
    // What is pushed has room for sixteen more, and most have one or two.
    this.#registrations = this.#registrations.concat(registration)
    return () => {
      registration.off()
      this.#registrations = this.#registrations.filter((other) => other !== registration)
    }
  }

  #tell(listener: (reason: EndReason) => void, reason: EndReason): void {
    try {
      listener(reason)
    } catch (error) {
      this.#peer.active.talk.thrown(error, 'An end listener')
    }
  }
}
