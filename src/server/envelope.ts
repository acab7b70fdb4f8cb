import { HoldfastError } from '../kernel/errors.ts'
import { sizeOf } from '../kernel/size.ts'
import type { Packet } from '../transports/transport.ts'
import { fromBase64 } from '../protocol/base64.ts'
import { type Check, isCount, isId, optional, shape } from '../protocol/decode.ts'

/** The first line of a POST. docs/protocol.md#http */
export interface Envelope {
  /** Whose exchange this is; as secret as a session's id. */
  readonly carrier: string
  /** How many of the server's lines have arrived. */
  readonly got: number
  /** The number of this push; the lines that follow are its. */
  readonly push?: number
  /** Milliseconds that the answer may wait for something to say. */
  readonly poll?: number
  /** The answer is to begin at once and to go on for so long. */
  readonly stream?: boolean
  /** The carrier is given up. */
  readonly close?: boolean
}

const isFlag: Check = (value) => typeof value === 'boolean'

const isEnvelope = shape({
  carrier: isId,
  got: isCount,
  push: optional((push) => isCount(push) && push !== 0),
  poll: optional(isCount),
  stream: optional(isFlag),
  close: optional(isFlag),
})

/** The envelope of a request's body and what follows it; undefined if it has none. Never throws. */
export const openEnvelope = (body: string): { envelope: Envelope; lines: string } | undefined => {
  const end = body.indexOf('\n')
  try {
    const envelope: unknown = JSON.parse(end < 0 ? body : body.slice(0, end))
    if (isEnvelope(envelope)) return { envelope: envelope as Envelope, lines: end < 0 ? '' : body.slice(end + 1) }
  } catch {
    // No JSON, or nested deeper than the parser's stack.
  }
  return undefined
}

/**
 * The packets of a push, in order: its text, and each line of base64 as the bytes that it stands for. Lines are measured, not the
 * text: clients push at once what they would have sent as several packets. Never throws.
 */
export const packetsOf = (lines: string, maxBytes: number): Packet[] | HoldfastError => {
  const packets: Packet[] = []
  let start = 0
  try {
    for (let at = 0, end; at < lines.length; at = end + 1) {
      end = lines.indexOf('\n', at)
      if (end < 0) end = lines.length
      const isBinary = lines[at] === '='
      // Most lines need not be measured: a character has at most three bytes.
      if (!isBinary && 3 * (end - at) <= maxBytes) continue
      const part = isBinary ? fromBase64(lines.slice(at + 1, end)) : lines.slice(at, end)
      if (sizeOf(part) > maxBytes)
        return new HoldfastError('too-large', `A client was cut off: it pushed more than ${maxBytes} bytes in a line.`)
      if (!isBinary) continue
      if (at > start) packets.push(lines.slice(start, at - 1))
      packets.push(part)
      start = end + 1
    }
  } catch {
    return new HoldfastError('malformed-frame', 'A client was cut off: a line that should be base64 is none.')
  }
  if (start <= lines.length) packets.push(lines.slice(start))
  return packets
}
