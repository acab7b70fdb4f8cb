/** Numbers for people. */
import { cpus } from 'node:os'
import { type Measure, type Side, burst, concurrency, measureNames, measures, roundTrip } from './contract.ts'

/** One measure: a run of the reference, ours, and a run of the reference again, so that a machine that slows down is seen. */
export interface Round {
  readonly before: number
  readonly ours: number
  readonly after: number
}

export type Results = Readonly<Record<Measure, readonly Round[]>>

interface Row {
  readonly what: string
  /** What a ratio has to be; absent where it is only told. */
  readonly target?: number
  readonly better: 'more' | 'less'
  readonly unit: (value: number) => string
}

const thousands = (value: number): string => `${(value / 1000).toFixed(0)} k/s`
const milliseconds = (value: number): string => `${value.toFixed(1)} ms`

const rows: Readonly<Record<Measure, Row>> = {
  up: { what: 'page to server', target: 5, better: 'more', unit: thousands },
  down: { what: 'server to page', target: 8, better: 'more', unit: thousands },
  inFlight: { what: `requests, ${concurrency} in flight`, target: 4, better: 'more', unit: thousands },
  sequential: {
    what: 'one request after another, p50',
    target: 1.15,
    better: 'less',
    unit: (value) => `${(value * 1000).toFixed(0)} µs`,
  },
  pollingUp: { what: 'long polling, page to server', target: 0.9, better: 'more', unit: thousands },
  pollingDown: { what: 'long polling, server to page', target: 0.9, better: 'more', unit: thousands },
  streamingDown: { what: 'streaming, server to page', better: 'more', unit: thousands },
  pollingPush: { what: 'long polling, push p50', target: 1.08, better: 'less', unit: milliseconds },
  streamingPush: { what: 'streaming, push p50', target: 1.03, better: 'less', unit: milliseconds },
}

const references: Partial<Record<Side, string>> = { raw: 'WebSocket', loop: 'fetch loop' }

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
  return { ratio, met: target === undefined || (better === 'more' ? ratio >= target : ratio <= target) }
}

export const misses = (results: Results): Measure[] =>
  measureNames.filter((measure) => results[measure].length > 0 && !judge(measure, results[measure]).met)

export function table(results: Results): string {
  const lines = measureNames
    .filter((measure) => results[measure].length > 0)
    .map((measure) => {
      const { what, target, better, unit } = rows[measure]
      const rounds = results[measure]
      const { ratio, met } = judge(measure, rounds)
      const ratios = rounds.map(ratioOf)
      const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
      const reference = `${references[measures[measure].reference]!}: ${unit(median(rounds.flatMap(({ before, after }) => [before, after])))}`
      const ours = unit(median(rounds.map((round) => round.ours)))
      const aim = target === undefined ? '' : `${better === 'more' ? '≥' : '≤'} ${target}${met ? '' : ' (missed)'}`
      return [what, reference, ours, `**${ratio.toFixed(2)}**`, range, aim]
    })
  const header = ['100-byte messages', 'by hand', 'Holdfast', 'ratio', 'range', 'target']
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)))
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [header, widths.map((width) => '-'.repeat(width)), ...lines].map(format).join('\n')
}

const amountOf = (measure: Measure): string => measures[measure].amount.toLocaleString('en')

/** docs/benchmarks.md. */
export function document(results: Results, browser: string): string {
  const rounds = results.up.length
  return `# Benchmarks

Written by \`npm run bench -- --write\`: a real ${browser} and a server in a process of its own (Node.js ${process.versions.node}),
over the loopback of a machine with ${cpus().length} × ${cpus()[0]?.model.trim()}.

${table(results)}

The ratio is what counts: absolute figures depend on the machine. Each of the ${rounds} rounds measures by hand, Holdfast, and by
hand again, each over a fresh connection (single requests ${measures.sequential.repetitions} times, more briefly; HTTP ${measures.pollingUp.repetitions} times); a ratio
compares with the mean of the two runs around it. The table gives medians over all, and the smallest and largest ratio.

- **WebSocket** is what one would write by hand on a bare WebSocket and \`ws\`: one JSON message of 100 bytes a frame, answers found
  by id, no acknowledgement, no reconnection. Nothing is repeated when its connection breaks.
- **Fetch loop** is the same by hand where there are no WebSockets: a POST takes all that was sent since the last one, as one JSON
  array; a GET waits for all that there is to fetch, and is asked again at once. Nothing is repeated here, either.
- **Holdfast** carries the same data, with everything on: numbers, acknowledgements, replay buffers, heartbeats. Long polling is
  \`transport: 'long-polling'\`, streaming \`transport: 'http'\`.
- **Page to server** and **server to page**: ${amountOf('up')} messages (HTTP: ${amountOf('pollingUp')}), sent ${burst} a task, until the
  last has been handled on the other side.
- **Requests in flight**: ${amountOf('inFlight')} requests, ${concurrency} at a time, answered by an echo. **One after another**:
  ${amountOf('sequential')} requests, each after the answer to the one before.
- **Push p50**: from the server's \`send\` to the page's listener, at a round trip of ${roundTrip} ms (a proxy between both delays all bytes by
  ${roundTrip / 2} ms). The page asks for each message over a WebSocket of its own that does not pass the proxy, so one clock measures
  all, and that fraction of a millisecond is in every figure. WebSocket, long polling and streaming take turns, message by
  message, ${amountOf('pollingPush')} of each in a round.

Limits that protect a server, and bounds that protect a page's memory, are out of the way: \`limits.rate: Infinity\`,
\`limits.bufferedMessages\`, \`limits.bufferedBytes\` and the client's \`outbox\` are larger than a run. Compression is off on both.
`
}
