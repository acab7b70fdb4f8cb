import type { Codec } from 'holdfast'

/** Counts what is read and written, and changes nothing of it. */
interface CountingCodec extends Codec {
  readonly count: number
}

export const createCountingCodec = (): CountingCodec => {
  let count = 0
  const seen = (value: unknown): unknown => {
    count++
    return value
  }
  return {
    get count() {
      return count
    },
    encode: seen,
    decode: seen,
  }
}
