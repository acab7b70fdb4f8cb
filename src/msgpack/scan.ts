/** The deepest nesting. Nobody means more, and what recurses over data, an application's code too, has room for it. */
const MAX_DEPTH = 500

/** Numbers, and extensions of a fixed size: how many bytes follow the first. */
const FIXED: Readonly<Record<number, number>> = {
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
  0xd4: 2,
  0xd5: 3,
  0xd6: 5,
  0xd7: 9,
  0xd8: 17,
}
/** Texts, bytes and extensions (these with a type of one byte) by the width of their length. */
const SIZED: Readonly<Record<number, readonly [width: 1 | 2 | 4, more: number]>> = {
  0xc4: [1, 0],
  0xc5: [2, 0],
  0xc6: [4, 0],
  0xc7: [1, 1],
  0xc8: [2, 1],
  0xc9: [4, 1],
  0xd9: [1, 0],
  0xda: [2, 0],
  0xdb: [4, 0],
}
/** Arrays and maps: the width of their length, and how many items each has for one of it. */
const NESTED: Readonly<Record<number, readonly [width: 2 | 4, times: number]>> = {
  0xdc: [2, 1],
  0xdd: [4, 1],
  0xde: [2, 2],
  0xdf: [4, 2],
}

/**
 * Throws for what is not whole, or nests too deep. Decoders make room for as many items as an array says it has, so that a few bytes
 * could take all memory: here, each item that is announced must have a byte at least.
 */
export const scan = (bytes: Uint8Array): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const lengthOf = (width: 1 | 2 | 4): number => {
    const length = width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at)
    at += width
    return length
  }
  /** How many items are to come, in each that is open, and in all. */
  const open = [1]
  let due = 1
  while (open.length > 0) {
    if (open[open.length - 1]!-- === 0) {
      open.pop()
      continue
    }
    due--
    const head = view.getUint8(at++)
    let items = 0
    if (head >= 0x80 && head < 0x90) items = 2 * (head & 15)
    else if (head >= 0x90 && head < 0xa0) items = head & 15
    else if (head >= 0xa0 && head < 0xc0) at += head & 31
    else if (NESTED[head]) items = lengthOf(NESTED[head][0]) * NESTED[head][1]
    else if (SIZED[head]) {
      const size = lengthOf(SIZED[head][0])
      at += size + SIZED[head][1]
    } else at += FIXED[head] ?? 0
    due += items
    if (items > 0) open.push(items)
    if (at + due > bytes.length || open.length > MAX_DEPTH) throw new RangeError('It says it has more than it has')
  }
}
