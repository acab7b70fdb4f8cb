import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/outbox.ts'
import type { Bye, Control, CountedFrame, Failure, Hello, Welcome } from './frames.ts'

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isId = (value: unknown): value is string => typeof value === 'string' && value.length >= 16 && value.length <= 64

const malformed = (what: string, text: string): HoldfastError =>
  new HoldfastError('malformed-frame', `${what}: ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`)

const isFailure = (value: unknown): value is Failure =>
  isRecord(value) &&
  typeof value['code'] === 'string' &&
  typeof value['message'] === 'string' &&
  (value['reason'] === undefined || typeof value['reason'] === 'string')

const isCounted = (frame: unknown): frame is CountedFrame => {
  if (!Array.isArray(frame)) return false
  const [head, , tail] = frame as unknown[]
  if (typeof head === 'string') return frame.length < 3 || (frame.length === 3 && isCount(tail))
  return isCount(head) && (frame.length < 3 || (frame.length === 3 && (tail === 1 || isFailure(tail))))
}

/** A counted frame, or the error that says why the line is none. Never throws. */
export const decodeFrame = (line: string): CountedFrame | HoldfastError => {
  try {
    const frame: unknown = JSON.parse(line)
    if (isCounted(frame)) return frame
  } catch {
    // Not JSON, or nested deeper than the parser's stack: reported like any other line that is no frame.
  }
  return malformed('Not a frame', line)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** A binary packet: a frame's line with an empty data place, a newline, the data. Never throws. */
export const decodeBinary = (packet: Uint8Array<ArrayBuffer>): CountedFrame | HoldfastError => {
  const end = packet.indexOf(10)
  let line = ''
  try {
    line = decoder.decode(packet.subarray(0, Math.max(0, end)))
  } catch {
    // Half a character: the empty line is malformed, too.
  }
  const frame = decodeFrame(line)
  if (frame instanceof HoldfastError || frame.length < 2) return malformed('Not a binary frame', line)
  return [frame[0], packet.subarray(end + 1), ...frame.slice(2)] as unknown as CountedFrame
}

/** What a frame that this side encoded says. */
export const decodeOwn = (frame: Encoded): CountedFrame =>
  (typeof frame === 'string' ? decodeFrame(frame) : decodeBinary(frame)) as CountedFrame

const isHello = (value: unknown): value is Hello =>
  isRecord(value) &&
  isId(value['session']) &&
  isId(value['nonce']) &&
  isCount(value['attempt']) &&
  isCount(value['from']) &&
  value['from'] > 0 &&
  isCount(value['got']) &&
  (value['life'] === undefined || isId(value['life']))

const isWelcome = (value: unknown): value is Welcome =>
  isRecord(value) &&
  isId(value['life']) &&
  isCount(value['from']) &&
  value['from'] > 0 &&
  (value['fresh'] === undefined || typeof value['fresh'] === 'boolean') &&
  ['got', 'keep', 'idle', 'limit'].every((key) => isCount(value[key]))

const isBye = (value: unknown): value is Bye => {
  if (!isRecord(value) || !isCount(value['code'])) return false
  const { reason, retry, got } = value
  return (
    (reason === undefined || typeof reason === 'string') &&
    (got === undefined || isCount(got)) &&
    (retry === undefined ||
      retry === false ||
      (isRecord(retry) && isCount(retry['after']) && (retry['spread'] === undefined || isCount(retry['spread']))))
  )
}

const CHECKS: { readonly [key in keyof Control]-?: (value: unknown) => boolean } = {
  hello: isHello,
  welcome: isWelcome,
  ack: isCount,
  ping: isCount,
  pong: isCount,
  bye: isBye,
  volatile: (value) => isCounted(value) && typeof value[0] === 'string' && value.length < 3,
}

/** What stands in a control line and is well formed; `fault` hears of each part that is not. Never throws. */
export const decodeControl = (line: string, fault: (error: HoldfastError) => void): Control => {
  const control: Control = {}
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    fault(malformed('Not a control frame', line))
    return control
  }
  for (const [key, value] of Object.entries(parsed as object)) {
    if (!Object.hasOwn(CHECKS, key))
      fault(new HoldfastError('unknown-control', `Unknown control "${key.slice(0, 40)}" was passed over`))
    else if (CHECKS[key as keyof Control](value)) control[key as keyof Control] = value as never
    else fault(malformed(`Not a valid "${key}"`, line))
  }
  return control
}
