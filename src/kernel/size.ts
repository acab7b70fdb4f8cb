import type { Encoded } from './message.ts'

const encoder = new TextEncoder()

/** Bytes of a frame on the wire. */
export const sizeOf = (frame: Encoded): number =>
  typeof frame !== 'string' || !/[^\0-\x7f]/.test(frame) ? frame.length : encoder.encode(frame).length

/** True if a frame has more bytes than that. To look at each character costs as much as to write it as JSON; a short frame need not be looked at. */
export const isOver = (frame: Encoded, limit: number): boolean => 3 * frame.length > limit && sizeOf(frame) > limit

/** The bytes of frames that come and go. */
export interface Load {
  readonly bytes: number
  add(frame: Encoded): void
  /** One that was added leaves. */
  remove(frame: Encoded): void
  clear(): void
}

/** Nothing. While there is none among them that has more bytes than characters, none has to be measured again when it leaves. */
export const createLoad = (): Load => {
  let bytes = 0
  let wide = 0
  return {
    get bytes() {
      return bytes
    },
    add(frame) {
      const size = sizeOf(frame)
      bytes += size
      if (size > frame.length) wide++
    },
    remove(frame) {
      const size = wide > 0 ? sizeOf(frame) : frame.length
      bytes -= size
      if (size > frame.length) wide--
    },
    clear: () => void (bytes = wide = 0),
  }
}
