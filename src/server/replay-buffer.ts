import type { Packet } from '../transports/transport.ts'
import { toBase64 } from '../wire/base64.ts'

/** The lines that a carrier was given and its client has not confirmed yet. They have the numbers 1, 2, 3 … */
export interface ReplayBuffer {
  /** The number of the next line to tell. */
  readonly from: number
  /** The number of the last line there is. */
  readonly last: number
  /** Characters that wait to be told. */
  readonly untold: number
  /** Characters that wait to be told or confirmed. */
  readonly size: number
  /** Puts the packet's lines behind the others. */
  add(packet: Packet): void
  /** The client has so many lines, at least: they are forgotten. */
  confirm(got: number): void
  /** What was told and not confirmed is told again. */
  rewind(): void
  /** The next lines, each with its end, of not more characters than that, but at least one line if there is any. */
  tell(size: number): string
}

/** Bytes stand in a line of their own, behind a sign that no frame begins with. */
const linesOf = (packet: Packet): string[] =>
  typeof packet === 'string' ? packet.split('\n').filter(Boolean) : [`=${toBase64(packet)}`]

/** An empty one. */
export const createReplayBuffer = (): ReplayBuffer => {
  const lines: string[] = []
  let confirmed = 0
  let told = 0
  let size = 0
  let untold = 0
  return {
    get from() {
      return told + 1
    },
    get last() {
      return confirmed + lines.length
    },
    get untold() {
      return untold
    },
    get size() {
      return size
    },
    add(packet) {
      for (const line of linesOf(packet)) {
        lines.push(line)
        size += line.length + 1
        untold += line.length + 1
      }
    },
    confirm(got) {
      const forgotten = lines.splice(0, Math.max(0, got - confirmed))
      for (const [index, line] of forgotten.entries()) {
        size -= line.length + 1
        if (confirmed + index >= told) untold -= line.length + 1
      }
      confirmed += forgotten.length
      told = Math.max(told, confirmed)
    },
    rewind() {
      told = confirmed
      untold = size
    },
    tell(most) {
      const first = told - confirmed
      let end = first
      let length = 0
      for (let next: string | undefined; (next = lines[end]) !== undefined; end++) {
        if (length > 0 && length + next.length >= most) break
        length += next.length + 1
      }
      told += end - first
      untold -= length
      // Joined at once: a text that grew line by line would be put together anew when it is written.
      return length > 0 ? `${lines.slice(first, end).join('\n')}\n` : ''
    },
  }
}
