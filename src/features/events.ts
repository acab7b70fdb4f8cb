import { type Emitter, createEmitter } from '../kernel/emitter.ts'
import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/outbox.ts'
import type { Conversation } from '../session/ports.ts'
import { encodeFrame } from '../wire/encode.ts'

/** How one message is to be sent. */
export interface SendOptions {
  /** It may be lost: sent now if the connection is open and not congested, never repeated. */
  volatile?: boolean
  /** Replaces a message of the same key that has not been sent yet: only the newest is worth sending. */
  latest?: string
  /** Milliseconds after which it is not worth sending any more. */
  ttl?: number
}

/** Messages by name, both ways. */
export interface Events extends Pick<Emitter, 'on' | 'once'> {
  send(name: string, data?: unknown, options?: SendOptions): void
}

/** Sends an encoded event: a broadcast is encoded once. */
export const sendEncoded = (talk: Conversation, frame: Encoded, { volatile, latest, ttl }: SendOptions = {}): void => {
  if (!volatile)
    return talk.push(
      latest === undefined && ttl === undefined
        ? frame
        : { frame, latest, expiresAt: ttl === undefined ? ttl : ttl + talk.clock.now() },
    )
  if (typeof frame !== 'string')
    throw new HoldfastError('invalid-argument', 'Bytes cannot be volatile. Send them with `latest`.')
  talk.volatile(`{"volatile":${frame}}`)
}

export const createEvents = (talk: Conversation): Events => {
  const { on, once, emit } = createEmitter((error, name) => talk.thrown(error, `A listener of "${name}"`))
  talk.onEvent = (name, data) => {
    if (!emit(name, talk.accept(name, data)))
      throw new HoldfastError(
        'unknown-event',
        `Nobody listens to "${name.slice(0, 80)}". Register listeners in the task that connects.`,
      )
  }
  return { on, once, send: (name, data, options) => sendEncoded(talk, encodeFrame(name, data, talk.codec), options) }
}
