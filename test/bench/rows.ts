/** The rows of the table: what is told of each measure, and what it has to be. */
import type { Outcome } from './contract.ts'
import { type Measure, concurrency } from './measures.ts'
import { type Sample, type Summary, type View, compare } from './statistics.ts'

export interface Row {
  readonly measure: Measure
  readonly figure: string
  readonly what: string
  readonly view: View
  readonly better: 'more' | 'less'
  readonly unit: (value: number) => string
  /** Absent where it is only told. */
  readonly target?: number
}

const thousands = (value: number): string => `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} k/s`
const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`
const microseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} µs`
const bytes = (value: number): string => `${value.toFixed(1)} B`
const times = (value: number): string => value.toFixed(3)

const rate = { view: 'ratio', better: 'more', unit: thousands } as const
const cost = { view: 'ratio', better: 'less' } as const
const latency = { ...cost, unit: milliseconds } as const
const cpu = { ...cost, figure: 'cpu', unit: microseconds } as const
const alone = { view: 'itself', better: 'less', unit: milliseconds } as const
const wire = { view: 'difference', better: 'less', unit: bytes } as const

const wireOf = (
  measure: Measure,
  where: string,
  targets?: { readonly alone: number; readonly many: number },
): Row[] => {
  const row = (figure: string, how: string, target?: number): Row => ({
    ...wire,
    measure,
    figure,
    what: `bytes on the wire${where}, ${how}`,
    ...(target === undefined ? {} : { target }),
  })
  return [
    row('alone', 'one by one, up', targets?.alone),
    row('many', 'in a burst, up', targets?.many),
    row('aloneDown', 'one by one, down', targets?.alone),
    row('manyDown', 'in a burst, down', targets?.many),
  ]
}

const millionOf = (measure: Measure, what: string, target?: number): Row[] => [
  { ...alone, measure, figure: 'task', what: `${what}: longest task over 50 ms`, target: 50 },
  { ...alone, measure, figure: 'gap', what: `${what}: longest that a timer waits` },
  {
    ...alone,
    measure,
    figure: 'request',
    what: `${what}: longest request`,
    ...(target === undefined ? {} : { target }),
  },
]

export const rows: readonly Row[] = [
  { ...rate, measure: 'up', figure: 'rate', what: 'page to server', target: 9 },
  { ...rate, measure: 'down', figure: 'rate', what: 'server to page', target: 14 },
  { ...rate, measure: 'inFlight', figure: 'rate', what: `requests, ${concurrency} in flight`, target: 7 },
  { ...latency, measure: 'sequential', figure: 'p50', what: 'one request after another, p50', target: 1.15 },
  { ...latency, measure: 'sequential', figure: 'p99', what: 'one request after another, p99', target: 1.3 },
  { ...rate, measure: 'flush', figure: 'rate', what: 'flush of 100,000 queued', target: 10 },
  { ...cpu, measure: 'up', what: 'main thread, a message up', target: 0.2 },
  { ...cpu, measure: 'down', what: 'main thread, a message down', target: 0.1 },
  { ...cpu, measure: 'inFlight', what: `main thread, a request, ${concurrency} in flight` },
  { ...cost, unit: bytes, measure: 'heap', figure: 'queued', what: 'heap, a queued message', target: 1.2 },
  {
    ...alone,
    unit: times,
    measure: 'heap',
    figure: 'kept',
    what: 'heap after the acknowledgement, to before',
    target: 1.02,
  },
  ...wireOf('wire', '', { alone: 10, many: 3 }),
  ...millionOf('millionUp', 'a million up', 200),
  ...millionOf('millionAtOnce', 'a million up, by one task'),
  ...millionOf('millionDown', 'a million down', 200),
  { ...rate, measure: 'pollingUp', figure: 'rate', what: 'long polling, page to server', target: 0.9 },
  { ...rate, measure: 'pollingDown', figure: 'rate', what: 'long polling, server to page', target: 0.9 },
  { ...rate, measure: 'streamingDown', figure: 'rate', what: 'streaming, server to page' },
  { ...latency, measure: 'pollingPush', figure: 'p50', what: 'long polling, push p50', target: 1.08 },
  { ...latency, measure: 'streamingPush', figure: 'p50', what: 'streaming, push p50', target: 1.03 },
  ...wireOf('pollingWire', ', long polling'),
  ...wireOf('streamingWire', ', streaming'),
]

export const nameOf = ({ measure, figure }: Row): string => `${measure}.${figure}`

/** Every round of each measure. */
export type Results = Readonly<Partial<Record<Measure, readonly Outcome[]>>>

/** What the rounds say about a row; empty where it was not measured, or this browser does not tell. */
export const samplesOf = (results: Results, { measure, figure, view }: Row): Sample[] =>
  (results[measure] ?? []).flatMap(({ reference, ours }) => {
    const values = reference.map((figures) => figures[figure]).filter((value) => typeof value === 'number')
    const own = ours[figure]
    return typeof own !== 'number' || (view !== 'itself' && values.length === 0)
      ? []
      : [{ reference: values, ours: own }]
  })

export const isMet = ({ better, target }: Row, { median }: Summary): boolean =>
  target === undefined || (better === 'more' ? median >= target : median <= target)

/** The rows that are not what they have to be. */
export const misses = (results: Results): Row[] =>
  rows.filter((row) => {
    const samples = samplesOf(results, row)
    return samples.length > 0 && !isMet(row, compare(samples, row.view))
  })
