import type { Packet } from '../transports/transport.ts'
import { toBase64 } from '../protocol/base64.ts'

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
  /** The next lines, each with its end, in packets as they were added, of not more characters than that, but at least one if there is any. */
  tell(size: number): string
}

/** What is left of a packet. Most are told and confirmed as they are: to take each line by itself would cost more than all the rest. */
interface Part {
  readonly text: string
  readonly lines: number
}

/** Where so many lines end, or all there are. */
const endOf = (text: string, most = Infinity): { readonly end: number; readonly lines: number } => {
  let end = 0
  let lines = 0
  while (lines < most && end < text.length) {
    end = text.indexOf('\n', end) + 1
    lines++
  }
  return { end, lines }
}

/** An empty one. */
export const createReplayBuffer = (): ReplayBuffer => {
  const parts: Part[] = []
  /** How many of the parts were told. */
  let told = 0
  let confirmed = 0
  let last = 0
  let from = 1
  let size = 0
  let untold = 0
  return {
    get from() {
      return from
    },
    get last() {
      return last
    },
    get untold() {
      return untold
    },
    get size() {
      return size
    },
    add(packet) {
      // Bytes stand in a line of their own, behind a sign that no frame begins with.
      const text = `${typeof packet === 'string' ? packet : `=${toBase64(packet)}`}\n`
      const { lines } = endOf(text)
      parts.push({ text, lines })
      last += lines
      size += text.length
      untold += text.length
    },
    confirm(got) {
      let gone = 0
      for (let part; confirmed < got && (part = parts[gone]);) {
        const { end, lines } = endOf(part.text, got - confirmed)
        confirmed += lines
        size -= end
        if (gone >= told) untold -= end
        // An answer that was cut may have brought a part of it.
        if (lines === part.lines) gone++
        else parts[gone] = { text: part.text.slice(end), lines: part.lines - lines }
      }
      parts.splice(0, gone)
      told = Math.max(0, told - gone)
      from = Math.max(from, confirmed + 1)
    },
    rewind() {
      told = 0
      from = confirmed + 1
      untold = size
    },
    tell(most) {
      const first = told
      let length = 0
      for (let part; (part = parts[told]) && (length === 0 || length + part.text.length <= most); told++) {
        length += part.text.length
        from += part.lines
      }
      untold -= length
      // Joined at once: a text that grew bit by bit would be put together anew when it is written.
      return parts
        .slice(first, told)
        .map(({ text }) => text)
        .join('')
    },
  }
}
