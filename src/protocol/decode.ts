import { HoldfastError, excerpt } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/message.ts'
import { type Control, type CountedFrame, MOST_BLOBS } from './frames.ts'

/** Whether a value from the wire is what it should be. */
export type Check = (value: unknown) => boolean

export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
export const isText: Check = (value) => typeof value === 'string'
/** Of a session, a life, a carrier: long enough to be unguessable, short enough to be kept by the thousand. */
export const isId: Check = (value) => isText(value) && /^.{16,64}$/.test(value as string)
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
/** An object whose fields pass; what else it has is left to the future. */
export const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    value instanceof Object && Object.keys(fields).every((key) => fields[key]!((value as Record<string, unknown>)[key]))

const malformed = (what: string, text: string): HoldfastError =>
  new HoldfastError('malformed-frame', `Not a ${what}: ${excerpt(text)}`)

const isFailure = shape({ code: isText, message: isText, reason: optional(isText) })

const isPlace: Check = (place) => {
  if (!Array.isArray(place)) return false
  const [size, type, name, ...path] = place as unknown[]
  return isCount(size) && isText(type) && (name === null || isText(name)) && path.every(isText)
}

const isPlain = (frame: readonly unknown[]): boolean => {
  // Not destructured: an iterator for each line would cost.
  const head = frame[0]
  const tail = frame[2]
  return isText(head)
    ? frame.length < 3 || isCount(tail)
    : isCount(head) && (frame.length < 3 || tail === 1 || isFailure(tail))
}

/** docs/protocol.md#blobs */
const isLaden = ([head, , tail, places]: readonly unknown[]): boolean =>
  (isText(head) ? optional(isCount)(tail ?? undefined) : isCount(head) && tail === null) &&
  Array.isArray(places) &&
  places.length <= MOST_BLOBS &&
  places.every(isPlace)

const isOfParcel = ({ length, 2: offset, 3: total, 4: id }: readonly unknown[]): boolean =>
  length < 2 || (isCount(offset) && isCount(total) && optional(isCount)(id))

const isCounted = (frame: unknown): frame is CountedFrame => {
  if (!Array.isArray(frame)) return false
  return frame[0] === null ? isOfParcel(frame) : frame.length < 4 ? isPlain(frame) : isLaden(frame)
}

/** A counted frame, or the error that says why it is none. Never throws. docs/protocol.md#frames */
export const decodeFrame = (encoded: Encoded): CountedFrame | HoldfastError => {
  let line = ''
  try {
    // A binary packet is the frame's line with an empty place for data, a newline, the data.
    const isText = typeof encoded === 'string'
    const end = isText ? 0 : encoded.indexOf(10)
    line = isText ? encoded : decoder.decode(encoded.subarray(0, end))
    const frame: unknown = JSON.parse(line)
    if (isCounted(frame) && (isText || (end > 0 && frame.length > 1))) {
      if (!isText) (frame as unknown as unknown[])[1] = encoded.subarray(end + 1)
      return frame
    }
  } catch {
    // Not JSON, nested deeper than the parser's stack, or half a character: reported like any other line that is no frame.
  }
  return malformed('frame', line)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

const CHECKS: Readonly<Record<string, Check>> = {
  welcome: shape({
    life: isText,
    from: isCount,
    got: isCount,
    limit: isCount,
    blobs: optional(isCount),
    up: isCount,
  }),
  ack: isCount,
  ping: isCount,
  pong: isCount,
  bye: shape({
    code: isCount,
    reason: optional(isText),
    got: optional(isCount),
    retry: (retry) => !retry || shape({ after: isCount, spread: optional(isCount) })(retry),
  }),
  volatile: (frame) => isCounted(frame) && isText(frame[0]) && frame.length < 3,
}

/** What stands in a control line and is well formed; `fault` hears of what is not. Never throws. docs/protocol.md#control */
export const decodeControl = (
  line: string,
  fault: (error: HoldfastError) => void,
  checks: Readonly<Record<string, Check>> = CHECKS,
): Control => {
  const control: Record<string, unknown> = {}
  const unknown: string[] = []
  try {
    for (const [key, value] of Object.entries(JSON.parse(line) as object)) {
      if (!Object.hasOwn(checks, key)) unknown.push(key)
      else if (checks[key]!(value)) control[key] = value
      else fault(malformed(key, line))
    }
  } catch {
    fault(malformed('control frame', line))
  }
  // One error, however many keys: a line may have a hundred thousand.
  if (unknown.length > 0) fault(new HoldfastError('unknown-control', `Passed over: ${excerpt(unknown.join())}`))
  return control
}
