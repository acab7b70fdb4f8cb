import { byId, setText } from '../../page/dom.ts'
import { type LineChart, createLineChart } from '../../page/line-chart.ts'
import type { Sample } from './contract.ts'

interface Metric {
  readonly id: string
  readonly label: string
  /** In the largest unit that it is told in: a share is a percentage. */
  readonly read: (sample: Sample) => number | null
  readonly format: (value: number) => string
  /** Where the axis ends, unless values are greater. */
  readonly max: number
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
const whole = (value: number): string => Math.round(value).toLocaleString('en')
/** With one place behind the point where that says something. */
const short = (value: number): string => String(Number(value.toFixed(value < 10 ? 1 : 0)))
const MEGABYTE = 1e6

const metrics: readonly Metric[] = [
  {
    id: 'cpu',
    label: 'Processor',
    read: ({ cpu }) => cpu && cpu * 100,
    format: (value) => `${short(value)} %`,
    max: 10,
  },
  {
    id: 'memory',
    label: 'Memory',
    read: ({ memory }) => memory && memory / MEGABYTE,
    format: (value) => `${whole(value)} MB`,
    max: 100,
  },
  {
    id: 'delay',
    label: 'Event loop delay',
    read: ({ delay }) => delay,
    format: (value) => `${short(value)} ms`,
    max: 10,
  },
  { id: 'messages', label: 'Messages a second', read: ({ messages }) => messages, format: whole, max: 20 },
  { id: 'sessions', label: 'Sessions', read: ({ sessions }) => total(sessions), format: whole, max: 4 },
]

/** Milliseconds that sparklines show. */
const SPARK = 60_000
/** Longer without a sample, and the server was not there: a gap. */
const GAP = 3_500

/** The figures with their sparklines, and the charts below them. */
export const createPanels = () => {
  const panels = metrics.map((metric) => {
    const { id, label, format, max } = metric
    const series = [{ name: label, color: '--accent' }]
    const common = { label, series, format, min: 0, max, gap: GAP }
    const chart = document.getElementById(`${id}-chart`)
    const charts: LineChart[] = [
      createLineChart(byId(`${id}-spark`, HTMLCanvasElement), { ...common, span: SPARK, bare: true }),
      ...(chart instanceof HTMLCanvasElement ? [createLineChart(chart, { ...common, span: SPARK })] : []),
    ]
    return { metric, figure: byId(id), peak: byId(`${id}-peak`), charts }
  })
  let span = SPARK

  return {
    /** `until`: the end of what is shown, null for now. */
    show(samples: readonly Sample[], until: number | null) {
      const from = (samples.at(-1)?.at ?? 0) - span
      for (const { metric, figure, peak, charts } of panels) {
        const points = samples.map((sample) => ({ at: sample.at, values: [metric.read(sample)] }))
        for (const chart of charts) {
          chart.set(points)
          chart.until(until)
        }
        const shown = points.filter(({ at }) => at >= from).map(({ values: [value] }) => value ?? null)
        const known = shown.filter((value) => value !== null)
        const newest = shown.at(-1)
        setText(figure, newest === null || newest === undefined ? '–' : metric.format(newest))
        setText(peak, known.length === 0 ? '–' : `highest ${metric.format(Math.max(...known))}`)
      }
    },
    span(milliseconds: number) {
      span = milliseconds
      for (const { charts } of panels) charts[1]?.span(milliseconds)
    },
  }
}
