/** What messages are made of: each end knows from its number what a message must be, to the last byte. */

/** `up` is from the client to the server. */
export type Way = 'up' | 'down'
/** `small`: a line of text each. `mixed`: up to 256 kB, a quarter of them bytes, a tenth of them questions. */
export type Sizes = 'small' | 'mixed'
export type Kind = 'text' | 'blob' | 'quiz'

const LARGEST = 262_144
/** Characters of one to three bytes, and such as JSON must escape. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz 0123456789 "\\\n\t é…'
const period = 65_521
const seeds = Uint32Array.from({ length: period }, (_, index) => Math.imul(index + 1, 2_654_435_761) >>> 7)
const text = Array.from(seeds, (seed) => alphabet[seed % alphabet.length]).join('')
const texts = text.repeat(Math.ceil(LARGEST / period) + 1)
const bytes = Uint8Array.from({ length: texts.length }, (_, index) => seeds[index % period]! >>> 3)

export const kindOf = (number: number, sizes: Sizes): Kind =>
  sizes === 'small' ? 'text' : number % 10 === 5 ? 'quiz' : number % 4 === 2 ? 'blob' : 'text'

/** Mostly a line or two; at 200 a second, two of 4 kB each second, and one each of 32 and of 256 kB every two and a half. */
const sizeOf = (number: number, sizes: Sizes): number => {
  if (sizes === 'small') return 20
  if (number % 501 === 250) return LARGEST
  if (number % 499 === 7) return 32_768
  return number % 99 === 3 ? 4_096 : 10 + ((number * 37) % 190)
}

const startOf = (way: Way, number: number): number => (number * 7_919 + (way === 'up' ? 0 : 31_337)) % period

export const textOf = (way: Way, number: number, sizes: Sizes): string => {
  const start = startOf(way, number)
  return texts.slice(start, start + sizeOf(number, sizes))
}

/** Its first four bytes are its number. */
export const blobOf = (way: Way, number: number, sizes: Sizes): Uint8Array<ArrayBuffer> => {
  const start = startOf(way, number)
  const blob = bytes.slice(start, start + sizeOf(number, sizes) + 4)
  new DataView(blob.buffer).setUint32(0, number)
  return blob
}

export const numberOf = (blob: Uint8Array): number =>
  blob.length < 4 ? 0 : new DataView(blob.buffer, blob.byteOffset).getUint32(0)

export const isSameBlob = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

/** The right answer to the question of this number. */
export const answerTo = (way: Way, number: number): string => textOf(way, number + 1, 'small')
