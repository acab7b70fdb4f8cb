/** The public names of `holdfast/msgpack`. */
import { ExtensionCodec, decode, encode } from '@msgpack/msgpack'
import type { Codec } from '../protocol/codec.ts'
import { scan } from './scan.ts'

export type { Codec } from '../protocol/codec.ts'

const nameOf = (value: object): string => (value.constructor as { name?: string } | undefined)?.name ?? 'An object'
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** Whether it holds what JSON has no word for. */
const exceedsJson = (value: unknown): boolean => {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) return true
    throw new RangeError(`${value} has more than 64 bits`)
  }
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Date || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true
  let exceeds = false
  for (const inner of Object.values(value)) exceeds = exceedsJson(inner) || exceeds
  return exceeds
}

/** Is shown each object before it is encoded, dates apart, and refuses those of which not all would arrive. */
const extensionCodec = new ExtensionCodec()
extensionCodec.register({
  type: 0,
  encode(value: unknown) {
    const object = value as object
    // No decoder takes such a map, and the other end must not be the first to say so.
    if (Object.hasOwn(object, '__proto__')) throw new TypeError('The key __proto__ has no MessagePack')
    if (Array.isArray(object) || ArrayBuffer.isView(object) || isPlain(object)) return null
    throw new TypeError(`${nameOf(object)} has no MessagePack`)
  },
  decode: (data) => data,
})
const options = { extensionCodec, useBigInt64: true, ignoreUndefined: true }

/**
 * A codec for what JSON has no word for: bytes anywhere in data (they arrive as `Uint8Array`), dates, bigints of 64 bits, `NaN` and
 * `Infinity`. A value with any of them travels as MessagePack, in a packet of its own; all others as JSON, as without a codec.
 */
export const messagePack: Codec = {
  encode: (value) =>
    exceedsJson(value) ? encode(value instanceof ArrayBuffer ? new Uint8Array(value) : value, options) : value,
  decode(value) {
    if (!(value instanceof Uint8Array)) return value
    scan(value)
    return decode(value, options)
  },
}
