import { HoldfastError } from '../kernel/errors.ts'
import { type Encoded, type Message, isNamed } from '../kernel/message.ts'
import type { Kept, StoredMessage } from '../platform/storage.ts'
import type { Inheritance, Legacy } from '../session/legacy.ts'
import { type Check, decodeFrame, isCount, isId, isText, optional, shape } from '../protocol/decode.ts'

/** The layout of what a journal keeps: of another one, nothing is taken over. */
const VERSION = 1

/** What a journal keeps beside messages. */
interface State extends Legacy {
  readonly version: typeof VERSION
}

const isTime: Check = Number.isFinite
const isState = shape({
  version: (version) => version === VERSION,
  generation: isCount,
  session: isId,
  life: optional(isId),
  carriedAt: isTime,
  acknowledged: isCount,
  got: isCount,
})
const isMessage = shape({
  key: isCount,
  frame: (frame) =>
    !(decodeFrame(frame as Encoded) instanceof HoldfastError) && !/\n/.test(isText(frame) ? (frame as string) : ''),
  number: optional(isCount),
  latest: optional(isText),
  expiresAt: optional(isTime),
})

/** What is kept of a session, beside its messages. */
export const stateOf = (legacy: Legacy): State => ({ version: VERSION, ...legacy })

/** A session as another page left it, and the keys of its messages. */
export interface Found extends Inheritance {
  readonly keys: ReadonlyMap<Message, number>
  /** Keys of messages that are of no use any more. */
  readonly stale: readonly number[]
}

/** What is left of requests whose page is gone: nobody waits for their answer, so what was not sent need not be. */
const isVain = ({ frame, number }: StoredMessage): boolean =>
  number === undefined && isNamed(frame) && (decodeFrame(frame) as readonly unknown[]).length > 2

/** Reads what a former page left. Undefined for what is no such thing, or cannot be gone on with: anybody may have written there. */
export const readKept = ({ state, messages }: Kept): Found | undefined => {
  if (!isState(state) || !messages.every(isMessage)) return undefined
  const legacy = state as State
  const keys = new Map<Message, number>()
  const stale: number[] = []
  const sent: Message[] = []
  const waiting: Message[] = []
  let next = legacy.acknowledged + 1
  for (const message of messages) {
    const { key, frame, number, latest, expiresAt } = message
    if (isVain(message) || number! < next) {
      stale.push(key)
      continue
    }
    // Numbers are given in order, so those that have one come first, and none is missing.
    if (number !== undefined && (number !== next++ || waiting.length > 0)) return undefined
    const restored: Message = { frame, fate: undefined, latest, expiresAt }
    keys.set(restored, key)
    ;(number === undefined ? waiting : sent).push(restored)
  }
  return { legacy, sent, waiting, keys, stale }
}
