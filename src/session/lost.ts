import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/outbox.ts'
import { decodeOwn } from '../wire/decode.ts'
import type { Calls } from './calls.ts'
import type { Session } from './session.ts'

/** A message whose fate the lost session took with it. */
export interface InDoubt {
  /** The name of the event or request. */
  readonly name: string
  readonly data: unknown
  /** True for a request, false for an event. */
  readonly request: boolean
  /** True if it was sent again in the new session (and may arrive twice), false if it was given up (and may not have arrived). */
  readonly resent: boolean
}

/** What `onLost` tells. */
export interface Lost {
  /** Why: `session-lost`, or `closed` where the socket ended with messages still on their way. */
  readonly cause: HoldfastError
  /** Sent, never acknowledged, and nobody knows whether they were delivered; oldest first. Empty where the server still knew. */
  readonly inDoubt: readonly InDoubt[]
  /** Never sent, and now never to be: only where the socket closed. Oldest first. */
  readonly unsent: readonly Omit<InDoubt, 'resent'>[]
}

/** What decides on a lost session's messages. */
export interface LostContext {
  readonly session: Session
  readonly calls: Calls
  /** Whether events in doubt go out again. */
  readonly inDoubt: 'resend' | 'reject'
  /** Through the codec. */
  readonly decode: (data: unknown) => unknown
}

/**
 * The server lost the session: splits what was out into delivered, not delivered and in doubt (docs/protocol.md#lost),
 * and lets the next session begin with what is to be sent again. `got` is what the server's tombstone still knew.
 */
export const loseSession = (
  { session, calls, inDoubt: policy, decode }: LostContext,
  got: number | undefined,
): InDoubt[] => {
  const doubtful = got === undefined
  const inDoubt: InDoubt[] = []
  const again: Encoded[] = []
  const out = new Set<number>()
  for (const frame of session.reset(got)) {
    const [name, data, id] = decodeOwn(frame)
    // Answers and cancellations belong to questions that the server forgot with the session.
    if (typeof name !== 'string') continue
    const request = typeof id === 'number'
    if (request && !calls.isOpen(id)) continue
    if (request) out.add(id)
    const resent = !doubtful || (request ? calls.isIdempotent(id) : policy === 'resend')
    if (doubtful) inDoubt.push({ name, data: decode(data), request, resent })
    if (resent) again.push(frame)
    else if (request)
      calls.fail(
        id,
        new HoldfastError(
          'in-doubt',
          `The session was lost while "${name}" was on its way: it may or may not have been handled. Mark the request \`idempotent\` to have it sent again.`,
        ),
      )
  }
  session.restart([...calls.lose(out), ...again], (frame) => typeof decodeOwn(frame)[0] === 'string')
  return inDoubt
}

/** The socket is closed for good: tells what never arrived for certain, and leaves nothing behind. */
export const abandonSession = ({ session, decode }: LostContext, cause: HoldfastError): Lost => {
  const tell = (frame: Encoded): Omit<InDoubt, 'resent'>[] => {
    const [name, data, id] = decodeOwn(frame)
    return typeof name === 'string' ? [{ name, data: decode(data), request: typeof id === 'number' }] : []
  }
  const inDoubt = session
    .reset(undefined)
    .flatMap(tell)
    .map((message) => ({ ...message, resent: false }))
  const unsent: Omit<InDoubt, 'resent'>[] = []
  session.restart([], (frame) => (unsent.push(...tell(frame)), false))
  return { cause, inDoubt, unsent }
}
