import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../../src/kernel/errors.ts'
import { decodeFrame } from '../../src/protocol/decode.ts'
import { encodeFrame } from '../../src/protocol/encode.ts'

/** What the other side makes of it. */
const roundTrip = (...args: Parameters<typeof encodeFrame>): unknown => decodeFrame(encodeFrame(...args))
/** JSON has one zero. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const heads = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '', '漢', '\ud800', 'a\nb'))
const ids = fc.maxSafeNat()

describe('every frame has the shape of docs/protocol.md', () => {
  test.each([
    ['event', encodeFrame('say', { text: 'hi' }), '["say",{"text":"hi"}]'],
    ['event without data', encodeFrame('ping'), '["ping"]'],
    ['event of null', encodeFrame('ping', null), '["ping",null]'],
    ['request', encodeFrame('ask', 1, undefined, 7), '["ask",1,7]'],
    ['request without data', encodeFrame('ask', undefined, undefined, 7), '["ask",null,7]'],
    ['reply', encodeFrame(7, 'yes'), '[7,"yes"]'],
    ['reply without data', encodeFrame(7), '[7,null]'],
    ['stream item', encodeFrame(7, 'yes', undefined, 1), '[7,"yes",1]'],
    ['failure', encodeFrame(7, null, undefined, { code: 'c', message: 'm' }), '[7,null,{"code":"c","message":"m"}]'],
  ])('%s', (_, frame, expected) => {
    expect(frame).toBe(expected)
  })

  test('no line break is ever in a line, whatever is in the data', () => {
    fc.assert(fc.property(heads, json, (head, data) => !String(encodeFrame(head, data)).includes('\n')))
  })
})

describe('there and back', () => {
  test('any JSON value is what it was, in every kind of frame', () => {
    const property = fc.property(heads, ids, json, (name, id, data) => {
      expect(roundTrip(name, data)).toEqual([name, data])
      expect(roundTrip(name, data, undefined, id)).toEqual([name, data, id])
      expect(roundTrip(id, data)).toEqual([id, data])
      expect(roundTrip(id, data, undefined, 1)).toEqual([id, data, 1])
    })
    fc.assert(property)
  })

  test('so are bytes, whatever they stand in', () => {
    const property = fc.property(heads, ids, fc.uint8Array({ maxLength: 64 }), (name, id, bytes) => {
      expect(roundTrip(name, bytes)).toEqual([name, bytes])
      expect(roundTrip(name, bytes, undefined, id)).toEqual([name, bytes, id])
      expect(roundTrip(id, bytes, undefined, 1)).toEqual([id, bytes, 1])
    })
    fc.assert(property)
  })

  test.each([
    ['an ArrayBuffer', new Uint8Array([1, 2, 3, 10, 0]).buffer],
    ['a part of a buffer', new Uint8Array([9, 1, 2, 3, 10, 0, 9]).subarray(1, 6)],
    ['a DataView', new DataView(new Uint8Array([9, 1, 2, 3, 10, 0]).buffer, 1)],
    ['a Node Buffer', Buffer.from([1, 2, 3, 10, 0])],
  ])('bytes in %s', (_, data) => {
    expect(roundTrip('b', data)).toEqual(['b', new Uint8Array([1, 2, 3, 10, 0])])
  })

  test('wider numbers go as their bytes', () => {
    const numbers = new Float64Array([0, 1.5, -2])
    const [, bytes] = roundTrip('b', numbers.subarray(1)) as [string, Uint8Array]
    expect(new Float64Array(bytes.slice().buffer)).toEqual(new Float64Array([1.5, -2]))
  })

  test('the bytes are copied: the sender may use its buffer again', () => {
    const data = new Uint8Array([1])
    const frame = encodeFrame('b', data)
    data[0] = 2
    expect(decodeFrame(frame)).toEqual(['b', new Uint8Array([1])])
  })

  test('what has a `toJSON` goes as what that gives', () => {
    expect(roundTrip('at', new Date(0))).toEqual(['at', '1970-01-01T00:00:00.000Z'])
  })
})

describe('what cannot be carried throws at the call', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const throwing = {
    toJSON() {
      throw new Error('mine')
    },
  }

  test.each<[string, unknown]>([
    ['a bigint', 1n],
    ['a bigint deep inside', { a: [1n] }],
    ['a cycle', cycle],
    ['a function', () => 1],
    ['a class', Map],
    ['a symbol', Symbol('s')],
    ['NaN', NaN],
    ['Infinity', -Infinity],
    ['an object that throws', throwing],
    ['a Map, which JSON would empty', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Blob', new Blob(['x'])],
    ['an object that gives nothing', { toJSON: () => undefined }],
  ])('%s', (_, data) => {
    for (const frame of [() => encodeFrame('say', data), () => encodeFrame(7, data, undefined, 1)]) {
      expect(frame).toThrow(HoldfastError)
      expect(frame).toThrow(expect.objectContaining({ code: 'unserializable' }))
    }
  })

  test('and the error says which message, why, and what to do', () => {
    expect(() => encodeFrame('say', 1n)).toThrow(/^Cannot send "say": .*BigInt.* `codec`\.$/)
    expect(() => encodeFrame('say', throwing)).toThrow(expect.objectContaining({ cause: new Error('mine') }))
  })
})

describe('a codec', () => {
  test('gives what is sent instead: JSON or bytes', () => {
    const codec = { encode: (value: unknown) => ({ wrapped: value }), decode: (value: unknown) => value }
    expect(encodeFrame('say', 1n === 1n, codec)).toBe('["say",{"wrapped":true}]')
    const bytes = { encode: () => new Uint8Array([1]), decode: (value: unknown) => value }
    expect(decodeFrame(encodeFrame('say', 'x', bytes, 3))).toEqual(['say', new Uint8Array([1]), 3])
  })

  test('is not asked about no data, nor about failures', () => {
    const codec = {
      encode: () => {
        throw new Error('asked')
      },
      decode: (value: unknown) => value,
    }
    expect(encodeFrame('say', undefined, codec)).toBe('["say"]')
    expect(() => encodeFrame('say', 1, codec)).toThrow(expect.objectContaining({ code: 'unserializable' }))
  })
})
