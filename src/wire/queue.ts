import type { HoldfastError } from '../kernel/errors.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import { sizeOf } from '../kernel/size.ts'
import type { WireData } from './wire.ts'

/** What waits to be sent. */
export interface Entry {
  readonly name: string
  readonly data: WireData
  /** A connection took it, and nothing takes it back. */
  isOut?: boolean
  /** Hears why it will not be sent. */
  readonly settle?: (error: HoldfastError) => void
  /** Hears that it waits no more. */
  readonly left?: () => void
  /** Takes the place of one with the same key. */
  readonly latest?: string | undefined
  /** The clock's time (ms) from which it is not worth sending. */
  readonly expiresAt?: number | undefined
}

/** Why it was not sent. */
export type Unsent = 'expired' | 'dropped' | 'replaced'

/** What is to be sent, in order, until a connection takes it. It forgets what was taken, unlike the outbox of a session: no answer will tell. */
export interface Queue {
  readonly size: number
  readonly bytes: number
  /** False if there is no room, and none is made. `force`: there is. */
  push(entry: Entry, force?: boolean): boolean
  /** Whether it waits. */
  has(entry: Entry): boolean
  /** Takes one after the other, as long as they are asked for. */
  take(now: number): Iterable<Entry>
  /** False if it waited no more. */
  remove(entry: Entry): boolean
  /** Removes it, and tells so; nothing if it waits no more. */
  drop(entry: Entry, why: Unsent): void
}

export const createQueue = (
  { maxMessages, maxBytes, overflow }: OutboxBounds,
  dropped: (entry: Entry, why: Unsent) => void,
): Queue => {
  const entries = new Set<Entry>()
  const keyed = new Map<string, Entry>()
  let bytes = 0

  /** Makes room by the policy. False if there is none to be made. */
  const makeRoom = (size: number): boolean => {
    const isFull = (): boolean => entries.size >= maxMessages || bytes + size > maxBytes
    if (overflow === 'drop-oldest' && size <= maxBytes)
      for (const oldest of entries) {
        if (!isFull()) break
        queue.drop(oldest, 'dropped')
      }
    return !isFull()
  }

  const queue: Queue = {
    get size() {
      return entries.size
    },
    get bytes() {
      return bytes
    },
    push(entry, force) {
      const older = keyed.get(entry.latest!)
      const size = sizeOf(entry.data)
      if (older) queue.drop(older, 'replaced')
      // One that takes another's place is always let in: refusing it would leave nothing.
      else if (!force && !makeRoom(size)) {
        if (overflow !== 'reject') dropped(entry, 'dropped')
        return overflow !== 'reject'
      }
      entries.add(entry)
      bytes += size
      if (entry.latest !== undefined) keyed.set(entry.latest, entry)
      return true
    },
    has: (entry) => entries.has(entry),
    *take(now) {
      for (const entry of entries) {
        if (entry.expiresAt! <= now) queue.drop(entry, 'expired')
        else if (queue.remove(entry)) {
          entry.isOut = true
          yield entry
        }
      }
    },
    remove(entry) {
      if (!entries.delete(entry)) return false
      entry.left?.()
      bytes -= sizeOf(entry.data)
      if (keyed.get(entry.latest!) === entry) keyed.delete(entry.latest!)
      return true
    },
    drop(entry, why) {
      if (queue.remove(entry)) dropped(entry, why)
    },
  }
  return queue
}
