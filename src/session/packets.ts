import type { Encoded } from '../kernel/message.ts'
import type { Mutable } from '../kernel/mutable.ts'
import type { Carrier } from '../transports/transport.ts'

/** Frames are gathered into packets of about this many characters: a packet's cost is small beside it, and it is on its way soon. */
export const PACKET_SIZE = 65_536
/** What may share a packet with hello or welcome. */
const OPENING_SIZE = 4_096

/** What is on its way into a carrier. docs/protocol.md#packets */
export interface Packets {
  /** Characters that are gathered. */
  readonly size: number
  /** Hello or welcome. */
  open(line: string): void
  add(frame: Encoded): void
  /** What is gathered leaves. `patient`: as in {@link Carrier.send}. */
  ship(patient?: boolean): void
}

export const createPackets = (carrier: Carrier): Packets => {
  let lines: string[] = []
  const packets: Mutable<Packets> = {
    size: 0,
    open(line) {
      lines.push(line)
      // On a slow line, what goes in the same packet delays the welcome: only a little may.
      packets.size = PACKET_SIZE - OPENING_SIZE
    },
    add(frame) {
      if (typeof frame !== 'string' || packets.size + frame.length > PACKET_SIZE) packets.ship()
      if (typeof frame !== 'string') return carrier.send(frame)
      lines.push(frame)
      packets.size += frame.length
    },
    ship(patient) {
      if (lines.length > 0) carrier.send(lines.join('\n'), patient)
      lines = []
      packets.size = 0
    },
  }
  return packets
}
