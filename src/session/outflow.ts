import { createCongestion } from '../kernel/congestion.ts'
import type { Outbox } from '../kernel/outbox.ts'
import type { Carrier } from '../transports/transport.ts'
import { FIRST_LIMIT } from '../protocol/frames.ts'
import { PACKET_SIZE, type Packets } from './packets.ts'

/** How the outbox empties. */
export interface Outflow {
  /** When the carrier's buffer must be looked at again, in the clock's time; Infinity for as soon as there is something to send. */
  deadline(): number
  /** A new carrier: it starts over with the first frame that nobody acknowledged. */
  start(): void
  /** Puts what may go into packets. `limit`: the most bytes of a frame, if that is known; `isOpen`: the welcome was received, or sent. */
  fill(packets: Packets, carrier: Carrier, now: number, limit: number | undefined, isOpen: boolean): void
}

export const createOutflow = (outbox: Outbox): Outflow => {
  const congestion = createCongestion()
  /** Characters that went out ahead of the welcome. */
  let ahead = 0
  /** How many frames with a number are still to go out on this carrier. */
  let repeats = 0
  return {
    deadline: () => congestion.deadline,
    start() {
      congestion.start()
      outbox.rewind()
      ahead = 0
      repeats = outbox.sent.length
    },
    fill(packets, carrier, now, limit, isOpen) {
      let room = 0
      // Of what the carrier has in its buffer, nothing can be replaced any more. What is repeated never can; and were it acknowledged
      // before it goes, the other side, which counts, would miss it.
      const mayGo = (): boolean => {
        if (!isOpen) return ahead < FIRST_LIMIT
        if (repeats <= 0 && room <= 0 && !congestion.holds(carrier.bufferedAmount + packets.size, now))
          room = PACKET_SIZE
        return repeats > 0 || room > 0
      }
      for (let frame; mayGo() && (frame = outbox.next(now, limit ?? FIRST_LIMIT, limit !== undefined));) {
        repeats--
        room -= frame.length
        ahead += frame.length
        packets.add(frame)
      }
    },
  }
}
