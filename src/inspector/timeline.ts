import { h, repeat, s, setAttribute, setText } from './dom.ts'
import type { History, Sample } from './history.ts'
import { type Span, carrierSpans, stateSpans } from './spans.ts'
import { duration } from './words.ts'

/** State, carriers, latency and what waits, all over one axis of time. */
export interface Timeline {
  readonly element: HTMLElement
  render(history: History, now: number): void
}

/** What can be looked at, in milliseconds; Infinity for all that is kept. */
const SPANS: Readonly<Record<string, number>> = {
  'last 30 s': 30_000,
  'last 2 min': 120_000,
  'last 10 min': 600_000,
  all: Infinity,
}
/** The least that fills the width (ms). */
const SHORTEST = 10_000
/** The charts' own measures: they are stretched to their place. */
const [WIDTH, HEIGHT] = [1_000, 40]

interface Chart {
  readonly svg: SVGSVGElement
  readonly value: HTMLElement
  draw(lines: readonly (readonly (readonly [x: number, y: number])[])[], words: string, label: string): void
}

const createChart = (names: readonly string[]): Chart => {
  const shapes = names.map((name) => [
    s('polygon', { class: `area ${name}` }),
    s('polyline', { class: `line ${name}` }),
  ])
  const svg = s(
    'svg',
    { role: 'img', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' },
    ...shapes.flat(),
  )
  const value = h('span', { class: 'value' })
  return {
    svg,
    value,
    draw(lines, words, label) {
      setText(value, words)
      setAttribute(svg, 'aria-label', label)
      const top = Math.max(1, ...lines.flat().map(([, y]) => y))
      for (const [index, points] of lines.entries()) {
        const drawn = points.map(
          ([x, y]) => `${(x * WIDTH).toFixed(1)},${(HEIGHT - 2 - (y / top) * (HEIGHT - 6)).toFixed(1)}`,
        )
        const [area, line] = shapes[index]!
        setAttribute(line!, 'points', drawn.join(' '))
        const [start, end] = [points[0], points.at(-1)]
        const corners =
          start && end ? [`${(end[0] * WIDTH).toFixed(1)},${HEIGHT}`, `${(start[0] * WIDTH).toFixed(1)},${HEIGHT}`] : []
        setAttribute(area!, 'points', [...drawn, ...corners].join(' '))
      }
    },
  }
}

const lane = (name: string, content: Node, value: Node = h('span', { class: 'value' })): HTMLElement =>
  h('div', { class: 'lane' }, h('span', { class: 'label' }, name), content, value)

const createStrip = (
  label: string,
): { readonly list: HTMLElement; draw(spans: readonly Span[], from: number, to: number): void } => {
  const list = h('ol', { class: 'strip', 'aria-label': label })
  return {
    list,
    draw(spans, from, to) {
      const seen = spans.filter((span) => span.to > from).slice(-200)
      repeat(
        list,
        seen,
        () => h('li', {}, h('span', { 'aria-hidden': 'true' })),
        (item, span) => {
          const start = Math.max(span.from, from)
          const width = (span.to - start) / (to - from)
          item.style.insetInlineStart = `${((start - from) / (to - from)) * 100}%`
          item.style.inlineSize = `${width * 100}%`
          const words = `${span.name}, ${duration(span.to - span.from)}${span.why ? `: ${span.why}` : ''}`
          setAttribute(item, 'data-tone', span.tone)
          setAttribute(item, 'aria-label', words)
          setAttribute(item, 'title', words)
          setText(item.firstElementChild!, span.name)
        },
      )
    },
  }
}

const pointsOf = (
  samples: readonly Sample[],
  key: 'latency' | 'queued' | 'unacknowledged',
  from: number,
  to: number,
) => {
  const known = samples.flatMap((sample) => (sample[key] === null ? [] : [[sample.at, sample[key]] as const]))
  const first = Math.max(
    0,
    known.findIndex(([at]) => at >= from),
  )
  const within = known.some(([at]) => at >= from) ? known.slice(Math.max(0, first - 1)) : known.slice(-1)
  const points = within.map(([at, y]) => [Math.max(0, (at - from) / (to - from)), y] as const)
  const last = points.at(-1)
  return last ? [...points, [1, last[1]] as const] : []
}

export const createTimeline = (onChange: () => void): Timeline => {
  const choice = h(
    'select',
    { 'aria-label': 'Time shown', change: onChange },
    ...Object.keys(SPANS).map((name) => h('option', {}, name)),
  )
  choice.selectedIndex = 1
  const states = createStrip('States')
  const lanes = [
    { rung: 'websocket', strip: createStrip('WebSockets') },
    { rung: 'http', strip: createStrip('HTTP carriers') },
  ] as const
  const latency = createChart(['latency'])
  const waiting = createChart(['unacknowledged', 'queued'])
  const ticks = h('div', { class: 'ticks', 'aria-hidden': 'true' }, h('span'), h('span'), h('span', {}, 'now'))
  const element = h(
    'section',
    { class: 'timeline', 'aria-label': 'Timeline' },
    h('header', {}, h('h3', {}, 'Timeline'), choice),
    lane('State', states.list),
    lane('WebSocket', lanes[0].strip.list),
    lane('HTTP', lanes[1].strip.list),
    lane('Round trip', latency.svg, latency.value),
    lane('Waiting', waiting.svg, waiting.value),
    lane('', ticks),
  )

  return {
    element,
    render(history, now) {
      const to = Math.max(now, history.until)
      const begun = history.stages[0]?.at ?? history.frames[0]?.at ?? to
      const from = Math.min(Math.max(begun, to - SPANS[choice.value]!), to - SHORTEST)
      states.draw(stateSpans(history, to), from, to)
      for (const { rung, strip } of lanes) strip.draw(carrierSpans(history, rung, to), from, to)
      const { samples } = history
      const trips = pointsOf(samples, 'latency', from, to)
      const [queued, unacknowledged] = [
        pointsOf(samples, 'queued', from, to),
        pointsOf(samples, 'unacknowledged', from, to),
      ]
      const values = trips.map(([, y]) => y)
      const current = samples.at(-1)
      const range = values.length
        ? `${duration(Math.min(...values))} to ${duration(Math.max(...values))}`
        : 'not measured'
      const now_ = current?.latency ?? null
      latency.draw(
        [trips],
        now_ === null ? '–' : duration(now_),
        `Round trip: ${now_ === null ? 'unknown' : `${duration(now_)} now`}, ${range}`,
      )
      const counts = `${current?.queued ?? 0} queued, ${current?.unacknowledged ?? 0} unacknowledged`
      const most = Math.max(0, ...queued.map(([, y]) => y), ...unacknowledged.map(([, y]) => y))
      waiting.draw(
        [unacknowledged, queued],
        `${(current?.queued ?? 0) + (current?.unacknowledged ?? 0)}`,
        `Waiting: ${counts} now, ${most} at most`,
      )
      setText(ticks.children[0]!, `−${duration(to - from)}`)
      setText(ticks.children[1]!, `−${duration((to - from) / 2)}`)
    },
  }
}
