import { HoldfastError } from '../kernel/errors.ts'
import { type Item, frameOf } from '../kernel/outbox.ts'
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
  /** Never sent, and now never to be: only where the socket closed. Oldest first. */
  readonly unsent: readonly LostMessage[]
}

/** A message of this side, and the id of its question if it is one. */
type Found = { readonly message: LostMessage; readonly id: number | undefined }

/** Undefined for answers and withdrawals, which belong to questions that go with the session, and for questions that were withdrawn. */
const find = ({ calls, decode }: Conversation, item: Item): Found | undefined => {
  const frame = frameOf(item)
  const [name, data, id] = (frame ? contentOf(frame) : []) as [name?: unknown, data?: unknown, id?: number]
  if (typeof name !== 'string' || (id !== undefined && !calls.find(id))) return undefined
  return { message: { name, data: decode(data), request: id !== undefined }, id }
}

/**
 * The session goes on, but a server that crashed may have had its first `count` frames, which this one gets all the same,
 * perhaps as the second. docs/protocol.md#lost
 */
export const doubtFrames = (talk: Conversation, count: number): Lost => {
  const cause = new HoldfastError('session-lost', 'The connection broke before its welcome.')
  const inDoubt: InDoubt[] = []
  for (const frame of talk.session.outbox.sent.slice(0, count)) {
    const found = find(talk, frame)
    if (found) inDoubt.push({ ...found.message, resent: true })
  }
  return { cause, inDoubt, unsent: [] }
}

/**
 * The session is gone. What was out is split into delivered, not delivered and in doubt (docs/protocol.md#lost): `got` is
 * how much of it the server still knew to be delivered, and `policy` what becomes of events in doubt; `closed` gives
 * everything up. `seen` is the last number that a server can have looked at. What is to be sent again waits, in order, for
 * the next session.
 */
export const loseSession = (
  talk: Conversation,
  cause: HoldfastError,
  policy: 'resend' | 'reject' | 'closed',
  got?: number,
  seen: number = Infinity,
): Lost => {
  const { session, calls } = talk
  const { acknowledged } = session.outbox
  const [out, waited] = session.clear()
  const inDoubt: InDoubt[] = []
  const unsent: LostMessage[] = []
  const again: Item[] = []
  /** Whether a question that was out or waited goes out again. */
  const fates = new Map<number, boolean>()
  const sort = (item: Item, isDoubtful: boolean): void => {
    const found = find(talk, item)
    if (!found) return
    const { message, id } = found
    const question = calls.find(id!)
    const resent = policy !== 'closed' && (!isDoubtful || (question ? !!question.again : policy === 'resend'))
    if (isDoubtful) inDoubt.push({ ...message, resent })
    else if (!resent) unsent.push(message)
    if (resent) again.push(item)
    if (id !== undefined) fates.set(id, resent)
  }
  for (const [i, frame] of out.entries()) {
    const number = acknowledged + i + 1
    if (!(number <= got!)) sort(frame, got === undefined && number <= seen)
  }
  for (const item of waited) sort(item, false)
  const asked = policy === 'closed' ? [] : calls.lose(fates)
  for (const item of [...asked, ...again]) session.outbox.push(item, true)
  session.schedule()
  return { cause, inDoubt, unsent }
}
