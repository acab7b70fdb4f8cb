import { type Encoded, type Ledger, type Message, isNamed, settle } from './message.ts'
import { createLoad, isOver, sizeOf } from './size.ts'

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
  let sent: Message[] = []
  /** Those without a frame have left it out of turn. */
  let waiting: Message[] = []
  /** How many of `waiting` have left in their turn: shifting one by one would move the rest each time. */
  let head = 0
  const keyed = new Map<string, Message>()
  let acknowledged = 0
  let queued = 0
  const load = createLoad()
  /** How many of `sent` the current carrier has. */
  let cursor = 0
  /** When the next one may expire: never too late, perhaps too early. */
  let expiresAt = Infinity

  /** It does not wait any more. */
  const take = (message: Message): void => {
    const { latest } = message
    queued--
    if (latest !== undefined && keyed.get(latest) === message) keyed.delete(latest)
  }
  /** It leaves for good, unsent. */
  const remove = (message: Message): void => {
    take(message)
    load.remove(message.frame)
    ledger?.strike(message)
  }
  const drop = (message: Message, why: DropReason): void => {
    remove(message)
    onDrop(message, why)
  }
  const place = (message: Message): void => {
    const { latest, expiresAt: at = Infinity } = message
    // What was replaced or withdrawn must not pile up while nothing is sent.
    if (waiting.length > 2 * queued + 64) {
      waiting = waiting.filter((other, index) => index >= head && other.frame)
      head = 0
    }
    waiting.push(message)
    queued++
    load.add(message.frame)
    if (latest !== undefined) keyed.set(latest, message)
    expiresAt = Math.min(expiresAt, at)
  }
  const isFull = (frame: Encoded, messages = sent.length + queued, taken = load.bytes): boolean =>
    messages >= maxMessages || isOver(frame, maxBytes - taken)

  /** Makes room by the policy. False if there is none to be made. */
  const makeRoom = (frame: Encoded, now: number): boolean => {
    if (!isFull(frame)) return true
    outbox.expire(now)
    // What was sent must stay: where that alone leaves no room, the others would go for nothing.
    if (overflow === 'drop-oldest' && !isFull(frame, sent.length, total(sent)))
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
        const count = sent.push(message)
        ledger?.enter(message, acknowledged + count)
        return true
      }
      drop(message, why)
    }
    waiting = []
    head = 0
    return false
  }

  const outbox: Outbox = {
    sealed: Infinity,
    get sent() {
      return sent
    },
    get acknowledged() {
      return acknowledged
    },
    get given() {
      return acknowledged + cursor
    },
    get queued() {
      return queued
    },
    get bytes() {
      return load.bytes
    },
    get expiresAt() {
      return expiresAt
    },
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
      return !force || !isFull('', sent.length + queued - 1)
    },
    withdraw(message) {
      if (!message.frame || message.isNumbered) return false
      remove(message)
      message.frame = ''
      return true
    },
    expire(now) {
      if (now < expiresAt) return
      expiresAt = Infinity
      for (const message of waiting.slice(head)) {
        const { frame, expiresAt: at = Infinity } = message
        if (!frame) continue
        if (at <= now) drop(message, 'expired')
        else expiresAt = Math.min(expiresAt, at)
      }
    },
    next(now, limit, isKnown) {
      do if (cursor < sent.length && acknowledged + cursor < outbox.sealed) return sent[cursor++]!.frame
      while (acknowledged + sent.length < outbox.sealed + AHEAD && number(now, limit, isKnown))
      return undefined
    },
    rewind: () => void (cursor = 0),
    acknowledge(upTo) {
      const count = upTo - acknowledged
      if (count > sent.length) return false
      if (count > 0) {
        acknowledged = upTo
        cursor = Math.max(0, cursor - count)
        for (const message of sent.splice(0, count)) {
          load.remove(message.frame)
          ledger?.strike(message)
          settle(message, null)
        }
      }
      return true
    },
    clear() {
      const all: [Message[], Message[]] = [sent, waiting.slice(head).filter(({ frame }) => frame)]
      for (const message of all.flat()) ledger?.strike(message)
      sent = []
      waiting = []
      acknowledged = queued = cursor = head = 0
      load.clear()
      expiresAt = Infinity
      keyed.clear()
      if (outbox.sealed < Infinity) outbox.sealed = 0
      return all
    },
    restore(from, numbered, unsent) {
      const [, later] = outbox.clear()
      const newer = new Set(later.map(({ latest }) => latest))
      acknowledged = from
      sent = [...numbered]
      if (outbox.sealed < Infinity) outbox.sealed = from + sent.length
      for (const { frame } of sent) load.add(frame)
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
