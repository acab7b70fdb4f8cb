import { describe, expect, it } from 'vitest'
import { baselineOf, worsened } from './baseline.ts'
import type { Outcome } from './contract.ts'
import { sectionOf, withSection } from './document.ts'
import { misses, nameOf } from './rows.ts'
import { compare, isWorse, median, noise } from './statistics.ts'
import { table } from './table.ts'

/** Rounds of `up` in which ours was so many times as fast. */
const rounds = (...ratios: readonly number[]): Outcome[] =>
  ratios.map((ratio) => ({ reference: [{ rate: 9_000 }, { rate: 11_000 }], ours: { rate: ratio * 10_000, cpu: null } }))

describe('statistics', () => {
  it('takes the middle one, or the mean of both', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([1, 9, 5, 7])).toBe(6)
  })

  it('compares with the mean of what was measured around it', () => {
    const samples = [
      { reference: [1, 3], ours: 8 },
      { reference: [2], ours: 2 },
    ]
    expect(compare(samples, 'ratio')).toEqual({ median: 2.5, low: 1, high: 4 })
    expect(compare(samples, 'difference')).toEqual({ median: 3, low: 0, high: 6 })
    expect(compare(samples, 'itself')).toEqual({ median: 5, low: 2, high: 8 })
    expect(noise(samples)).toEqual({ median: 3, low: 3, high: 3 })
  })

  it('calls worse what is beyond what wandered', () => {
    const then = { median: 10, low: 8, high: 12 }
    expect(isWorse(then, { median: 7, low: 6, high: 9 }, 'more')).toBe(true)
    expect(isWorse(then, { median: 9, low: 7, high: 9.5 }, 'more')).toBe(false)
    expect(isWorse(then, { median: 7, low: 6, high: 11 }, 'more')).toBe(false)
    expect(isWorse(then, { median: 20, low: 19, high: 21 }, 'more')).toBe(false)
    expect(isWorse(then, { median: 13, low: 11, high: 15 }, 'less')).toBe(true)
    expect(isWorse(then, { median: 7, low: 6, high: 8 }, 'less')).toBe(false)
  })

  it('passes over what is next to nothing, where there was no wandering', () => {
    const then = { median: 88, low: 88, high: 88 }
    expect(isWorse(then, { median: 89, low: 89, high: 89 }, 'less')).toBe(false)
    expect(isWorse(then, { median: 91, low: 91, high: 91 }, 'less')).toBe(true)
  })
})

describe('results', () => {
  it('tells which rows got worse', () => {
    const baseline = baselineOf({ up: rounds(10, 11, 12) })
    expect(baseline).toEqual({ 'up.rate': { median: 11, low: 10, high: 12 } })
    expect(worsened(baseline, { up: rounds(10.5, 11, 9) })).toEqual([])
    expect(worsened(baseline, { up: rounds(8, 9, 9.5) })).toEqual([
      'page to server (up.rate): 11 / 10 / 12 was, 9 / 8 / 9.5 is (median / low / high)',
    ])
  })

  it('passes over rows that were not measured, then or now', () => {
    expect(worsened({}, { up: rounds(1) })).toEqual([])
    expect(worsened(baselineOf({ up: rounds(10) }), {})).toEqual([])
  })

  it('shows what misses its target', () => {
    expect(misses({ up: rounds(9) })).toEqual([])
    expect(misses({ up: rounds(8, 8, 20) }).map(nameOf)).toEqual(['up.rate'])
    expect(table({ up: rounds(8, 8, 20) })).toMatch(
      /page to server +\| WebSocket: 10 k\/s \| 80 k\/s +\| \*\*8.00\*\* \| 8.00 to 20.00 \| 1.22 to 1.22 +\| ≥ 9 \(missed\)/,
    )
  })
})

describe('the document', () => {
  it('keeps the tables that are not written', () => {
    const both = withSection(withSection('', 'chromium', 'one'), 'firefox', 'two')
    expect(sectionOf(both, 'chromium')).toBe('one')
    expect(sectionOf(both, 'firefox')).toBe('two')
    const again = withSection(both, 'chromium', 'three')
    expect(sectionOf(again, 'chromium')).toBe('three')
    expect(sectionOf(again, 'firefox')).toBe('two')
    expect(sectionOf(again, 'webkit')).toBe('Not measured yet.')
  })
})
