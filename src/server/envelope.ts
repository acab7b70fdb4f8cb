import { HoldfastError } from '../kernel/errors.ts'
import { sizeOf } from '../kernel/size.ts'
import type { Packet } from '../transports/transport.ts'
import { fromBase64 } from '../wire/base64.ts'
import { type Check, isCount, optional, shape } from '../wire/decode.ts'
import { isId } from './acceptor.ts'

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
  // Most pushes are neither large, of which a character has at most three bytes, nor do they have bytes in them.
  if (3 * lines.length <= maxBytes && lines[0] !== '=' && !lines.includes('\n=')) return [lines]
  const packets: Packet[] = []
  let text: string[] = []
  const finish = (): void => {
    if (text.length > 0) packets.push(text.join('\n'))
    text = []
  }
  try {
    for (const line of lines.split('\n')) {
      const part = line.startsWith('=') ? fromBase64(line.slice(1)) : line
      if (sizeOf(part) > maxBytes)
        return new HoldfastError('too-large', `A client was cut off: it pushed more than ${maxBytes} bytes in a line.`)
      if (typeof part === 'string') text.push(part)
      else {
        finish()
        packets.push(part)
      }
    }
  } catch {
    return new HoldfastError('malformed-frame', 'A client was cut off: a line that should be base64 is none.')
  }
  finish()
  return packets
}
