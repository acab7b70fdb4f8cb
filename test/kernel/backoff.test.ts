import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backoff, backoffDelay } from '../../src/kernel/backoff.ts'

const usual: Backoff = { base: 1_000, factor: 2, max: 30_000, jitter: 1 }
const delays = (backoff: Backoff, failures: number, count = 1_000): number[] =>
  Array.from({ length: count }, (_, index) => backoffDelay(backoff, failures, index / count))

test('the range doubles from failure to failure, up to the cap', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7].map((failures) => backoffDelay(usual, failures, 0))
  expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('a connection that had proved good starts with the first range', () => {
  expect(backoffDelay(usual, 0, 0)).toBe(1_000)
})

test('late tries still spread over the whole range, evenly', () => {
  const waits = delays(usual, 40)
  for (let from = 0; from < 30_000; from += 3_000) {
    const share = waits.filter((wait) => wait > from && wait <= from + 3_000).length / waits.length
    expect(share, `between ${from} and ${from + 3_000} ms`).toBeCloseTo(0.1, 2)
  }
})

test('without jitter, chance decides nothing; with some, it decides that share', () => {
  expect(new Set(delays({ ...usual, jitter: 0 }, 3))).toEqual(new Set([4_000]))
  const half = delays({ ...usual, jitter: 0.5 }, 3)
  expect(Math.max(...half)).toBe(4_000)
  expect(Math.min(...half)).toBeGreaterThan(2_000)
})

test('whatever the options and however long it has failed, the wait is a number within the cap', () => {
  const backoff = fc.record({
    base: fc.nat(100_000),
    factor: fc.double({ min: 0, max: 10, noNaN: true }),
    max: fc.nat(1_000_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(backoff, fc.nat(100_000), chance, (options, failures, luck) => {
      const delay = backoffDelay(options, failures, luck)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThanOrEqual(options.max)
    }),
    { numRuns: 1_000, examples: [[{ ...usual, base: 0 }, 2_000, 0]] },
  )
})
