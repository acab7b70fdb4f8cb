import { sizeOf } from '../kernel/size.ts'
import type { Answer } from '../server/exchange.ts'
import type { SeededRandom } from './random.ts'
import type { Stream } from './stream.ts'

/** How a client hears an answer. */
export interface Hearer {
  /** A part of the text. */
  readonly text: (status: number, part: string) => void
  /** All of it is there. */
  readonly end: (status: number) => void
}

/** Bytes of an answer's usual status line and headers, and of the chunk that ends one of unknown length. RFC 9112, 7.1 */
const HEAD = 250
const LAST_CHUNK = 5
/** The most characters that a client is handed at a time. */
const LONGEST_PIECE = 16_384

const encoder = new TextEncoder()

/** The text of the first bytes of `text`; half a character is none. */
const beginning = (text: string, bytes: number): string =>
  bytes <= 0 ? '' : new TextDecoder().decode(encoder.encode(text).subarray(0, bytes), { stream: true })

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** A text as TCP may hand it over: in pieces that know nothing of its lines, only whole characters. */
const split = (text: string, random: SeededRandom): string[] => {
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const most = Math.min(text.length - at, LONGEST_PIECE)
    let end = at + (random.chance(0.5) ? most : random.int(1, most))
    if (isLowSurrogate(text.charCodeAt(end))) end++
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}

/** Says one answer on a line, to whom `hear` tells of it. */
export const speak = (down: Stream, random: SeededRandom, hear: Hearer): Answer => {
  let begun = false

  /** `ends` is how many bytes after the text mark the end; undefined where more follows. */
  const say = (status: number, text: string, ends?: number): void => {
    const pieces = split(text, random)
    if (pieces.length === 0) pieces.push('')
    for (const [index, piece] of pieces.entries()) {
      const head = begun ? 0 : HEAD
      begun = true
      const isLast = index === pieces.length - 1
      const tail = isLast ? (ends ?? 0) : 0
      const size = sizeOf(piece)
      const arrive = (): void => {
        if (piece) hear.text(status, piece)
        if (isLast && ends !== undefined) hear.end(status)
      }
      down.write(head + size + tail, arrive, (bytes) => {
        const part = beginning(piece, bytes - head)
        if (part) hear.text(status, part)
      })
    }
  }

  return {
    send: (status, body) => say(status, body, 0),
    write: (text) => say(200, text),
    end: () => say(200, '', LAST_CHUNK),
  }
}
