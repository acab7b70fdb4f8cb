import fc from 'fast-check'
import { messagePack } from 'holdfast/msgpack'
import { world } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'

const { encode, decode } = messagePack
const there = (value: unknown): unknown => decode(encode(value))

describe('what JSON can say', () => {
  test.each([undefined, null, true, 7, 'text', [1, [2]], { a: { b: [] } }])('%o stays as it is', (value) => {
    expect(encode(value)).toBe(value)
    expect(decode(value)).toBe(value)
  })
})

describe('what JSON cannot say', () => {
  test.each<[unknown]>([
    [new Uint8Array([1, 2, 255])],
    [{ name: 'a', data: new Uint8Array(70_000) }],
    [{ at: new Date(1_763_760_000_123), list: [1, 2 ** 40, -1.5, 'ü'] }],
    [[5n, -5n, 2n ** 64n - 1n, -(2n ** 63n), 5, 2 ** 53 - 1, -(2 ** 53) + 1]],
    [{ some: [NaN, Infinity, -Infinity] }],
  ])('%o arrives', (value) => {
    expect(encode(value)).toBeInstanceOf(Uint8Array)
    expect(there(value)).toEqual(value)
  })

  test('any value arrives, of whatever size its parts are', () => {
    const values = fc.anything({ withBigInt: false, withDate: false, withTypedArray: false, withNullPrototype: false })
    const plain = values
      .map((value) => JSON.stringify(value) ?? 'null')
      .filter((text) => !text.includes('"__proto__":'))
      .map((text) => JSON.parse(text) as unknown)
    const long = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(
        fc.array(plain, { maxLength: 40 }),
        long,
        fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
        (list, bytes, big) => {
          expect(there({ list, bytes, big })).toEqual({ list, bytes, big })
        },
      ),
    )
  })

  test.each<[unknown, string]>([
    [[new Date(), new Map()], 'Map has no MessagePack'],
    [[new Uint8Array(1), new Blob([])], 'Blob has no MessagePack'],
    [2n ** 64n, 'more than 64 bits'],
    [[-(2n ** 63n) - 1n], 'more than 64 bits'],
    [[new Date(), { a: JSON.parse('{ "__proto__": 1 }') as unknown }], 'The key __proto__ has no MessagePack'],
  ])('%o is refused', (value, message) => {
    expect(() => encode(value)).toThrow(message)
  })
})

describe('what a hostile peer sends', () => {
  const bomb = new Uint8Array(500).map((_, index) => [0xdd, 0, 0x0f, 0xff, 0xff][index % 5]!)
  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['arrays that say they have a million items each', bomb],
    ['a map that does', new Uint8Array([0xdf, 0, 0x0f, 0xff, 0xff, 0xa1, 97, 1])],
    ['a text that goes on', new Uint8Array([0xdb, 0, 0, 1, 0, 97])],
    ['what nests deeper than anybody means', new Uint8Array(10_001).fill(0x91)],
    ['two values', new Uint8Array([1, 1])],
    ['a prototype', new Uint8Array([0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x80])],
  ])('%s: is refused, before it takes any memory', (_, bytes) => {
    expect(() => decode(bytes)).toThrow()
  })

  test('any bytes are a value, or refused', () => {
    const outcome = (bytes: Uint8Array): string => {
      try {
        return `a ${typeof decode(bytes)}`
      } catch (error) {
        return error instanceof Error ? 'refused' : `thrown: ${String(error)}`
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcome(bytes)).toMatch(/^(refused|a (object|string|number|bigint|boolean))$/)
      }),
    )
  })
})

test('both ends of a socket', async () => {
  const here = world({
    server: { codec: messagePack },
    client: () => ({ codec: messagePack }),
    serve: (core) => void core.on('session', (session) => void session.handle('echo', (value: unknown) => value)),
  })
  const value = { at: new Date(5), big: 7n, photo: new Uint8Array([1, 2, 3]) }
  const answered = here.tabs[0]!.socket.request('echo', value)
  await here.clock.advance(1_000)
  expect(await answered).toEqual(value)
})
