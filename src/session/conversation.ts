import { type ErrorCode, HoldfastError, thrownBy } from '../kernel/errors.ts'
import { type Encoded, settle } from '../kernel/message.ts'
import type { DropReason } from '../kernel/outbox.ts'
import { isOver, sizeOf } from '../kernel/size.ts'
import type { Codec } from '../protocol/codec.ts'
import { decodeFrame } from '../protocol/decode.ts'
import type { ChunkFrame, CountedFrame, PlainFrame } from '../protocol/frames.ts'
import { type Schemas, validate } from '../protocol/schema.ts'
import { createCalls } from './calls.ts'
import { createParcels } from './parcels.ts'
import type { Conversation, Session, SessionHost } from './ports.ts'
import { createSession } from './session.ts'
import { createUnpacking } from './unpack.ts'

/** What a conversation is made of, whichever side it is. */
export interface ConversationOptions extends Omit<SessionHost, 'deliver' | 'fault' | 'dropped'> {
  readonly codec: Codec | undefined
  readonly schema: Schemas | undefined
  /** Ids of questions begin after this. Default: 0. */
  readonly firstId?: number
  /** The most bytes of Blobs that this side takes in one message. */
  readonly maxBlobBytes: number
  /** Hears of every counted error. MUST NOT throw. */
  readonly onError: (error: HoldfastError) => void
  /** There is no room for a message. An answer has been let in all the same. */
  readonly overflow: (isAnswer: boolean) => void
}

/** Bytes of a piece of a Blob that is worth its line. */
const FULL_PIECE = 8_192
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
    deliver: (frame) => deliver(frame),
    changed() {
      talk.parcels.pump()
      options.changed()
    },
  })
  const unpacking = createUnpacking(options.maxBlobBytes)
  let fullPieces = 0

  const deliver = (frame: CountedFrame): void => {
    let plain: PlainFrame | undefined
    try {
      if (frame[0] === null) takePiece(frame as ChunkFrame)
      else plain = frame.length === 4 ? unpacking.unpack(frame) : frame
    } catch (error) {
      fault(error as HoldfastError)
    }
    if (plain) talk.calls.receive(plain)
  }
  const takePiece = (piece: ChunkFrame): void => {
    const [, bytes, , total, id] = piece
    if (piece.length < 2) return unpacking.discard()
    unpacking.take(piece)
    if ((bytes as Uint8Array).length >= FULL_PIECE) fullPieces++
    if (id !== undefined) talk.calls.progress(id, { loaded: unpacking.held(), total })
  }

  const tooLarge = (frame: Encoded): string =>
    `A message of ${sizeOf(frame)} bytes is over the ${session.limit} that the other side takes. Split it, or send a Blob.`
  /** Why it cannot go to the other side, if it cannot. */
  const refusal = (frame: Encoded, blobs?: readonly Blob[]): HoldfastError | undefined => {
    if (isOver(frame, session.limit!)) return new HoldfastError('too-large', tooLarge(frame))
    if (!blobs) return undefined
    const { limit } = talk.parcels
    const total = blobs.reduce((sum, { size }) => sum + size, 0)
    const why = `Blobs of ${total} bytes are over the ${limit} that the other side takes in one message.`
    return total > limit! ? new HoldfastError('too-large', why) : undefined
  }

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

  const check = (frame: Encoded, blobs?: readonly Blob[]): void => {
    const error = closed ?? refusal(frame, blobs)
    if (error) throw error
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
      const { frame, blobs } = message
      check(frame, blobs)
      const { outbox } = session
      // To ask the time is not free: only where something may have expired.
      const now = outbox.expiresAt < Infinity ? talk.clock.now() : 0
      const queue = blobs ? talk.parcels : outbox
      if (!queue.push(message, now, isAnswer)) options.overflow(isAnswer)
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
    held: unpacking.held,
    pieces: () => fullPieces + talk.parcels.arrived(),
    requeue(message) {
      if (message.blobs) talk.parcels.push(message, 0, true)
      else session.outbox.push(message, talk.clock.now(), true)
    },
    progress(listener, progress) {
      try {
        listener?.(progress)
      } catch (error) {
        talk.thrown(error, 'A progress listener')
      }
    },
    thrown: (error, where) => fault(thrownBy(error, where)),
    shut: (error) => void (closed = error),
    end(error) {
      closed = error
      talk.calls.end(error)
      session.end(error)
    },
  } as Omit<Conversation, 'calls' | 'parcels'> as Conversation
  const parcels = createParcels(talk, options.outbox, refusal)
  const { attach, clear, flush } = session
  Object.assign(session, {
    attach(...args) {
      parcels.start()
      attach(...args)
    },
    clear() {
      unpacking.discard()
      const [out, waited] = clear()
      return [out, [...waited, ...parcels.clear()]]
    },
    flush() {
      const laden = [...parcels.open]
      return flush(() => laden.some((message) => parcels.open.has(message)))
    },
  } satisfies Partial<Session>)
  return Object.assign(talk, { parcels, calls: createCalls(talk) })
}
