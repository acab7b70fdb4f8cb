import { afterEach, expect, test, vi } from 'vitest'
import { systemRandom } from '../../src/platform/random.ts'

afterEach(() => void vi.restoreAllMocks())

test('an id is 128 bits as 32 hexadecimal digits, leading zeros included', () => {
  expect(systemRandom.id()).toMatch(/^[0-9a-f]{32}$/)
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => array)
  expect(systemRandom.id()).toBe('0'.repeat(32))
})

test('ids differ, and every digit comes everywhere about equally often', () => {
  const count = 8_000
  const ids = Array.from({ length: count }, systemRandom.id)
  expect(new Set(ids).size).toBe(count)
  for (let place = 0; place < 32; place++) {
    const seen = new Map<string, number>()
    for (const id of ids) seen.set(id[place]!, (seen.get(id[place]!) ?? 0) + 1)
    expect(seen.size).toBe(16)
    // 500 are expected of each; ten standard deviations are 217.
    for (const times of seen.values()) expect(Math.abs(times - count / 16)).toBeLessThan(217)
  }
})

test('they come from the cryptographic source, also where the context is not secure', () => {
  const draw = vi.spyOn(crypto, 'getRandomValues')
  const weak = vi.spyOn(Math, 'random')
  vi.stubGlobal('isSecureContext', false)
  systemRandom.id()
  vi.unstubAllGlobals()
  expect([draw.mock.calls.length, weak.mock.calls.length]).toEqual([1, 0])
})

test('a float is from 0 up to, not including, 1', () => {
  const floats = Array.from({ length: 1_000 }, systemRandom.float)
  expect(floats.every((float) => float >= 0 && float < 1)).toBe(true)
  expect(new Set(floats).size).toBeGreaterThan(990)
})
