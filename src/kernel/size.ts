import type { Encoded } from './message.ts'

const encoder = new TextEncoder()

/** Bytes of a frame on the wire. */
export const sizeOf = (frame: Encoded): number =>
  typeof frame !== 'string' || !/[^\0-\x7f]/.test(frame) ? frame.length : encoder.encode(frame).length

/** True if a frame has more bytes than that. To look at each character costs as much as to write it as JSON; a short frame need not be looked at. */
export const isOver = (frame: Encoded, limit: number): boolean => 3 * frame.length > limit && sizeOf(frame) > limit
