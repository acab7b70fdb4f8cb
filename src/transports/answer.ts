import { isCount, shape } from '../protocol/decode.ts'
import { UNREACHABLE } from '../kernel/close-codes.ts'
import { fromBase64 } from '../protocol/base64.ts'
import type { Packet } from './transport.ts'

/** Counts the lines that a server sends over one HTTP carrier, in whatever answers they come. docs/protocol.md#http */
export interface AnswerReader {
  /** How many lines came. */
  readonly got: number
  /** The next answer. `onHead`: it has begun, and is our server's. */
  begin(onHead?: () => void): {
    /** Takes a part of its text. */
    text(part: string): void
    /** Whether our server gave it. */
    isOurs(): boolean
    /** Whether it stands in the middle of a line. */
    isWithin(): boolean
  }
  /** What the answer says that tells of the carrier's end. */
  closing(body: string): { code: number; reason: string }
}

const isHead = shape({ push: isCount, from: isCount })

const parse = (line: string): Record<string, unknown> => {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** What is no base64 is no frame, either: the session counts it as that. */
const bytesOf = (line: string): Packet => {
  try {
    return fromBase64(line.slice(1))
  } catch {
    return line
  }
}

export const createAnswerReader = (message: (packet: Packet) => unknown): AnswerReader => {
  let got = 0

  /** Lines with bytes are packets of their own; the others may stay together. */
  const deliver = (lines: string[]): void => {
    got += lines.length
    let from = 0
    const flush = (to: number): void => {
      if (to > from) message(lines.slice(from, to).join('\n'))
      from = to + 1
    }
    for (const [i, line] of lines.entries()) {
      if (line[0] !== '=') continue
      flush(i)
      message(bytesOf(line))
    }
    flush(lines.length)
  }

  return {
    get got() {
      return got
    },
    begin(onHead) {
      let rest = ''
      let head: boolean | undefined
      let number = 0
      return {
        text(part) {
          const lines = part.split('\n')
          // To look for ends in `rest` again with each part of a long line would take the square of its length.
          lines[0] = rest + lines[0]!
          // Only a line that has its end is there.
          rest = lines.pop()!
          if (head === undefined && lines.length > 0) {
            const first = parse(lines.shift()!)
            head = isHead(first)
            number = first['from'] as number
            if (head) onHead?.()
          }
          if (!head) return
          const known = got + 1 - number
          number += lines.length
          // Another answer may have brought some of it, or brings what is missing before it.
          if (known >= 0 && known < lines.length) deliver(known > 0 ? lines.slice(known) : lines)
        },
        isOurs: () => !!head,
        isWithin: () => rest !== '',
      }
    },
    closing(body) {
      const { code, reason } = parse(body)
      return { code: isCount(code) ? (code as number) : UNREACHABLE, reason: typeof reason === 'string' ? reason : '' }
    },
  }
}
