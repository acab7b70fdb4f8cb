import { SUPERSEDED, TOO_MANY } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import type { Message } from '../kernel/message.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { BLOB_BYTES, type Bye, type Hello } from '../protocol/frames.ts'
import {
  type Active,
  type ActiveHost,
  type EndReason,
  type Owner,
  type Rest,
  createActive,
  endedBy,
  lost,
} from './active.ts'
import { dismiss, nativeCode } from './dismiss.ts'
import type { ResolvedServerOptions } from './options.ts'
import { inParts } from './parts.ts'
import { PIECE_DISCOUNT, type RateLimit, createRateLimit } from './rate.ts'
import type { Rota, Sleeper } from './rota.ts'

/** What a peer needs from the registry of all peers. */
export interface PeerHost<Identity> extends Omit<ActiveHost, 'options'> {
  readonly options: ResolvedServerOptions<Identity>
  onError(peer: Peer<Identity>, error: HoldfastError): void
  onEnd(peer: Peer<Identity>, reason: EndReason, got: number): void
  /** It is active again, or comes to rest: whoever listens to it does so anew, or lets go of it. */
  onChange(peer: Peer<Identity>, active: Active | undefined): void
  readonly rota: Rota
  /** Milliseconds that the server can answer for. */
  up(): number
}

/**
 * One client's session, from its first hello to its end, whatever carriers come and go. Most of ten thousand are silent at any moment,
 * so what a silent one needs is one object, without a closure of its own; the rest is made when something happens.
 */
export class Peer<Identity> implements Owner, Sleeper {
  readonly id: string
  readonly life: string
  identity: Identity
  carrier: Carrier | undefined = undefined
  /** What the application sees of it. */
  face: unknown = undefined
  /** It is over, or about to be: whoever hears of that may be sending to all that are in a room with it. */
  isOver = false
  shift: Set<Sleeper> | undefined = undefined
  readonly #host: PeerHost<Identity>
  /** Undefined as long as it has all that it may take at once. */
  #rate: RateLimit | undefined = undefined
  #attempt = 0
  #nonce = ''
  /** While it has a carrier, there is none. */
  #expiresAt: number | undefined = undefined
  /** What a client hears that connects to a session which is over. */
  #epitaph: Bye | undefined = undefined
  #active: Active | undefined
  // What is left of its numbers at rest.
  #got = 0
  #acknowledged = 0
  #lastId = 0
  #blobs: number | undefined = undefined

  constructor(id: string, life: string, identity: Identity, host: PeerHost<Identity>) {
    this.id = id
    this.life = life
    this.identity = identity
    this.#host = host
    this.#active = createActive(this, host)
  }

  get expiresAt(): number {
    return this.#expiresAt ?? Infinity
  }

  /** All of it: whoever asks has something to do with it. */
  get active(): Active {
    this.#host.settle()
    if (this.#active) return this.#active
    const rest = { got: this.#got, acknowledged: this.#acknowledged, lastId: this.#lastId, blobs: this.#blobs }
    const active = createActive(this, this.#host, rest)
    this.#active = active
    this.#host.rota.set(this, Infinity)
    this.#host.onChange(this, active)
    active.changed()
    return active
  }

  /** Bytes that wait to be sent or acknowledged. */
  get bytes(): number {
    this.#host.settle()
    return this.#active?.talk.session.outbox.bytes ?? 0
  }

  /** Sends what others get as well. */
  push(messages: readonly Message[]): void {
    // Whoever hears of an error may end it.
    for (const message of messages) if (!this.isOver) this.active.talk.push(message)
  }

  /** True if this hello is older than one that was seen, or another tab's of the same attempt. */
  isSuperseded(next: Hello): boolean {
    return next.attempt < this.#attempt || (next.attempt === this.#attempt && next.nonce !== this.#nonce)
  }

  /** The session goes on over this carrier. */
  take(next: Carrier, { from, got, attempt, nonce, blobs = BLOB_BYTES }: Hello): void {
    const { session, parcels } = this.active.talk
    if (this.isOver && !this.#epitaph) return dismiss(next, lost(session.got, 'The session is over.'))
    this.#attempt = attempt
    this.#nonce = nonce
    parcels.limit = blobs
    if (this.carrier) this.drop({ code: SUPERSEDED, reason: 'Another connection took this session over.' })
    if (!session.resume(from, got)) {
      dismiss(next, lost(session.got, 'The session cannot go on where the client stands.'))
      return this.end('protocol')
    }
    const { limits } = this.#host.options
    this.carrier = next
    this.#expiresAt = undefined
    session.attach(next, {
      welcome: {
        got: session.got,
        from: session.outbox.acknowledged + 1,
        life: this.life,
        up: this.#host.up(),
        limit: limits.messageBytes,
        blobs: limits.blobBytes,
      },
    })
    if (this.isOver) this.#part(this.#epitaph)
  }

  receive(from: Carrier, packet: Packet): void {
    if (this.carrier !== from) return
    const { talk, surcharge } = this.active
    const { rate } = this.#host.options.limits
    const bucket = (this.#rate ??= createRateLimit(rate, this.#host.clock))
    // What was looked at is charged for, though it be too much: a client that sends it again would never get any further.
    inParts(packet, (part, lines) => {
      const pieces = talk.pieces()
      talk.session.receive(from, part)
      const debt = bucket.take(lines + surcharge() - PIECE_DISCOUNT * (talk.pieces() - pieces))
      if (debt > 0 && this.carrier === from) {
        talk.fault(new HoldfastError('try-later', `A session sent more than ${rate} messages a second.`))
        this.drop({ code: TOO_MANY, reason: `More than ${rate} messages a second`, retry: { after: debt } })
      }
      return this.carrier === from
    })
  }

  /** Lets the carrier go; the session waits for the next one. */
  drop(bye?: Bye): void {
    this.#active?.talk.session.detach()
    if (this.carrier && bye) dismiss(this.carrier, bye)
    else this.carrier?.close()
    this.carrier = undefined
    this.#expiresAt = this.#host.clock.now() + this.#host.options.keep
    if (this.#active) this.#active.changed()
    else this.#host.rota.set(this, this.expiresAt)
  }

  /** The carrier broke. */
  lose(from: Carrier): void {
    if (this.carrier === from) this.drop()
  }

  /** The time has come for which it went to rest. */
  due(): void {
    if (this.#host.clock.now() >= this.expiresAt) this.end('expired')
    else this.active.talk.session.probe()
  }

  /** Nothing is under way. */
  rest({ got, acknowledged, lastId, blobs }: Rest, at: number): void {
    this.#active = undefined
    this.#got = got
    this.#acknowledged = acknowledged
    this.#lastId = lastId
    this.#blobs = blobs
    if (this.#rate?.isFull()) this.#rate = undefined
    this.#host.onChange(this, undefined)
    this.#host.rota.set(this, Math.min(at, this.expiresAt))
  }

  onError(error: HoldfastError): void {
    this.#host.onError(this, error)
  }

  /** Whatever it still had to say is said, and then this. */
  #part(bye?: Bye): void {
    const { session } = this.active.talk
    if (this.carrier && bye) session.farewell(bye)
    session.detach()
    this.carrier?.close(bye && nativeCode(bye))
    this.carrier = undefined
  }

  /** The end. `bye` is what a connected client hears. */
  end(reason: EndReason, bye?: Bye): void {
    if (this.isOver) return
    const { talk, end } = this.active
    this.isOver = true
    this.#epitaph = bye
    const { got } = talk.session
    this.#part(bye)
    // Its client may be changing carriers; or it has none so far, because whoever heard that it begins ends it.
    end(endedBy(reason), reason === 'server-closed' || this.#attempt === 0)
    this.#host.onEnd(this, reason, got)
  }
}
