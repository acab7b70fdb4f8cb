import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { type Encoded, frameOf, sizeOf } from '../kernel/outbox.ts'
import type { Codec } from '../wire/codec.ts'
import { decodeFrame } from '../wire/decode.ts'
import type { CountedFrame, EventFrame } from '../wire/frames.ts'
import { type Schemas, validate } from '../wire/schema.ts'
import { createCalls } from './calls.ts'
import type { Conversation, SessionHost } from './ports.ts'
import { createSession } from './session.ts'

/** What a conversation is made of, whichever side it is. */
export interface ConversationOptions {
  readonly codec: Codec | undefined
  readonly schema: Schemas | undefined
  /** Hears of every counted error. MUST NOT throw. */
  readonly onError: (error: HoldfastError) => void
  /** There is no room for a message: throw, or end the session. */
  readonly overflow: () => void
  /** Answers find room all the same: there are only as many as the other side asked for. */
  readonly answersFit: boolean
}

/** What a frame that this side encoded says. */
export const contentOf = (frame: Encoded): CountedFrame => decodeFrame(frame) as CountedFrame

export const createConversation = (
  { codec, schema, onError, overflow, answersFit }: ConversationOptions,
  endpoint: Omit<SessionHost, 'deliver' | 'fault' | 'dropped'>,
): Conversation => {
  let closed: HoldfastError | undefined
  const errors: Partial<Record<ErrorCode, number>> = {}

  const fault = (error: HoldfastError): void => {
    errors[error.code] = (errors[error.code] ?? 0) + 1
    onError(error)
  }
  const session = createSession({
    ...endpoint,
    fault,
    dropped(frame, why) {
      const [name, , id] = contentOf(frame)
      const error = new HoldfastError(why, why === 'expired' ? `The \`ttl\` of "${name}" ran out.` : tooLarge(frame))
      if (typeof id === 'number') talk.calls.fail(id, error)
      fault(error)
    },
    deliver: (frame) =>
      typeof frame[0] === 'string' && frame.length < 3 ? talk.onEvent(frame as EventFrame) : talk.calls.receive(frame),
  })
  const tooLarge = (frame: Encoded): string =>
    `A message of ${sizeOf(frame)} bytes is over the ${session.limit} that the other side takes. Split it.`

  const check = (frame: Encoded): void => {
    if (closed) throw closed
    if (session.limit! < sizeOf(frame)) throw new HoldfastError('too-large', tooLarge(frame))
  }

  const talk = {
    session,
    clock: endpoint.clock,
    codec,
    errors,
    onEvent: () => {},
    push(item, force) {
      if (closed && force) return
      check(frameOf(item))
      if (!session.outbox.push(item, force && answersFit)) overflow()
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
        throw new HoldfastError(
          'invalid-payload',
          'The codec cannot decode what arrived. Both sides need the same one.',
          error,
        )
      }
    },
    accept: (name, data) => validate(schema, name, talk.decode(data)),
    fault,
    thrown: (error, where) =>
      fault(
        new HoldfastError(
          'handler-failed',
          `${where} threw: ${(error as Error | undefined)?.message ?? String(error)}`,
          error,
        ),
      ),
    shut: (error) => void (closed = error),
    end(error) {
      closed = error
      talk.calls.end(error)
      session.end(error)
    },
  } as Omit<Conversation, 'calls'> as Conversation
  return Object.assign(talk, { calls: createCalls(talk) })
}
