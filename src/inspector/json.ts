import { HoldfastError } from '../kernel/errors.ts'
import { type Check, isCount, isText, shape } from '../protocol/decode.ts'
import { FRAME_KINDS } from './frames.ts'
import { type History, MOST_SAMPLES, MOST_STAGES } from './history.ts'

/** What exported recordings begin with, and only those of this version. */
export const FORMAT = 'holdfast-recording/1'

/** Frames that are read, whoever wrote how many. */
const MOST_FRAMES = 100_000

const isTime: Check = (value) => typeof value === 'number' && value >= 0 && value <= 8.64e15
const isFlag: Check = (value) => typeof value === 'boolean'
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)

const isRung = oneOf('websocket', 'http')
const FRAME = {
  at: isTime,
  carrier: isRung,
  direction: oneOf('up', 'down'),
  kind: oneOf(...FRAME_KINDS),
  name: isText,
  size: isCount,
  number: orNull(isCount),
  repeated: isFlag,
  settledAt: orNull(isTime),
  id: orNull(isCount),
  text: isText,
}
const STAGE = {
  at: isTime,
  state: oneOf('idle', 'connecting', 'open', 'waiting', 'paused', 'closed'),
  pausedBy: orNull(oneOf('offline', 'frozen')),
  transport: orNull(oneOf('websocket', 'http-stream', 'long-polling')),
  cause: orNull(isText),
}
const ATTEMPT = { at: isTime, carrier: isRung, heardAt: orNull(isTime), endedAt: orNull(isTime), why: orNull(isText) }
const SAMPLE = { at: isTime, latency: orNull(isTime), queued: isCount, unacknowledged: isCount }
const TOTAL = { frames: isCount, bytes: isCount, repeated: isCount, pending: isCount }

const refuse = (why: string, cause?: unknown): never => {
  throw new HoldfastError('invalid-argument', `Not a recording of a holdfast inspector: ${why}.`, cause)
}

/** What of an object is known, if that is what it should be. */
const pick = (value: unknown, fields: Readonly<Record<string, Check>>, where: string): Record<string, unknown> => {
  if (!shape(fields)(value)) refuse(`${where} is not what it should be`)
  return Object.fromEntries(Object.keys(fields).map((key) => [key, (value as Record<string, unknown>)[key]]))
}

const pickAll = (list: unknown, fields: Readonly<Record<string, Check>>, most: number, where: string): object[] => {
  if (!Array.isArray(list)) return refuse(`it has no ${where}`)
  return list.slice(-most).map((item, index) => pick(item, fields, `${where}[${index}]`))
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    return refuse('it is no JSON', error)
  }
}

/** Of hostile text or data: whatever it is, what is returned is a history. Throws `invalid-argument` otherwise. */
export const parseHistory = (json: unknown): History => {
  const value = typeof json === 'string' ? parse(json) : json
  if (!(value instanceof Object)) return refuse('it is no object')
  const { format, frames, stages, attempts, samples, totals, dropped, until } = value as Record<string, unknown>
  if (format !== FORMAT) refuse(`its \`format\` is not ${FORMAT}`)
  if (!(totals instanceof Object)) return refuse('it has no totals')
  const { up, down } = totals as Record<string, unknown>
  return {
    frames: pickAll(frames, FRAME, MOST_FRAMES, 'frames'),
    stages: pickAll(stages, STAGE, MOST_STAGES, 'stages'),
    attempts: pickAll(attempts, ATTEMPT, MOST_STAGES, 'attempts'),
    samples: pickAll(samples, SAMPLE, MOST_SAMPLES, 'samples'),
    totals: { up: pick(up, TOTAL, 'totals.up'), down: pick(down, TOTAL, 'totals.down') },
    ...pick({ dropped, until }, { dropped: isCount, until: isTime }, 'its end'),
    // What it is made of was looked at, field by field.
  } as unknown as History
}
