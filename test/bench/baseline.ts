/** What was measured when the table was written, to tell what got worse since. */
import { type Results, nameOf, rows, samplesOf } from './rows.ts'
import { type Summary, compare, isWorse } from './statistics.ts'

/** Ratios and the like, by rows; no times, which are another machine's. */
export type Baseline = Readonly<Record<string, Summary>>

const round = (value: number): number => Number(value.toPrecision(4))

export const baselineOf = (results: Results): Baseline =>
  Object.fromEntries(
    rows.flatMap((row) => {
      const samples = samplesOf(results, row)
      if (samples.length === 0) return []
      const { median, low, high } = compare(samples, row.view)
      return [[nameOf(row), { median: round(median), low: round(low), high: round(high) }]]
    }),
  )

/** A line for each row that got worse by more than it wanders. */
export const worsened = (baseline: Baseline, results: Results): string[] =>
  rows.flatMap((row) => {
    const then = baseline[nameOf(row)]
    const samples = samplesOf(results, row)
    if (!then || samples.length === 0) return []
    const now = compare(samples, row.view)
    if (!isWorse(then, now, row.better)) return []
    const words = ({ median, low, high }: Summary): string => [median, low, high].map(round).join(' / ')
    return [`${row.what} (${nameOf(row)}): ${words(then)} was, ${words(now)} is (median / low / high)`]
  })
