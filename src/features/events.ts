import { type Emitter, createEmitter } from '../kernel/emitter.ts'
import { HoldfastError, excerpt } from '../kernel/errors.ts'
import { type Encoded, type Laden, type Message, type OnProgress, isLaden, settle, watch } from '../kernel/message.ts'
import type { Conversation } from '../session/ports.ts'
import { encodeMessage } from '../protocol/encode.ts'

/** How one message is to be sent. */
export interface SendOptions {
  /** It may be lost: sent now if the connection is open and not congested, never repeated. */
  volatile?: boolean
  /** Replaces a message of the same key that has not been sent yet: only the newest is worth sending. */
  latest?: string
  /** Milliseconds after which it is not worth sending any more. */
  ttl?: number
  /** Withdraws it, as long as it has not been sent; one with Blobs, as long as not all of them have. */
  signal?: AbortSignal
  /** Hears how much of its Blobs has arrived. */
  onUploadProgress?: OnProgress
}

/** What became of a message. Costs nothing until it is asked. */
export interface Receipt {
  /**
   * Resolves when the other side has acknowledged the message: its listeners have returned. Rejects with `expired`, `dropped`
   * (by `outbox.overflow`, or because a newer one of the same `latest` took its place), `aborted` by its signal, `too-large`,
   * `in-doubt` (sent, and nobody knows; of volatile ones nobody ever does), or why the socket closed.
   */
  readonly delivered: Promise<void>
}

/** The message is its own receipt, and a class so that ten thousand of them share one getter. */
class Receipted implements Message, Receipt {
  frame: Encoded
  fate: Message['fate'] = undefined

  constructor(frame: Encoded) {
    this.frame = frame
  }

  get delivered(): Promise<void> {
    return new Promise((resolve, reject) => watch(this, (fate) => (fate ? reject(fate) : resolve())))
  }
}

class Conditional extends Receipted {
  isNumbered = false
  readonly latest: string | undefined
  expiresAt: number | undefined

  constructor(frame: Encoded, latest: string | undefined, expiresAt: number | undefined) {
    super(frame)
    this.latest = latest
    this.expiresAt = expiresAt
  }
}

const volatileReceipt: Receipt = {
  get delivered() {
    return Promise.reject(new HoldfastError('in-doubt', 'It is volatile: nobody learns whether it arrived.'))
  },
}

/** Messages by name, both ways. */
export interface Events extends Pick<Emitter, 'on' | 'once'> {
  send(name: string, data?: unknown, options?: SendOptions): Receipt
}

/** Sends an encoded event: a broadcast is encoded once. */
export const sendEncoded = (talk: Conversation, frame: Encoded | Laden, options: SendOptions = {}): Receipt => {
  const { volatile, latest, ttl, signal } = options
  signal?.throwIfAborted()
  if (isLaden(frame)) return sendLaden(talk, frame, options)
  if (volatile) {
    if (typeof frame !== 'string')
      throw new HoldfastError('invalid-argument', 'Bytes cannot be volatile. Send them with `latest`.')
    talk.volatile(`{"volatile":${frame}}`)
    return volatileReceipt
  }
  const isBare = latest === undefined && ttl === undefined && !signal
  const expiresAt = ttl === undefined ? ttl : ttl + talk.clock.now()
  const message = isBare ? new Receipted(frame) : new Conditional(frame, latest, expiresAt)
  talk.push(message)
  if (signal) withdrawable(talk, message, signal)
  return message
}

const sendLaden = (talk: Conversation, { text, blobs }: Laden, options: SendOptions): Receipt => {
  const { volatile, latest, ttl = Infinity, signal, onUploadProgress } = options
  if (volatile || latest !== undefined)
    throw new HoldfastError('invalid-argument', 'Blobs take their time: they cannot be `volatile`, nor `latest`.')
  const conditional = new Conditional(text, undefined, ttl + talk.clock.now())
  const message = Object.assign(conditional, { blobs, onProgress: onUploadProgress })
  talk.push(message)
  if (signal) withdrawable(talk, message, signal)
  return message
}

const withdrawable = ({ parcels }: Conversation, message: Message, signal: AbortSignal): void => {
  const withdraw = (): void => {
    if (parcels.withdraw(message))
      settle(message, new HoldfastError('aborted', 'Its signal withdrew it before it was sent.', signal.reason))
  }
  signal.addEventListener('abort', withdraw)
  // Signals live longer than messages.
  watch(message, () => signal.removeEventListener('abort', withdraw))
}

export const createEvents = (talk: Conversation): Events => {
  const { on, once, emit } = createEmitter((error, name) => talk.thrown(error, `A listener of "${name}"`))
  talk.onEvent = (name, data) => {
    if (!emit(name, talk.accept(name, data)))
      throw new HoldfastError('unknown-event', `Nobody listens to "${excerpt(name)}". Do so in the task that connects.`)
  }
  return { on, once, send: (name, data, options) => sendEncoded(talk, encodeMessage(name, data, talk.codec), options) }
}
