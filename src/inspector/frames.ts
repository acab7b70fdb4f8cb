import { HoldfastError } from '../kernel/errors.ts'
import { sizeOf } from '../kernel/size.ts'
import { decodeFrame } from '../protocol/decode.ts'
import type { Packet } from '../transports/transport.ts'

/** What a frame is, as docs/protocol.md calls them; `malformed`: none of them. */
export type FrameKind = (typeof FRAME_KINDS)[number]

export const FRAME_KINDS = [
  'event',
  'volatile',
  'request',
  'reply',
  'item',
  'failure',
  'cancel',
  'laden',
  'piece',
  'discard',
  'hello',
  'welcome',
  'bye',
  'ping',
  'pong',
  'ack',
  'control',
  'malformed',
] as const

/** What can be told of a frame by itself. */
export interface Parsed {
  readonly kind: FrameKind
  /** Of an event or a request. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The request's, or of the request that it belongs to. */
  readonly id: number | null
  /** As it was on the wire; of bytes, their first line. */
  readonly text: string
  /** Whether it takes a number. */
  readonly isCounted: boolean
  /** Of a control frame. */
  readonly control?: Readonly<Record<string, unknown>>
}

/** A control frame that has several keys is named for the first of these. */
const TELLING = ['hello', 'welcome', 'bye', 'volatile', 'ping', 'pong', 'ack'] as const

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A count in an object from the wire, or nothing. */
export const countIn = (object: unknown, key: string): number | undefined => {
  const value =
    object instanceof Object && Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined
  return isCount(value) ? value : undefined
}

const parseControl = (text: string): Parsed => {
  const plain = { size: sizeOf(text), id: null, text, isCounted: false }
  try {
    const control = JSON.parse(text) as Record<string, unknown>
    const kind = TELLING.find((key) => Object.hasOwn(control, key)) ?? 'control'
    const event: unknown =
      kind === 'volatile' && Array.isArray(control['volatile']) ? control['volatile'][0] : undefined
    return { ...plain, kind, name: typeof event === 'string' ? event : '', control }
  } catch {
    return { ...plain, kind: 'malformed', name: '' }
  }
}

/** What a frame with a number is, by its shape. */
const kindOf = (frame: readonly unknown[]): FrameKind => {
  const { 0: head, 2: tail, length } = frame
  if (head === null) return length < 2 ? 'discard' : 'piece'
  if (length > 3) return 'laden'
  if (typeof head === 'string') return length > 2 ? 'request' : 'event'
  if (length < 2) return 'cancel'
  return length < 3 ? 'reply' : tail === 1 ? 'item' : 'failure'
}

const parseCounted = (encoded: Packet): Parsed => {
  const text = typeof encoded === 'string' ? encoded : firstLine(encoded)
  const plain = { size: sizeOf(encoded), text, isCounted: true }
  const frame = decodeFrame(encoded)
  if (frame instanceof HoldfastError) return { ...plain, kind: 'malformed', name: '', id: null }
  const { 0: head, 2: tail, 4: whose } = frame as readonly unknown[]
  const kind = kindOf(frame)
  const id = typeof head === 'number' ? head : kind === 'piece' ? whose : tail
  return { ...plain, kind, name: typeof head === 'string' ? head : '', id: isCount(id) ? id : null }
}

const decoder = new TextDecoder()
const firstLine = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(10)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** The frames of a packet, in their order. docs/protocol.md#packets */
export const parsePacket = (packet: Packet): readonly Parsed[] =>
  typeof packet === 'string'
    ? packet
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (line[0] === '{' ? parseControl(line) : parseCounted(line)))
    : [parseCounted(packet)]
