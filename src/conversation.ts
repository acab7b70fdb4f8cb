import { HoldfastError } from './kernel/errors.ts'
import type { ErrorCode } from './kernel/errors.ts'
import type { DropReason } from './kernel/outbox.ts'
import { type Events, createEvents } from './features/events.ts'
import { type Requests, createRequests } from './features/requests.ts'
import { type Streams, createStreams } from './features/streams.ts'
import { type Calls, createCalls } from './session/calls.ts'
import type { Port } from './session/port.ts'
import { type Session, type SessionHost, createSession } from './session/session.ts'
import type { Codec } from './wire/codec.ts'
import { decodeOwn } from './wire/decode.ts'
import { type Schemas, check } from './wire/schema.ts'

/** How often each kind of error was met. */
export type ErrorCounts = Readonly<Partial<Record<ErrorCode, number>>>

/** What a conversation is made of, whichever side it is. */
export interface ConversationOptions {
  readonly codec?: Codec | undefined
  readonly schema?: Schemas | undefined
  /** Milliseconds. */
  readonly requestTimeout: number
  /** Hears of every counted error. MUST NOT throw. */
  readonly onError: (error: HoldfastError) => void
}

/** A session with its features: what page and server have in common. */
export interface Conversation extends Events, Requests, Streams {
  readonly session: Session
  readonly calls: Calls
  readonly errors: ErrorCounts
  fault(error: HoldfastError): void
  thrown(error: unknown, where: string): void
  /** Incoming data through the codec. Throws `invalid-payload`. */
  decode(data: unknown): unknown
  /** No more sending: calls from now on throw this. */
  shut(error: HoldfastError): void
  end(error: HoldfastError): void
}

const DROPPED: Record<DropReason, string> = {
  dropped:
    'gave way to newer messages, because the outbox is full. Raise `outbox.maxMessages` or `maxBytes`, or send less',
  expired: 'waited longer than its `ttl`',
  'too-large': 'is larger than the other side takes. Split it',
}

export const createConversation = (
  options: ConversationOptions,
  endpoint: Omit<SessionHost, 'deliver' | 'fault' | 'dropped'>,
): Conversation => {
  const errors: Partial<Record<ErrorCode, number>> = {}
  let shut: HoldfastError | undefined

  const fault = (error: HoldfastError): void => {
    errors[error.code] = (errors[error.code] ?? 0) + 1
    options.onError(error)
  }
  const thrown = (error: unknown, where: string): void => {
    const message = error instanceof Error ? error.message : String(error)
    fault(new HoldfastError('handler-failed', `${where} threw: ${message}`, error))
  }
  const decode = (data: unknown): unknown => {
    if (!options.codec) return data
    try {
      return options.codec.decode(data)
    } catch (error) {
      throw new HoldfastError(
        'invalid-payload',
        'The codec cannot decode what arrived. Both sides need the same one.',
        error,
      )
    }
  }

  const session = createSession({
    ...endpoint,
    fault,
    dropped(frame, why) {
      const [name, , id] = decodeOwn(frame)
      const error = new HoldfastError(why, `A message ("${name}") ${DROPPED[why]}.`)
      if (typeof id === 'number') calls.fail(id, error)
      fault(error)
    },
    deliver(frame) {
      if (typeof frame[0] === 'string' && frame.length < 3) events.receive(frame as never)
      else calls.receive(frame as never)
    },
  })
  const port: Port = {
    clock: endpoint.clock,
    codec: options.codec,
    push(item, force) {
      if (shut) {
        if (force) return
        throw shut
      }
      session.push(item, force)
    },
    withdraw: session.withdraw,
    volatile: session.volatile,
    backlog: session.backlog,
    decode,
    accept: (name, data) => check(options.schema, name, decode(data)),
    fault,
    thrown,
  }
  const events = createEvents(port)
  const calls = createCalls(port)
  return {
    ...events,
    ...createRequests(port, calls, options.requestTimeout),
    ...createStreams(port, calls),
    session,
    calls,
    errors,
    fault,
    thrown,
    decode,
    shut: (error) => void (shut = error),
    end(error) {
      shut = error
      calls.end(error)
      session.end(error)
    },
  }
}
