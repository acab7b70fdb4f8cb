import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/outbox.ts'
import type { Codec } from './codec.ts'
import type { Control, Failure } from './frames.ts'

const encoder = new TextEncoder()

const bytesOf = (data: unknown): Uint8Array | undefined =>
  data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : undefined

const refuse = (what: string, cause?: unknown): never => {
  throw new HoldfastError(
    'unserializable',
    `The data of "${what}" ${cause instanceof Error ? `cannot be sent: ${cause.message}` : 'is nothing that JSON can carry'}. Send plain values, or give a \`codec\` that turns it into them.`,
    cause,
  )
}

/** A counted frame as it goes on the wire. Throws `unserializable` for data that it cannot carry. */
export const encodeFrame = (
  head: string | number,
  data: unknown,
  codec: Codec | undefined,
  tail?: number | Failure,
): Encoded => {
  let line: string | undefined
  let bytes: Uint8Array | undefined
  try {
    if (codec && data !== undefined) data = codec.encode(data)
    bytes = bytesOf(data)
    if (bytes) data = null
    else if (data === undefined) {
      // An event without data is a line of one: a number alone would be a cancel, and a request needs its third place.
      if (tail === undefined && typeof head === 'string') return JSON.stringify([head])
      data = null
    } else if (typeof data === 'number' && !Number.isFinite(data)) throw new TypeError(`${data} has no JSON`)
    line = JSON.stringify(data)
  } catch (error) {
    refuse(String(head), error)
  }
  if (line === undefined) refuse(String(head))
  const text = `[${JSON.stringify(head)},${line}${tail === undefined ? '' : `,${JSON.stringify(tail)}`}]`
  if (!bytes) return text
  const opening = encoder.encode(`${text}\n`)
  const packet = new Uint8Array(opening.length + bytes.length)
  packet.set(opening)
  packet.set(bytes, opening.length)
  return packet
}

/** The withdrawal of a question of one's own. */
export const encodeCancel = (id: number): Encoded => `[${id}]`

/** A control line. Throws `unserializable` if `auth` gave what JSON cannot carry. */
export const encodeControl = (control: Control): string => {
  try {
    return JSON.stringify(control)
  } catch (error) {
    return refuse('auth', error)
  }
}
