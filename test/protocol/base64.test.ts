import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from '../../src/protocol/base64.ts'

test('any bytes come back as they were, as what every platform calls base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
    }),
  )
})

test('a part of a larger buffer is that part, and many bytes are no trouble', () => {
  const bytes = new Uint8Array(1_000_003).map((_, at) => at * 7)
  const part = bytes.subarray(5, 900_000)
  expect(fromBase64(toBase64(part))).toEqual(part)
})

test.each(['*', 'a', '{"ping":1}', 'ab=c'])('%s is none', (text) => {
  expect(() => fromBase64(text)).toThrow()
})
