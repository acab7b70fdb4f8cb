/** A frame as it goes on the wire: a line of text, or bytes (line, newline, raw data). */
export type Encoded = string | Uint8Array

/** A frame with conditions. One without is kept as the bare {@link Encoded}: ten thousand queued messages cost their text. */
export interface Entry {
  /** Empty once it was sent, withdrawn, replaced or dropped. */
  frame: Encoded
  /** Replaces a waiting entry of the same key. */
  readonly latest?: string | undefined
  /** The clock's time (ms) after which it is not worth sending. */
  readonly expiresAt?: number | undefined
}

/** What may wait in an outbox. */
export type Item = Encoded | Entry

/** How much may wait for sending or acknowledgement. */
export interface OutboxBounds {
  /** Messages. */
  readonly maxMessages: number
  /** Bytes of UTF-8, as on the wire. */
  readonly maxBytes: number
}

/** Why a message left the outbox unsent: these are error codes, too. */
export type DropReason = 'expired' | 'too-large'

/** Everything sent and not acknowledged, then everything not yet sent. docs/protocol.md#numbers */
export interface Outbox {
  /** Numbered and not acknowledged, oldest first: the first has the number `acknowledged + 1`. */
  readonly sent: readonly Encoded[]
  /** The number of the last acknowledged frame. */
  readonly acknowledged: number
  /** How many frames were never handed to a carrier. */
  readonly queued: number
  /** Bytes of all that waits for sending or acknowledgement. */
  readonly bytes: number
  /** Queues a frame. False if it finds no room, and is not queued; `force` queues it all the same. */
  push(item: Item, force?: boolean): boolean
  /** Takes an entry back. False if it is not waiting. */
  withdraw(entry: Entry): boolean
  /**
   * The next frame for the current carrier, numbered if it is new; undefined if there is none. Over the `limit`, one is
   * dropped, or waits for the limit to be known (`isKnown`).
   */
  next(now: number, limit: number, isKnown: boolean): Encoded | undefined
  /** A new carrier: it starts over with the first unacknowledged frame. */
  rewind(): void
  /** Everything up to this number has arrived. False if it was never sent. */
  acknowledge(number: number): boolean
  /** Empties it and starts numbering anew: another session begins. Returns what was out and what waited, oldest first. */
  clear(): [out: readonly Encoded[], waited: Item[]]
}

const encoder = new TextEncoder()

/** Bytes of a frame on the wire. */
export const sizeOf = (frame: Encoded): number =>
  typeof frame !== 'string' || !/[^\0-\x7f]/.test(frame) ? frame.length : encoder.encode(frame).length

/** The frame of an item; empty if it is not to be sent any more. */
export const frameOf = (item: Item): Encoded => (item as Entry).frame ?? item

export const createOutbox = (
  { maxMessages, maxBytes }: OutboxBounds,
  onDrop: (frame: Encoded, why: DropReason) => void,
): Outbox => {
  let sent: Encoded[] = []
  let waiting: Item[] = []
  let acknowledged = 0
  let queued = 0
  let bytes = 0
  /** How many of `sent` the current carrier has. */
  let cursor = 0
  /** How many of `waiting` have left it: shifting one by one would move the rest each time. */
  let head = 0

  /** Its frame does not wait any more; empty if it did not. */
  const take = (item: Item): Encoded => {
    const frame = frameOf(item)
    if (frame) {
      queued--
      if (frame !== item) (item as Entry).frame = ''
    }
    return frame
  }
  const remove = (item: Item): Encoded => {
    const frame = take(item)
    bytes -= sizeOf(frame)
    return frame
  }

  return {
    get sent() {
      return sent
    },
    get acknowledged() {
      return acknowledged
    },
    get queued() {
      return queued
    },
    get bytes() {
      return bytes
    },
    push(item, force) {
      const { latest } = item as Entry
      const older =
        latest !== undefined && waiting.find((other) => (other as Entry).latest === latest && frameOf(other))
      const size = sizeOf(frameOf(item))
      // One that takes another's place is always let in: refusing it would leave the stale one.
      if (older) remove(older)
      else if (!force && (queued + sent.length >= maxMessages || bytes + size > maxBytes)) return false
      // What was replaced or withdrawn must not pile up while nothing is sent.
      if (waiting.length > 2 * queued + 64) {
        waiting = waiting.filter((other, index) => index >= head && frameOf(other))
        head = 0
      }
      waiting.push(item)
      queued++
      bytes += size
      return true
    },
    withdraw: (entry) => remove(entry) !== '',
    next(now, limit, isKnown) {
      if (cursor < sent.length) return sent[cursor++]
      while (head < waiting.length) {
        const item = waiting[head]!
        const frame = frameOf(item)
        // To measure is what costs most here, and short ones need not be: a character has at most three bytes.
        const isLarge = 3 * frame.length > limit && sizeOf(frame) > limit
        const why = (item as Entry).expiresAt! <= now ? 'expired' : isLarge && 'too-large'
        if (why === 'too-large' && !isKnown) return undefined
        head++
        if (!take(item)) continue
        if (!why) {
          cursor = sent.push(frame)
          return frame
        }
        bytes -= sizeOf(frame)
        onDrop(frame, why)
      }
      waiting = []
      head = 0
      return undefined
    },
    rewind: () => void (cursor = 0),
    acknowledge(number) {
      const count = number - acknowledged
      if (count > sent.length) return false
      if (count > 0) {
        for (const frame of sent.splice(0, count)) bytes -= sizeOf(frame)
        acknowledged = number
        cursor = Math.max(0, cursor - count)
      }
      return true
    },
    clear() {
      const all: [Encoded[], Item[]] = [sent, waiting.slice(head)]
      sent = []
      waiting = []
      acknowledged = queued = bytes = cursor = head = 0
      return all
    },
  }
}
