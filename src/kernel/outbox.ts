/** A frame as it goes on the wire: a line of text, or bytes (line, newline, raw data). */
export type Encoded = string | Uint8Array<ArrayBuffer>

/** A frame with conditions. One without is kept as the bare {@link Encoded}: ten thousand queued messages cost their text. */
export interface Entry {
  /** Undefined once it is withdrawn, replaced or dropped: an empty place in the line. */
  frame: Encoded | undefined
  /** Replaces a waiting entry of the same key. */
  readonly latest?: string | undefined
  /** The clock's time after which it is no longer worth sending. */
  readonly expiresAt?: number | undefined
  /** The overflow policy must not choose it: somebody waits for its answer. */
  readonly pinned?: boolean | undefined
  /** Sends nothing: learns the number of the last frame before it. */
  readonly mark?: (number: number) => void
}

/** What happens to a message that finds the outbox full. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest'

/** How much may wait for sending or acknowledgement. */
export interface OutboxBounds {
  readonly maxMessages: number
  /** In bytes of UTF-8, as on the wire. */
  readonly maxBytes: number
  readonly overflow: Overflow
}

/** Why a message left the outbox unsent: these are error codes, too. */
export type DropReason = 'dropped' | 'expired' | 'too-large'

/** Everything sent and not acknowledged, then everything not yet sent. docs/protocol.md#numbers */
export interface Outbox {
  /** Frames that were never handed to a carrier. */
  readonly queued: number
  /** Frames that have a number and no acknowledgement. */
  readonly unacknowledged: number
  readonly unacknowledgedBytes: number
  readonly bytes: number
  /** The number of the last acknowledged frame. */
  readonly acknowledged: number
  /** The last number given. */
  readonly last: number
  /** Queues a frame. False if it finds no room, and is not queued; `force` queues it all the same. */
  push(item: Encoded | Entry, force?: boolean): boolean
  /** Takes an entry back. False if it has been sent. */
  withdraw(entry: Entry): boolean
  /** The next frame for the current carrier, numbered if it is new; undefined if there is none, or none of at most `room` bytes. */
  next(room: number, now: number): Encoded | undefined
  /** A new carrier: it starts over with the first unacknowledged frame. */
  rewind(): void
  /** Everything up to this number has arrived. False if it was never sent. */
  acknowledge(number: number): boolean
  /** Forgets numbers and acknowledgements: another session begins. What waited still waits; what was out is returned. */
  reset(): Encoded[]
  /** Puts frames before everything that waits. */
  requeue(frames: Encoded[]): void
  /** Removes what waits and is refused by `keep`. */
  filter(keep: (frame: Encoded) => boolean): void
}

const encoder = new TextEncoder()

/** Bytes of a frame on the wire. */
export const sizeOf = (frame: Encoded): number =>
  typeof frame !== 'string' || !/[^\0-\x7f]/.test(frame) ? frame.length : encoder.encode(frame).length

const isBare = (item: Encoded | Entry): item is Encoded => typeof item === 'string' || item instanceof Uint8Array

export const createOutbox = (bounds: OutboxBounds, onDrop: (frame: Encoded, why: DropReason) => void): Outbox => {
  let sent: Encoded[] = []
  let waiting: (Encoded | Entry)[] = []
  const keyed = new Map<string, Entry>()
  let queued = 0
  let waitingBytes = 0
  let sentBytes = 0
  let acknowledged = 0
  /** How many of `sent` the current carrier has. */
  let cursor = 0
  /** How many of `waiting` have left it: shifting one by one would move the rest each time. */
  let head = 0

  const leave = (entry: Entry): Encoded | undefined => {
    const { frame } = entry
    if (frame === undefined) return undefined
    entry.frame = undefined
    if (keyed.get(entry.latest!) === entry) keyed.delete(entry.latest!)
    queued--
    waitingBytes -= sizeOf(frame)
    return frame
  }
  const drop = (entry: Entry, why: DropReason): void => {
    const frame = leave(entry)
    if (frame !== undefined) onDrop(frame, why)
  }
  const dropOldest = (): boolean => {
    for (let i = head; i < waiting.length; i++) {
      const item = waiting[i]!
      const entry = isBare(item) ? { frame: item } : item
      if (entry.frame === undefined || entry.pinned) continue
      waiting[i] = entry
      drop(entry, 'dropped')
      return true
    }
    return false
  }
  /** `credit`: what the entry to be replaced gives back. */
  const makeRoom = (size: number, credit: Entry | undefined): boolean => {
    const gives = (): Encoded | undefined => credit?.frame
    while (
      queued + sent.length - (gives() === undefined ? 0 : 1) >= bounds.maxMessages ||
      waitingBytes + sentBytes + size - sizeOf(gives() ?? '') > bounds.maxBytes
    )
      if (bounds.overflow !== 'drop-oldest' || !dropOldest()) return false
    return true
  }
  const number = (frame: Encoded): Encoded => {
    const size = sizeOf(frame)
    sent.push(frame)
    sentBytes += size
    waitingBytes -= size
    queued--
    cursor++
    return frame
  }

  const outbox: Outbox = {
    get queued() {
      return queued
    },
    get unacknowledged() {
      return sent.length
    },
    get unacknowledgedBytes() {
      return sentBytes
    },
    get bytes() {
      return waitingBytes + sentBytes
    },
    get acknowledged() {
      return acknowledged
    },
    get last() {
      return acknowledged + sent.length
    },
    push(item, force) {
      const entry = isBare(item) ? undefined : item
      if (entry?.mark) {
        if (queued === 0) entry.mark(outbox.last)
        else waiting.push(entry)
        return true
      }
      const size = sizeOf((entry ? entry.frame : item) as Encoded)
      const older = keyed.get(entry?.latest!)
      if (!force && !makeRoom(size, older)) return false
      if (older) leave(older)
      if (entry?.latest !== undefined) keyed.set(entry.latest, entry)
      waiting.push(item)
      queued++
      waitingBytes += size
      return true
    },
    withdraw: (entry) => leave(entry) !== undefined,
    next(room, now) {
      if (cursor < sent.length) {
        const frame = sent[cursor]!
        return sizeOf(frame) > room ? undefined : (cursor++, frame)
      }
      for (; head < waiting.length; head++) {
        const item = waiting[head]!
        if (isBare(item)) {
          if (sizeOf(item) > room) return undefined
          head++
          return number(item)
        }
        item.mark?.(outbox.last)
        if (item.expiresAt! <= now) drop(item, 'expired')
        if (item.frame === undefined) continue
        if (sizeOf(item.frame) > room) return undefined
        head++
        const { frame } = item
        item.frame = undefined
        if (keyed.get(item.latest!) === item) keyed.delete(item.latest!)
        return number(frame)
      }
      waiting = []
      head = 0
      return undefined
    },
    rewind: () => void (cursor = 0),
    acknowledge(number) {
      const count = number - acknowledged
      if (count > sent.length) return false
      if (count <= 0) return true
      for (let i = 0; i < count; i++) sentBytes -= sizeOf(sent[i]!)
      acknowledged = number
      sent.splice(0, count)
      cursor = Math.max(0, cursor - count)
      return true
    },
    reset() {
      const out = sent
      sent = []
      acknowledged = cursor = sentBytes = 0
      return out
    },
    requeue(frames) {
      waiting = [...frames, ...waiting.slice(head)]
      head = 0
      queued += frames.length
      for (const frame of frames) waitingBytes += sizeOf(frame)
    },
    filter(keep) {
      waiting = waiting.slice(head).filter((item) => {
        const frame = isBare(item) ? item : item.frame
        if (frame === undefined || keep(frame)) return true
        leave(isBare(item) ? { frame } : item)
        return false
      })
      head = 0
    },
  }
  return outbox
}
