import { type ErrorCode, HoldfastError, thrownBy } from '../kernel/errors.ts'
import { type Encoded, settle } from '../kernel/message.ts'
import type { DropReason } from '../kernel/outbox.ts'
import { isOver, sizeOf } from '../kernel/size.ts'
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
  /** Ids of questions begin after this. Default: 0. */
  readonly firstId?: number
  /** Hears of every counted error. MUST NOT throw. */
  readonly onError: (error: HoldfastError) => void
  /** There is no room for a message. An answer has been let in all the same. */
  readonly overflow: (isAnswer: boolean) => void
}

const REPLACED = 'A newer message of the same key took its place.'

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
    dropped(message, why) {
      const { frame } = message
      // One for all of them: of a value that changes all the time, there are many.
      const error = why === 'replaced' ? (replaced ??= new HoldfastError('dropped', REPLACED)) : dropped(frame, why)
      settle(message, error)
      if (error !== replaced) fault(error)
    },
    deliver: (frame) => talk.calls.receive(frame),
  })
  const tooLarge = (frame: Encoded): string =>
    `A message of ${sizeOf(frame)} bytes is over the ${session.limit} that the other side takes. Split it.`

  const dropped = (frame: Encoded, why: Exclude<DropReason, 'replaced'>): HoldfastError => {
    const [name] = contentOf(frame)
    const texts = {
      expired: `The \`ttl\` of "${name}" ran out.`,
      'too-large': tooLarge(frame),
      dropped: `The outbox was full, and "${name}" was dropped, as \`outbox.overflow\` has it.`,
    }
    return new HoldfastError(why, texts[why])
  }
  let replaced: HoldfastError | undefined

  const check = (frame: Encoded): void => {
    if (closed) throw closed
    if (isOver(frame, session.limit!)) throw new HoldfastError('too-large', tooLarge(frame))
  }

  const talk = {
    session,
    clock: options.clock,
    codec,
    firstId: options.firstId ?? 0,
    errors,
    onEvent: () => {},
    push(message, isAnswer = false) {
      if (closed && isAnswer) return
      check(message.frame)
      const { outbox } = session
      // To ask the time is not free: only where something may have expired.
      const now = outbox.expiresAt < Infinity ? talk.clock.now() : 0
      if (!outbox.push(message, now, isAnswer)) options.overflow(isAnswer)
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
