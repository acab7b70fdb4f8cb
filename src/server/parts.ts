import type { Packet } from '../transports/transport.ts'

/** So many lines are looked at before whoever sent them is charged for them. */
const PART = 1_000

/** The deepest nesting of a line. Nobody means more, and what recurses over data, an application's code too, has room for it. */
const MAX_DEPTH = 500

const QUOTE = 34
const BACKSLASH = 92
/** `[` and `{` alike, and `]` and `}`, with the bit set by which they differ. */
const OPENS = 123
const CLOSES = 125
const EITHER = 32

/** Where the string ends that begins at `from`. */
const endOfString = (text: string, from: number): number => {
  for (let end = from; (end = text.indexOf('"', end + 1)) >= 0;) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** Whether a character is there so often. The platform finds it faster than anybody who looks at each. */
const hasMany = (line: string, character: string): boolean => {
  let count = 0
  for (let at = -1; (at = line.indexOf(character, at + 1)) >= 0;) if (++count > MAX_DEPTH / 2) return true
  return false
}

/** Whether a line of JSON nests deeper than anybody means. `JSON.parse` itself knows no bound. */
export const isDeep = (line: string): boolean => {
  if (line.length <= MAX_DEPTH || (!hasMany(line, '[') && !hasMany(line, '{'))) return false
  let depth = 0
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === QUOTE) at = endOfString(line, at)
    else if ((code | EITHER) === OPENS) {
      if (++depth > MAX_DEPTH) return true
    } else if ((code | EITHER) === CLOSES) depth--
  }
  return false
}

/** A line of the same kind, counted or not, that is surely no frame. */
const broken = (line: string): string => `${line.slice(0, 80)}…`

/**
 * Hands a packet over in parts of at most a thousand lines, as long as `take` wants more: a million lines are stopped long before
 * the last. What is nested too deep is handed over as a line that is no frame.
 */
export const inParts = (packet: Packet, take: (part: Packet, lines: number) => boolean): void => {
  if (typeof packet !== 'string') return void take(packet, 1)
  let start = 0
  let lines = 0
  for (let at = 0; at <= packet.length;) {
    const newline = packet.indexOf('\n', at)
    const end = newline < 0 ? packet.length : newline
    // A short one is none, and need not be cut out.
    if (end - at > MAX_DEPTH && isDeep(packet.slice(at, end))) {
      if (lines > 0 && !take(packet.slice(start, at), lines)) return
      if (!take(broken(packet.slice(at, end)), 1)) return
      start = end + 1
      lines = 0
    } else if (++lines === PART) {
      if (!take(packet.slice(start, end), lines)) return
      start = end + 1
      lines = 0
    }
    at = end + 1
  }
  if (lines > 0) take(start === 0 ? packet : packet.slice(start), lines)
}
