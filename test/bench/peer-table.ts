/** Libraries side by side. */
import type { Measure } from './measures.ts'
import { type Results, rows, samplesOf } from './rows.ts'
import { compare } from './statistics.ts'
import { formatTable } from './table.ts'

export interface Peer {
  readonly name: string
  readonly results: Results
  /** Bytes of its client, minified, as brotli. */
  readonly weight: number
}

interface Column {
  readonly title: string
  readonly measure: Measure
  readonly figure: string
  readonly digits: number
}

const columns: readonly Column[] = [
  { title: 'up', measure: 'up', figure: 'rate', digits: 2 },
  { title: 'down', measure: 'down', figure: 'rate', digits: 2 },
  { title: 'requests', measure: 'inFlight', figure: 'rate', digits: 2 },
  { title: 'main thread, up', measure: 'up', figure: 'cpu', digits: 2 },
  { title: 'main thread, down', measure: 'down', figure: 'cpu', digits: 2 },
  { title: 'heap, queued', measure: 'heap', figure: 'queued', digits: 2 },
  { title: 'wire, one by one', measure: 'wire', figure: 'alone', digits: 1 },
  { title: 'wire, in a burst', measure: 'wire', figure: 'many', digits: 1 },
]

/** What the other libraries are measured by. */
export const peerMeasures = [...new Set(columns.map(({ measure }) => measure))]

function cellOf(results: Results, { measure, figure, digits }: Column): string {
  const row = rows.find((row) => row.measure === measure && row.figure === figure)!
  const samples = samplesOf(results, row)
  if (samples.length === 0) return '–'
  const { median } = compare(samples, row.view)
  return `${row.view === 'difference' && median >= 0 ? '+' : ''}${median.toFixed(digits)}`.replace('-', '−')
}

export const peerTable = (peers: readonly Peer[]): string =>
  formatTable(
    ['next to a bare WebSocket', ...columns.map(({ title }) => title), 'size'],
    peers.map(({ name, results, weight }) => [
      name,
      ...columns.map((column) => cellOf(results, column)),
      `${(weight / 1000).toFixed(1)} kB`,
    ]),
  )
