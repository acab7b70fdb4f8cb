import { HoldfastError } from '../kernel/errors.ts'
import { type Message, settle } from '../kernel/message.ts'
import { putBlobs } from '../protocol/blobs.ts'
import type { LadenFrame } from '../protocol/frames.ts'
import { contentOf } from './conversation.ts'
import type { Conversation } from './ports.ts'

/** A message that was on its way when its session ended. */
export interface LostMessage {
  /** The name of the event or request. */
  readonly name: string
  readonly data: unknown
  /** True for a request, false for an event. */
  readonly request: boolean
}

/** A message of which nobody knows whether it was delivered. */
export interface InDoubt extends LostMessage {
  /** True if it goes out again in the new session (and may arrive twice), false if it was given up (and may not have arrived). */
  readonly resent: boolean
}

/** What `onLost` tells. */
export interface Lost {
  /** Why: `session-lost`, or why the socket closed with messages still on their way. */
  readonly cause: HoldfastError
  /** Sent, never acknowledged, and nobody knows whether they were delivered; oldest first. Empty where the server still knew. */
  readonly inDoubt: readonly InDoubt[]
  /** Not delivered, and now never to be: the socket closed, or the page that asked is gone. Oldest first. */
  readonly unsent: readonly LostMessage[]
}

/** A message of this side, and the id of its question if it is one. */
type Found = { readonly told: LostMessage; readonly id: number | undefined }

/** Undefined for answers and withdrawals, which belong to questions that go with the session, and for questions that were withdrawn. */
const find = ({ calls, decode, firstId }: Conversation, { frame, blobs }: Message): Found | undefined => {
  const content = contentOf(frame)
  const [name, data, id] = (blobs?.length ? putBlobs(content as LadenFrame, blobs) : content) as readonly [
    name?: unknown,
    data?: unknown,
    id?: number,
  ]
  // Of a former page's requests, only the application can know what they were for.
  if (typeof name !== 'string' || (id !== undefined && id > firstId && !calls.find(id))) return undefined
  return { told: { name, data: decode(data), request: id !== undefined }, id }
}

/**
 * The session goes on, but a server that crashed may have had its first `count` frames, which this one gets all the same,
 * perhaps as the second. docs/protocol.md#lost
 */
export const doubtFrames = (talk: Conversation, count: number): Lost => {
  const cause = new HoldfastError('session-lost', 'The connection broke before its welcome.')
  const inDoubt: InDoubt[] = []
  for (const message of talk.session.outbox.sent.slice(0, count)) {
    const found = find(talk, message)
    if (found) inDoubt.push({ ...found.told, resent: true })
  }
  return { cause, inDoubt, unsent: [] }
}

/**
 * The session is gone. What was out is split into delivered, not delivered and in doubt (docs/protocol.md#lost): `got` is
 * how much of it the server still knew to be delivered, and `policy` what becomes of events in doubt; `closed` gives
 * everything up. `seen` is the last number that a server can have looked at. `foreign` messages are another user's, and given up.
 * What is to be sent again waits, in order, for the next session.
 */
export const loseSession = (
  talk: Conversation,
  cause: HoldfastError,
  policy: 'resend' | 'reject' | 'closed',
  got?: number,
  seen: number = Infinity,
  foreign?: ReadonlySet<Message>,
): Lost => {
  const { session, calls } = talk
  const { acknowledged } = session.outbox
  const [out, waited] = session.clear()
  const inDoubt: InDoubt[] = []
  const unsent: LostMessage[] = []
  const resent: Message[] = []
  /** The questions that go out again, though they were not idempotent: they were not had. */
  const again = new Set<number>()
  const sort = (message: Message, isDoubtful: boolean): void => {
    const found = find(talk, message)
    if (!found) return
    const { told, id } = found
    const question = calls.find(id!)
    const mayRepeat = id === undefined ? policy === 'resend' : !!question?.again
    const isGivenUp = policy === 'closed' || foreign?.has(message) || (id !== undefined && !question)
    const isResent = !isGivenUp && (!isDoubtful || mayRepeat)
    if (isDoubtful) inDoubt.push({ ...told, resent: isResent })
    else if (!isResent) unsent.push(told)
    if (isResent) {
      resent.push(message)
      if (id !== undefined) again.add(id)
      if (message.isNumbered) message.isNumbered = false
    } else if (policy !== 'closed' || !question) settle(message, isDoubtful ? doubt(cause, id) : cause)
  }
  for (const [i, message] of out.entries()) {
    const number = acknowledged + i + 1
    if (number <= got!) settle(message, null)
    else sort(message, got === undefined && number <= seen)
  }
  for (const message of waited) sort(message, false)
  const asked = policy === 'closed' ? [] : calls.lose(again)
  for (const message of [...asked, ...resent]) talk.requeue(message)
  session.schedule()
  return { cause, inDoubt, unsent }
}

const doubt = (cause: HoldfastError, id: number | undefined): HoldfastError => {
  const remedy = id === undefined ? '' : ' Mark the request `idempotent` to ask it again.'
  const text = `Sent, never acknowledged, and the session is gone: it may have arrived.${remedy}`
  return new HoldfastError('in-doubt', text, cause)
}
