import { HoldfastError } from '../kernel/errors.ts'
import { putBlobs } from '../protocol/blobs.ts'
import type { ChunkFrame, LadenFrame, PlainFrame } from '../protocol/frames.ts'

/** Pieces are put together by the platform, which may keep them elsewhere, whenever they have so many bytes. */
const BATCH = 1_048_576
/** Pieces but for the last have so many bytes at least, or their number would be what fills the memory. */
const SMALLEST = 512

/** Puts the other side's parcels together, one at a time. docs/protocol.md#blobs */
export interface Unpacking {
  /** Bytes of a parcel that has begun. */
  held(): number
  /** Takes a piece, or throws for one that does not fit. */
  take(chunk: ChunkFrame): void
  /** Puts the parcel's Blobs into a message. Throws if they don't fit. */
  unpack(frame: LadenFrame): PlainFrame
  /** The parcel does not come. */
  discard(): void
}

/** `most`: bytes of a parcel. */
export const createUnpacking = (most: number): Unpacking => {
  let blobs: Blob[] = []
  let parts: BlobPart[] = []
  let loose = 0
  let held = 0
  let whole = 0

  const discard = (): void => {
    blobs = []
    parts = []
    loose = held = whole = 0
  }
  const refuse = (why: string): never => {
    discard()
    throw new HoldfastError('malformed-frame', why)
  }
  const gather = (): void => {
    if (loose > 0) blobs.push(new Blob(parts))
    parts = []
    loose = 0
  }

  return {
    held: () => held,
    take([, bytes, offset, total]) {
      if (offset === 0) discard()
      whole ||= total
      const { length } = bytes as Uint8Array
      const fits = bytes instanceof Uint8Array && length >= Math.min(SMALLEST, Math.max(1, total - offset))
      if (!fits || offset !== held || total !== whole || held + length > total)
        return refuse('A piece of a Blob came that does not fit to the one before.')
      if (total > most) return refuse(`Blobs of ${total} bytes came, and ${most} are taken in one message.`)
      parts.push(bytes as Uint8Array<ArrayBuffer>)
      held += length
      loose += length
      if (loose >= BATCH) gather()
    },
    unpack(frame) {
      const places = frame[3]
      const total = places.reduce((sum, [size]) => sum + size, 0)
      // Nothing comes ahead of empty ones: what is there is of one that was given up.
      if (total > 0 && (total !== held || total !== whole))
        return refuse('A message came whose Blobs did not come before it.')
      gather()
      const all = new Blob(blobs)
      discard()
      let at = 0
      const found = places.map(([size, type, name]) => {
        const blob = all.slice(at, (at += size), type)
        return name === null || !globalThis.File ? blob : new File([blob], name, { type })
      })
      return putBlobs(frame, found)
    },
    discard,
  }
}
