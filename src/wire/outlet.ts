import { HoldfastError } from '../kernel/errors.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Carrier } from '../transports/transport.ts'
import { type Entry, createQueue } from './queue.ts'
import type { Wire, WireData } from './wire.ts'

/** How one message is to be sent. */
export interface WireSendOptions {
  /** Replaces a message of the same key that has not been sent yet: only the newest is worth sending. */
  latest?: string
  /** Milliseconds after which it is not worth sending any more. */
  ttl?: number
  /** Withdraws it, as long as it has not been sent. */
  signal?: AbortSignal
}

/** What waits, and how it leaves. */
export interface Outlet {
  readonly queued: number
  readonly bytes: number
  /** When the carrier's buffer must be looked at again, in the clock's time. */
  readonly deadline: number
  /** Throws `overflow` if there is no room; `force`: there is. */
  push(entry: Entry, force?: boolean): void
  send(name: string, data: WireData, options: WireSendOptions): void
  remove(entry: Entry): void
  /** Sends what may go, at the end of this task. */
  schedule(): void
  /** The same, now. */
  flush(): void
  /** Gives up all that waits. */
  clear(why: string): void
}

/** While the carrier has more than so many bytes that have not left, nothing is sent: what waits here can still be replaced, and is not lost with it. */
const CONGESTED = 65_536
/** Milliseconds from one look at a full buffer to the next. */
const PAUSE = 10

const WHY = {
  expired: 'Its `ttl` ran out.',
  dropped: 'The outbox was full, and `outbox.overflow` has it dropped.',
  replaced: 'A newer message of the same key took its place.',
}

export interface OutletHost {
  readonly clock: Clock
  readonly wire: Wire
  readonly outbox: OutboxBounds
  /** What may be sent on; undefined if nothing may. */
  carrier(): Carrier | undefined
  fault(error: HoldfastError): void
  /** A flush is over. */
  flushed(): void
}

export const createOutlet = ({ clock, wire, outbox, carrier, fault, flushed }: OutletHost): Outlet => {
  let scheduled = false
  const unsent = ({ name, settle }: Entry, code: 'expired' | 'dropped', why: string): void => {
    const error = new HoldfastError(code, `"${name}" was not sent. ${why}`)
    settle?.(error)
    if (why !== WHY.replaced) fault(error)
  }
  const queue = createQueue(outbox, (entry, why) => unsent(entry, why === 'expired' ? why : 'dropped', WHY[why]))

  const outlet: { -readonly [K in keyof Outlet]: Outlet[K] } = {
    get queued() {
      return queue.size
    },
    get bytes() {
      return queue.bytes
    },
    deadline: Infinity,
    push(entry, force) {
      if (!queue.push(entry, force))
        throw new HoldfastError('overflow', 'The outbox is full. Raise `outbox.maxMessages` or `maxBytes`.')
      outlet.schedule()
    },
    send(name, data, { latest, ttl = Infinity, signal }) {
      signal?.throwIfAborted()
      const entry: Entry = {
        name,
        data,
        latest,
        expiresAt: clock.now() + ttl,
        left: () => {
          disarm?.()
          signal?.removeEventListener('abort', onAbort)
        },
      }
      const onAbort = (): void => void queue.remove(entry)
      outlet.push(entry)
      if (!queue.has(entry)) return
      const disarm = ttl < Infinity ? clock.after(ttl, () => queue.drop(entry, 'expired')) : undefined
      signal?.addEventListener('abort', onAbort)
    },
    remove: queue.remove,
    schedule() {
      if (scheduled) return
      scheduled = true
      clock.soon(outlet.flush)
    },
    flush() {
      scheduled = false
      outlet.deadline = Infinity
      const to = carrier()
      if (to) {
        const packed: WireData[] = []
        let size = 0
        const isFull = (): boolean => to.bufferedAmount + size > CONGESTED
        if (!isFull())
          for (const { data } of queue.take(clock.now())) {
            if (wire.pack) size += packed.push(data) && data.length
            else to.send(data)
            if (isFull()) break
          }
        if (packed.length > 0) to.send(wire.pack!(packed))
        if (queue.size > 0) outlet.deadline = clock.now() + PAUSE
      }
      flushed()
    },
    clear(why) {
      for (const entry of queue.take(0)) unsent(entry, 'dropped', why)
    },
  }
  return outlet
}
