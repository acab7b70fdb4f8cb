/** Numbers for people. */
import { comparisonOf } from './measures.ts'
import { type Results, type Row, isMet, rows, samplesOf } from './rows.ts'
import { type Summary, compare, median, noise } from './statistics.ts'

const references: Readonly<Record<string, string>> = { raw: 'WebSocket', loop: 'fetch loop' }

const range = ({ low, high }: Summary, format: (value: number) => string): string => `${format(low)} to ${format(high)}`
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`
const ratio = (value: number): string => value.toFixed(2)

/** Columns as wide as their widest cell. */
export function formatTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, 3, ...lines.map((line) => line[column]!.length)))
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [header, widths.map((width) => '-'.repeat(width)), ...lines].map(format).join('\n')
}

function lineOf(row: Row, results: Results): string[] {
  const { what, view, unit, better, target } = row
  const samples = samplesOf(results, row)
  const { reference } = comparisonOf(row.measure)
  const byHand = samples.flatMap((sample) => sample.reference)
  const summary = compare(samples, view)
  const self = view === 'ratio' ? noise(samples) : undefined
  const format = { ratio, difference: signed, itself: unit }[view]
  return [
    what,
    byHand.length === 0 ? '' : `${row.measure === 'heap' ? 'array' : references[reference!]!}: ${unit(median(byHand))}`,
    unit(median(samples.map(({ ours }) => ours))),
    view === 'itself' ? '' : `**${format(summary.median)}**`,
    samples.length === 1 ? '' : range(summary, format),
    self ? range(self, ratio) : '',
    target === undefined
      ? ''
      : `${better === 'more' ? '≥' : '≤'} ${view === 'ratio' ? target : unit(target)}${isMet(row, summary) ? '' : ' (missed)'}`,
  ]
}

export const table = (results: Results): string =>
  formatTable(
    ['100-byte messages', 'by hand', 'Holdfast', 'ratio', 'range', 'by hand, to itself', 'target'],
    rows.filter((row) => samplesOf(results, row).length > 0).map((row) => lineOf(row, results)),
  )
