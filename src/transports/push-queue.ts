import type { Mutable } from '../kernel/mutable.ts'

/** Characters of a push, at least and at most: more waits for the next one, which a lost answer then does not repeat. */
const PUSH_SIZE = 65_536
const LARGEST_PUSH = 524_288

/** What waits to be pushed. */
export interface PushQueue {
  /** Its lines, or lines in packets. */
  readonly packets: readonly string[]
  /** Their characters. */
  readonly size: number
  add(packet: string): void
  /** The next push. */
  take(): string
  /** One of so many characters was answered. `slow`: it was too large for the line, or for whatever else held it up. */
  learn(length: number, slow: boolean): void
}

export const createPushQueue = (): PushQueue => {
  const packets: string[] = []
  let most = PUSH_SIZE
  const queue: Mutable<PushQueue> = {
    packets,
    size: 0,
    add(packet) {
      packets.push(packet)
      queue.size += packet.length
    },
    take() {
      let count = 0
      let size = 0
      while (count < packets.length && (size === 0 || size + packets[count]!.length <= most))
        size += packets[count++]!.length
      queue.size -= size
      return packets.splice(0, count).join('\n')
    },
    learn(length, slow) {
      // What went quickly may be twice as much the next time.
      most = slow ? PUSH_SIZE : Math.min(LARGEST_PUSH, Math.max(most, 2 * length))
    },
  }
  return queue
}
