import { type Encoded, type Ledger, type Message, isNamed, settle } from './message.ts'
import type { Mutable } from './mutable.ts'
import { isOver, sizeOf } from './size.ts'

/** How much may wait for sending or acknowledgement, and what happens to more. */
export interface OutboxBounds {
  /** Messages. */
  readonly maxMessages: number
  /** Bytes of UTF-8, as on the wire. */
  readonly maxBytes: number
  /**
   * `reject`: `send` throws `overflow`. `drop-oldest`: the oldest that was not sent yet makes room. `drop-newest`: the new one is
   * not sent. What is dropped is told as `dropped`.
   */
  readonly overflow: 'reject' | 'drop-oldest' | 'drop-newest'
}

/** Why a message left the outbox unsent. */
export type DropReason = 'expired' | 'too-large' | 'dropped' | 'replaced'

/** Everything sent and not acknowledged, then everything not yet sent. docs/protocol.md#numbers */
export interface Outbox {
  /** Numbered and not acknowledged, oldest first: the first has the number `acknowledged + 1`. */
  readonly sent: readonly Message[]
  /** The number of the last acknowledged frame. */
  readonly acknowledged: number
  /** The number of the last frame that the current carrier was given. */
  readonly given: number
  /** How many messages have no number yet. */
  readonly queued: number
  /** Bytes of all that waits for sending or acknowledgement. */
  readonly bytes: number
  /** The highest number that may leave, where that must be kept before it does. Usually Infinity. */
  sealed: number
  /** When the next waiting message expires; Infinity for never. */
  readonly expiresAt: number
  /** Queues a message, or drops one, by the policy. False if it finds no room; `force` queues it all the same. */
  push(message: Message, now: number, force?: boolean): boolean
  /** Takes a message back, with no word on its fate. False if it is not waiting. */
  withdraw(message: Message): boolean
  /** Drops what has expired. */
  expire(now: number): void
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
  clear(): [out: Message[], waited: Message[]]
  /** Goes on where a former page stood, whose messages come before those that wait already. */
  restore(acknowledged: number, sent: readonly Message[], waiting: readonly Message[]): void
}

/** Numbers that may be given ahead of the seal: a batch for one write. */
const AHEAD = 256
const total = (messages: readonly Message[]): number => messages.reduce((sum, { frame }) => sum + sizeOf(frame), 0)

export const createOutbox = (
  { maxMessages, maxBytes, overflow }: OutboxBounds,
  /** Settles its fate, before anything else. */
  onDrop: (message: Message, why: DropReason) => void,
  ledger?: Ledger,
): Outbox => {
  /** Those without a frame have left it out of turn. */
  let waiting: Message[] = []
  /** How many of `waiting` have left in their turn: shifting one by one would move the rest each time. */
  let head = 0
  const keyed = new Map<string, Message>()
  /** How many of all messages have more bytes than characters: while there are none, none is measured again when it leaves. */
  let wide = 0

  /** It comes (1), or leaves (-1). */
  const weigh = (frame: Encoded, sign: 1 | -1): void => {
    const size = sign > 0 || wide > 0 ? sizeOf(frame) : frame.length
    outbox.bytes += sign * size
    if (size > frame.length) wide += sign
  }

  /** The last number that was given. */
  const last = (): number => outbox.acknowledged + outbox.sent.length
  /** It does not wait any more. */
  const take = (message: Message): void => {
    const { latest } = message
    outbox.queued--
    if (latest !== undefined && keyed.get(latest) === message) keyed.delete(latest)
  }
  /** It leaves for good, unsent. */
  const remove = (message: Message): void => {
    take(message)
    weigh(message.frame, -1)
    ledger?.strike(message)
  }
  const drop = (message: Message, why: DropReason): void => {
    remove(message)
    onDrop(message, why)
  }
  const place = (message: Message): void => {
    const { latest, expiresAt: at = Infinity } = message
    // What was replaced or withdrawn must not pile up while nothing is sent.
    if (waiting.length > 2 * outbox.queued + 64) {
      waiting = waiting.filter((other, index) => index >= head && other.frame)
      head = 0
    }
    waiting.push(message)
    outbox.queued++
    weigh(message.frame, 1)
    if (latest !== undefined) keyed.set(latest, message)
    outbox.expiresAt = Math.min(outbox.expiresAt, at)
  }
  const isFull = (frame: Encoded, messages = outbox.sent.length + outbox.queued, taken = outbox.bytes): boolean =>
    messages >= maxMessages || isOver(frame, maxBytes - taken)

  /** Makes room by the policy. False if there is none to be made. */
  const makeRoom = (frame: Encoded, now: number): boolean => {
    if (!isFull(frame)) return true
    outbox.expire(now)
    // What was sent must stay: where that alone leaves no room, the others would go for nothing.
    if (overflow === 'drop-oldest' && !isFull(frame, outbox.sent.length, total(outbox.sent)))
      for (let i = head; isFull(frame) && i < waiting.length; i++) {
        const oldest = waiting[i]!
        if (oldest.frame && isNamed(oldest.frame)) drop(oldest, 'dropped')
      }
    return !isFull(frame)
  }

  /** Gives the next waiting message its number. */
  const number = (now: number, limit: number, isKnown: boolean): boolean => {
    for (let message: Message | undefined; (message = waiting[head]);) {
      const { frame, expiresAt: at = Infinity } = message
      const why = at <= now ? 'expired' : isOver(frame, limit) && 'too-large'
      if (why === 'too-large' && !isKnown) return false
      head++
      if (!frame) continue
      if (!why) {
        take(message)
        if (message.isNumbered === false) message.isNumbered = true
        outbox.sent.push(message)
        ledger?.enter(message, last())
        return true
      }
      drop(message, why)
    }
    waiting = []
    head = 0
    return false
  }

  const outbox: Mutable<Outbox> & { sent: Message[] } = {
    sent: [],
    acknowledged: 0,
    given: 0,
    queued: 0,
    bytes: 0,
    sealed: Infinity,
    expiresAt: Infinity,
    push(message, now, force) {
      const older = keyed.get(message.latest!)
      if (older) drop(older, 'replaced')
      // One that takes another's place is always let in: refusing it would leave the stale one.
      else if (!force && !makeRoom(message.frame, now)) {
        if (overflow === 'reject' || !isNamed(message.frame)) return false
        onDrop(message, 'dropped')
        return true
      }
      place(message)
      ledger?.enter(message)
      return !force || !isFull('', outbox.sent.length + outbox.queued - 1)
    },
    withdraw(message) {
      if (!message.frame || message.isNumbered) return false
      remove(message)
      message.frame = ''
      return true
    },
    expire(now) {
      if (now < outbox.expiresAt) return
      outbox.expiresAt = Infinity
      for (const message of waiting.slice(head)) {
        const { frame, expiresAt: at = Infinity } = message
        if (!frame) continue
        if (at <= now) drop(message, 'expired')
        else outbox.expiresAt = Math.min(outbox.expiresAt, at)
      }
    },
    next(now, limit, isKnown) {
      do
        if (outbox.given < Math.min(last(), outbox.sealed))
          return outbox.sent[outbox.given++ - outbox.acknowledged]!.frame
      while (last() < outbox.sealed + AHEAD && number(now, limit, isKnown))
      return undefined
    },
    rewind: () => void (outbox.given = outbox.acknowledged),
    acknowledge(upTo) {
      const count = upTo - outbox.acknowledged
      if (count > outbox.sent.length) return false
      if (count > 0) {
        outbox.acknowledged = upTo
        outbox.given = Math.max(outbox.given, upTo)
        for (const message of outbox.sent.splice(0, count)) {
          weigh(message.frame, -1)
          ledger?.strike(message)
          settle(message, null)
        }
      }
      return true
    },
    clear() {
      const all: [Message[], Message[]] = [outbox.sent, waiting.slice(head).filter(({ frame }) => frame)]
      for (const message of all.flat()) ledger?.strike(message)
      outbox.sent = []
      waiting = []
      outbox.acknowledged = outbox.given = outbox.queued = outbox.bytes = wide = head = 0
      outbox.expiresAt = Infinity
      keyed.clear()
      if (outbox.sealed < Infinity) outbox.sealed = 0
      return all
    },
    restore(from, numbered, unsent) {
      const [, later] = outbox.clear()
      const newer = new Set(later.map(({ latest }) => latest))
      outbox.acknowledged = outbox.given = from
      outbox.sent = [...numbered]
      if (outbox.sealed < Infinity) outbox.sealed = from + outbox.sent.length
      for (const { frame } of outbox.sent) weigh(frame, 1)
      for (const message of unsent) {
        if (message.latest !== undefined && newer.has(message.latest)) ledger?.strike(message)
        else place(message)
      }
      for (const message of later) {
        place(message)
        ledger?.enter(message)
      }
    },
  }
  return outbox
}
