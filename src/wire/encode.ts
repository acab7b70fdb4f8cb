import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/message.ts'
import type { Codec } from './codec.ts'
import type { Failure } from './frames.ts'

const encoder = new TextEncoder()

/** The last head as JSON: the same name often comes many times running. */
let last: readonly [head: string | number, json: string] = [0, '0']
const headOf = (head: string | number): string => {
  if (last[0] !== head) last = [head, JSON.stringify(head)]
  return last[1]
}

/** A counted frame as it goes on the wire. Throws `unserializable` for data that it cannot carry. docs/protocol.md#frames */
export const encodeFrame = (head: string | number, data?: unknown, codec?: Codec, tail?: number | Failure): Encoded => {
  try {
    // An event without data is a line without a place for it; everywhere else, nothing is a value like any other.
    const isBare = data === undefined && tail === undefined && typeof head === 'string'
    if (codec && !isBare) data = codec.encode(data)
    const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data
    const isBinary = ArrayBuffer.isView(view)
    const place = isBinary ? null : (data ?? (isBare ? data : null))
    const json = place === undefined ? '' : `,${JSON.stringify(place)}`
    // JSON has no function, NaN, Map or Blob: what it makes of them is not what was sent.
    if (
      json === ',undefined' ||
      (typeof place === 'number' && json === ',null') ||
      (json === ',{}' && {}.toString.call(place) !== '[object Object]')
    )
      throw new TypeError(`${String(data)} has no JSON`)
    const line = `[${headOf(head)}${json}${tail === undefined ? '' : `,${JSON.stringify(tail)}`}]`
    if (!isBinary) return line
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    const opening = encoder.encode(`${line}\n`)
    const packet = new Uint8Array(opening.length + bytes.length)
    packet.set(opening)
    packet.set(bytes, opening.length)
    return packet
  } catch (error) {
    throw new HoldfastError(
      'unserializable',
      `Cannot send "${head}": ${(error as Error).message}. Send plain JSON or bytes, or give a \`codec\`.`,
      error,
    )
  }
}
