import { type ErrorCode, HoldfastError, thrownBy } from '../kernel/errors.ts'
import { type Encoded, frameOf, sizeOf } from '../kernel/outbox.ts'
import type { Codec } from '../wire/codec.ts'
import { decodeFrame } from '../wire/decode.ts'
import type { CountedFrame } from '../wire/frames.ts'
import { type Schemas, validate } from '../wire/schema.ts'
import { createCalls } from './calls.ts'
import type { Conversation, SessionHost } from './ports.ts'
import { createSession } from './session.ts'

/** What a conversation is made of, whichever side it is. */
export interface ConversationOptions extends Omit<SessionHost, 'deliver' | 'fault' | 'dropped'> {
  readonly codec: Codec | undefined
  readonly schema: Schemas | undefined
  /** Hears of every counted error. MUST NOT throw. */
  readonly onError: (error: HoldfastError) => void
  /** There is no room for a message. True lets it in all the same. */
  readonly overflow: (isAnswer: boolean) => boolean
}

/** What a frame that this side encoded says. */
export const contentOf = (frame: Encoded): CountedFrame => decodeFrame(frame) as CountedFrame

export const createConversation = (options: ConversationOptions): Conversation => {
  const { codec } = options
  let closed: HoldfastError | undefined
  const errors: Partial<Record<ErrorCode, number>> = {}

  const fault = (error: HoldfastError): void => {
    errors[error.code] = (errors[error.code] ?? 0) + 1
    options.onError(error)
  }
  const session = createSession({
    ...options,
    fault,
    dropped(frame, why) {
      const [name, , id] = contentOf(frame)
      const error = new HoldfastError(why, why === 'expired' ? `The \`ttl\` of "${name}" ran out.` : tooLarge(frame))
      if (typeof id === 'number') talk.calls.fail(id, error)
      fault(error)
    },
    deliver: (frame) => talk.calls.receive(frame),
  })
  const tooLarge = (frame: Encoded): string =>
    `A message of ${sizeOf(frame)} bytes is over the ${session.limit} that the other side takes. Split it.`

  const check = (frame: Encoded): void => {
    if (closed) throw closed
    if (session.limit! < sizeOf(frame)) throw new HoldfastError('too-large', tooLarge(frame))
  }

  const talk = {
    session,
    clock: options.clock,
    codec,
    errors,
    onEvent: () => {},
    push(item, isAnswer = false) {
      if (closed && isAnswer) return
      check(frameOf(item))
      if (!session.outbox.push(item) && options.overflow(isAnswer)) session.outbox.push(item, true)
      session.schedule()
    },
    volatile(line) {
      check(line)
      session.volatile(line)
    },
    decode(data) {
      try {
        return codec && data !== undefined ? codec.decode(data) : data
      } catch (error) {
        throw new HoldfastError('invalid-payload', 'Cannot decode what came. Both sides need the same `codec`.', error)
      }
    },
    accept: (name, data) => validate(options.schema, name, talk.decode(data)),
    fault,
    thrown: (error, where) => fault(thrownBy(error, where)),
    shut: (error) => void (closed = error),
    end(error) {
      closed = error
      talk.calls.end(error)
      session.end(error)
    },
  } as Omit<Conversation, 'calls'> as Conversation
  return Object.assign(talk, { calls: createCalls(talk) })
}
