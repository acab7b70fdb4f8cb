/** Numbers for people. */
import { cpus } from 'node:os'
import type { Measure } from './contract.ts'
import { amounts, burst, concurrency, repetitions } from './contract.ts'

/** One measure: a raw run, ours, and a raw run again, so that a machine that slows down is seen. */
export interface Round {
  readonly before: number
  readonly ours: number
  readonly after: number
}

export type Results = Readonly<Record<Measure, readonly Round[]>>

interface Row {
  readonly what: string
  /** What a ratio has to be. */
  readonly target: number
  readonly better: 'more' | 'less'
  readonly unit: (value: number) => string
}

const thousands = (value: number): string => `${(value / 1000).toFixed(0)} k/s`

const rows: Readonly<Record<Measure, Row>> = {
  up: { what: 'page to server', target: 5, better: 'more', unit: thousands },
  down: { what: 'server to page', target: 8, better: 'more', unit: thousands },
  inFlight: { what: `requests, ${concurrency} in flight`, target: 4, better: 'more', unit: thousands },
  sequential: {
    what: 'one request after another, p50',
    target: 1.15,
    better: 'less',
    unit: (milliseconds) => `${(milliseconds * 1000).toFixed(0)} µs`,
  },
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
const ratioOf = ({ before, ours, after }: Round): number => ours / ((before + after) / 2)

/** The median ratio of a measure, and whether it is what it has to be. */
function judge(measure: Measure, rounds: readonly Round[]): { readonly ratio: number; readonly met: boolean } {
  const ratio = median(rounds.map(ratioOf))
  const { target, better } = rows[measure]
  return { ratio, met: better === 'more' ? ratio >= target : ratio <= target }
}

export const misses = (results: Results): Measure[] =>
  (Object.keys(rows) as Measure[]).filter((measure) => !judge(measure, results[measure]).met)

export function table(results: Results): string {
  const lines = (Object.keys(rows) as Measure[]).map((measure) => {
    const { what, target, better, unit } = rows[measure]
    const rounds = results[measure]
    const { ratio, met } = judge(measure, rounds)
    const ratios = rounds.map(ratioOf)
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
    const raw = unit(median(rounds.flatMap(({ before, after }) => [before, after])))
    const ours = unit(median(rounds.map((round) => round.ours)))
    const aim = `${better === 'more' ? '≥' : '≤'} ${target}${met ? '' : ' (missed)'}`
    return [what, raw, ours, `**${ratio.toFixed(2)}**`, range, aim]
  })
  const header = ['100-byte messages', 'raw WebSocket', 'Holdfast', 'ratio', 'range', 'target']
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)))
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [header, widths.map((width) => '-'.repeat(width)), ...lines].map(format).join('\n')
}

/** docs/benchmarks.md. */
export function document(results: Results, browser: string): string {
  const rounds = results.up.length
  return `# Benchmarks

Written by \`npm run bench -- --write\`: a real ${browser} and a server in a process of its own (Node.js ${process.versions.node}),
over the loopback of a machine with ${cpus().length} × ${cpus()[0]?.model.trim()}.

${table(results)}

The ratio is what counts: absolute figures depend on the machine. Each of the ${rounds} rounds measures raw, Holdfast, and raw
again, each over a fresh connection (single requests ${repetitions.sequential} times, more briefly); a ratio compares with the mean of the
two raw runs around it. The table gives medians over all, and the smallest and largest ratio.

- **Raw** is what one would write by hand on a bare WebSocket and \`ws\`: one JSON message of 100 bytes a frame, answers found by
  id, no acknowledgement, no reconnection. Nothing is repeated when its connection breaks.
- **Holdfast** carries the same data, with everything on: numbers, acknowledgements, replay buffers, heartbeats.
- **Page to server** and **server to page**: ${amounts.up.toLocaleString('en')} messages, sent ${burst} a task, until the last has
  been handled on the other side.
- **Requests in flight**: ${amounts.inFlight.toLocaleString('en')} requests, ${concurrency} at a time, answered by an echo. **One after another**:
  ${amounts.sequential.toLocaleString('en')} requests, each after the answer to the one before.

Limits that protect a server, and bounds that protect a page's memory, are out of the way: \`limits.rate: Infinity\`,
\`limits.bufferedMessages\`, \`limits.bufferedBytes\` and the client's \`outbox\` are larger than a run. Compression is off on both.
`
}
