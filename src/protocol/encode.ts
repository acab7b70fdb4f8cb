import { HoldfastError } from '../kernel/errors.ts'
import { type Encoded, type Laden, isLaden } from '../kernel/message.ts'
import { takeBlobs } from './blobs.ts'
import type { Codec } from './codec.ts'
import { type Failure, MOST_BLOBS } from './frames.ts'

const encoder = new TextEncoder()

/** The last head as JSON: the same name often comes many times running. */
let last: readonly [head: string | number, json: string] = [0, '0']
const headOf = (head: string | number): string => {
  if (last[0] !== head) last = [head, JSON.stringify(head)]
  return last[1]
}

/** A frame's line, which has no data, and the bytes that are its data. */
export const encodeBytes = (line: string, bytes: Uint8Array): Uint8Array => {
  const opening = encoder.encode(`${line}\n`)
  const packet = new Uint8Array(opening.length + bytes.length)
  packet.set(opening)
  packet.set(bytes, opening.length)
  return packet
}

/** A counted frame as it goes on the wire. Throws `unserializable` for data that it cannot carry. docs/protocol.md#frames */
export const encodeFrame = (head: string | number, data?: unknown, codec?: Codec, tail?: number | Failure): Encoded => {
  const frame = encodeMessage(head, data, codec, tail)
  if (!isLaden(frame)) return frame
  throw new HoldfastError('unserializable', `Cannot send "${head}": only messages and answers can have Blobs in them.`)
}

/** The same; its data may have Blobs in it. */
export const encodeMessage = (
  head: string | number,
  data?: unknown,
  codec?: Codec,
  tail?: number | Failure,
): Encoded | Laden => {
  try {
    // An event without data is a line without a place for it; everywhere else, nothing is a value like any other.
    const isBare = data === undefined && tail === undefined && typeof head === 'string'
    if (codec && !isBare) data = codec.encode(data)
    const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data
    const isBinary = ArrayBuffer.isView(view)
    const place = isBinary ? null : (data ?? (isBare ? data : null))
    const json = JSON.stringify(place) as string | undefined
    // JSON has no function, NaN, Map or Blob: what it makes of them is not what was sent.
    if (json === undefined ? place !== undefined : typeof place === 'number' && json === 'null')
      throw new TypeError(`${String(data)} has no JSON`)
    if (json?.includes('{}')) {
      const { json: rest, blobs, places } = takeBlobs(place)
      if (blobs.length > MOST_BLOBS) throw new TypeError(`${blobs.length} Blobs are more than ${MOST_BLOBS}`)
      if (blobs.length > 0) {
        const [id, where] = [tail ?? null, places].map((part) => JSON.stringify(part))
        return { text: `[${headOf(head)},${rest},${id},${where}]`, blobs }
      }
    }
    const line = `[${headOf(head)}${json === undefined ? '' : `,${json}`}${tail === undefined ? '' : `,${JSON.stringify(tail)}`}]`
    return isBinary ? encodeBytes(line, new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) : line
  } catch (error) {
    throw new HoldfastError(
      'unserializable',
      `Cannot send "${head}": ${(error as Error).message}. Send plain JSON or bytes, or give a \`codec\`.`,
      error,
    )
  }
}
