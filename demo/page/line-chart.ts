import { Chart, type ChartDataset, type ChartOptions } from 'chart.js'
import { type ChartBasics, basics, describe, dress, ink, scheduler } from './chart.ts'

export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** One for each series; null leaves a gap. */
  readonly values: readonly (number | null)[]
}

export interface LineChartOptions extends ChartBasics {
  /** Milliseconds that it shows. */
  readonly span: number
  readonly min?: number
  /** Where the axis ends, unless values are greater. */
  readonly max?: number
  /** Longer between two points is a gap. */
  readonly gap?: number
  /** Steps from value to value, as a price does. */
  readonly stepped?: boolean
  /** Without axes: a sparkline. */
  readonly bare?: boolean
}

export interface LineChart {
  /** Instead of all that it has. */
  set(points: readonly Point[]): void
  push(point: Point): void
  /** Shows so many milliseconds from now on. */
  span(milliseconds: number): void
  /** Where it ends: `null` is now. A chart that is paused stands still. */
  until(at: number | null): void
  destroy(): void
}

const inWords = (milliseconds: number): string =>
  milliseconds === 0
    ? 'now'
    : milliseconds % 60_000 === 0
      ? `−${milliseconds / 60_000} min`
      : `−${Math.round(milliseconds / 1_000)} s`

const summary = ({ label, series, format }: ChartBasics, points: readonly Point[], span: number): string => {
  const figures = series.map(({ name }, index) => {
    const values = points.flatMap(({ values }) => values[index] ?? [])
    const last = values.at(-1)
    if (last === undefined) return `${name}: nothing yet`
    return `${name} ${format(last)}, from ${format(Math.min(...values))} to ${format(Math.max(...values))}`
  })
  return `${label}, the last ${Math.round(span / 1_000)} seconds. ${figures.join('. ')}.`
}

/** Points in which too long a silence is a gap. */
const withGaps = (points: readonly Point[], gap: number): Point[] =>
  points.flatMap((point, index) => {
    const before = points[index - 1]
    return before && point.at - before.at > gap ? [{ at: before.at + 1, values: [] }, point] : [point]
  })

/** From so many milliseconds on, the axis counts in minutes. */
const MINUTES = 180_000

/** Lines over the last seconds or minutes. */
export const createLineChart = (canvas: HTMLCanvasElement, options: LineChartOptions): LineChart => {
  const { series, format, min, max, gap = Infinity, stepped = false, bare = false } = options
  const say = describe(canvas)
  let points: Point[] = []
  let { span } = options
  let end: number | null = null

  const chartOptions: ChartOptions<'line'> = {
    ...(basics as ChartOptions<'line'>),
    parsing: false,
    layout: { padding: bare ? 2 : 0 },
    scales: {
      x: { type: 'linear', ticks: { callback: (value) => inWords(-Number(value)), maxRotation: 0, align: 'inner' } },
      y: {
        ...(min !== undefined && { min }),
        ...(max !== undefined && { suggestedMax: max }),
        // A place as wide as the widest word: nothing moves when a figure grows.
        afterFit: (scale) => (scale.width = bare ? 0 : 58),
        ticks: { maxTicksLimit: 5, callback: (value) => format(Number(value)) },
      },
    },
    plugins: {
      tooltip: {
        callbacks: {
          title: ([item]) => inWords(-Math.round((item?.parsed.x ?? 0) / 1_000) * 1_000),
          label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${format(parsed.y ?? 0)}`,
        },
      },
    },
  }
  const chart = new Chart(canvas, { type: 'line', data: { datasets: [] }, options: chartOptions })

  const draw = (): void => {
    const color = ink(canvas)
    const now = end ?? Math.max(Date.now(), points.at(-1)?.at ?? 0)
    // One more, so that the line comes from the edge.
    const from = Math.max(0, points.findIndex(({ at }) => at >= now - span) - 1)
    const shown = points.slice(from).filter(({ at }) => at <= now)
    const drawn = withGaps(shown, gap)
    chart.data.datasets = series.map(({ name, color: property, dash }, index): ChartDataset<'line'> => ({
      label: name,
      data: drawn.map(({ at, values }) => ({ x: at - now, y: values[index] ?? Number.NaN })),
      borderColor: color(property),
      borderWidth: bare ? 1.5 : 2,
      borderDash: Array.from(dash ?? []),
      backgroundColor: `color-mix(in srgb, ${color(property)} 14%, transparent)`,
      fill: series.length === 1 ? 'start' : false,
      pointRadius: 0,
      pointHitRadius: 8,
      stepped,
      borderJoinStyle: 'round',
    }))
    const x = chartOptions.scales!['x']!
    Object.assign(x, { min: -span, max: 0 })
    Object.assign(x.ticks!, { stepSize: span >= MINUTES ? 60_000 : span / 4 })
    dress(chartOptions as ChartOptions, color, bare)
    chart.options = chartOptions
    chart.update('none')
    say(summary(options, shown, span))
  }
  const schedule = scheduler(draw)
  schedule.ask()

  return {
    set(all) {
      points = [...all]
      schedule.ask()
    },
    push(point) {
      points.push(point)
      // What can be seen no more goes, now and then.
      if (points.length > 4_000) points = points.slice(-2_000)
      schedule.ask()
    },
    span(milliseconds) {
      span = milliseconds
      schedule.ask()
    },
    until(at) {
      end = at
      schedule.ask()
    },
    destroy() {
      schedule.end()
      chart.destroy()
    },
  }
}
