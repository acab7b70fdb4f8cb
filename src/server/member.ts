import type { Contract } from '../contract.ts'
import type { Receipt, SendOptions } from '../features/events.ts'
import type { RequestOptions } from '../features/requests.ts'
import { LOST, NORMAL, UNAUTHORIZED } from '../kernel/close-codes.ts'
import type { TransportName } from '../transports/transport.ts'
import type { RetryHint } from '../protocol/frames.ts'
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
  /** Most sessions have one or two: an array would take as much again. */
  next: Registration | undefined
}

const register = (active: Active, { kind, name, listener }: Registration): (() => void) => {
  if (kind === 'on') return active.events.on(name, listener)
  if (kind === 'handle') return active.requests.handle(name, listener as never)
  return createHandleStream(active)(name, listener as StreamHandler)
}

const nothing = (): void => {}

const none: readonly never[] = []

/** The last list of rooms that was made: most sessions join the same ones in the same order, and share it. */
let last: { readonly before: readonly string[]; readonly room: string; readonly rooms: readonly string[] } | undefined
const withRoom = (before: readonly string[], room: string): readonly string[] => {
  if (last?.before !== before || last.room !== room) last = { before, room, rooms: before.concat(room) }
  return last.rooms
}

/** The public face of a peer. What is not public is static; a private method would take a place in each of them. */
export class Member<Identity> {
  readonly #peer: Peer<Identity>
  readonly #directory: Rooms<Peer<Identity>>
  /** A Set for each would cost five times as much. */
  #rooms: readonly string[] = none
  /** The first. */
  #registration: Registration | undefined = undefined
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
    for (let each = member.#registration; each; each = each.next) each.off = active ? register(active, each) : nothing
  }

  static end<Identity>(member: Member<Identity>, reason: EndReason): void {
    member.#ended = reason
    for (const room of member.#rooms) member.#directory.leave(room, member.#peer)
    member.#rooms = none
    for (const listener of member.#endListeners ?? []) Member.#tell(member, listener, reason)
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
    return Member.#register(this, 'on', name, listener)
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
    return Member.#register(this, 'handle', name, handler)
  }

  handleStream(name: string, handler: StreamHandler): () => void {
    return Member.#register(this, 'handleStream', name, handler)
  }

  flush(): Promise<void> {
    return this.#peer.active.talk.session.flush()
  }

  join(room: string): void {
    if (this.#ended || this.#rooms.includes(room)) return
    this.#rooms = withRoom(this.#rooms, room)
    this.#directory.join(room, this.#peer)
  }

  leave(room: string): void {
    this.#rooms = this.#rooms.filter((other) => other !== room)
    this.#directory.leave(room, this.#peer)
  }

  onEnd(listener: (reason: EndReason) => void): void {
    if (this.#ended) Member.#tell(this, listener, this.#ended)
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

  static #register<Identity>(
    member: Member<Identity>,
    kind: Registration['kind'],
    name: string,
    listener: (...given: never[]) => unknown,
  ): () => void {
    const { active } = member.#peer
    const registration: Registration = { kind, name, listener, off: nothing, next: undefined }
    registration.off = register(active, registration)
    let last = member.#registration
    while (last?.next) last = last.next
    if (last) last.next = registration
    else member.#registration = registration
    return () => {
      registration.off()
      if (member.#registration === registration) member.#registration = registration.next
      for (let each = member.#registration; each; each = each.next)
        if (each.next === registration) each.next = registration.next
    }
  }

  static #tell<Identity>(member: Member<Identity>, listener: (reason: EndReason) => void, reason: EndReason): void {
    try {
      listener(reason)
    } catch (error) {
      member.#peer.active.talk.thrown(error, 'An end listener')
    }
  }
}
