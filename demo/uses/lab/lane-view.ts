/** One lane: what came how fast, and what it cost. */
import { make, setText } from '../../page/dom.ts'
import type { LaneName } from './contract.ts'
import { type Cost, overhead } from './cost.ts'
import { type Tally, binEnds } from './tally.ts'
import { asBytes, asTime } from './units.ts'

/** Who the lanes are, to people. */
export const lanes: Readonly<Record<LaneName, { readonly title: string; readonly how: string }>> = {
  polling: { title: 'Polling', how: 'A fetch a second, by hand: many messages share two heads, and each is late.' },
  'long-polling': {
    title: 'Long-polling',
    how: 'Holdfast: a request hangs until there is something. Each answer costs two heads.',
  },
  streaming: {
    title: 'HTTP streaming',
    how: 'Holdfast: an answer that goes on, line by line. Heads are for what the page says.',
  },
  websocket: { title: 'WebSocket', how: 'Holdfast: one Upgrade, and then frames of a few bytes, both ways.' },
}

const figures = ['Messages', 'Missing', 'Requests', 'Connections', 'Sent', 'Received'] as const
type Figure = (typeof figures)[number] | 'Overhead each'
const axis = ['1 ms', '10', '100', '1 s']
const NONE = '–'

const histogram = () => {
  const bars = Array.from({ length: binEnds.length + 1 }, () => make('i', ''))
  const element = make('div', 'histogram', make('div', 'bars', ...bars))
  element.setAttribute('role', 'img')
  element.ariaLabel = 'No messages yet'
  const labels = make('div', 'axis', ...axis.map((text) => make('span', '', text)))
  labels.ariaHidden = 'true'
  return {
    parts: [element, labels],
    show(bins: readonly number[], words: string): void {
      const most = Math.max(1, ...bins)
      bars.forEach((bar, index) => bar.style.setProperty('--share', String((bins[index] ?? 0) / most)))
      if (element.ariaLabel !== words) element.ariaLabel = words
    },
  }
}

export const createLaneView = (lane: LaneName, delayed: (milliseconds: number) => void) => {
  const { title, how } = lanes[lane]
  const state = make('p', 'transport-state', '…')
  const median = make('dd', '', NONE)
  const slow = make('dd', '', NONE)
  const chart = histogram()
  const values = new Map<Figure, HTMLElement>(
    [...figures, 'Overhead each' as const].map((name) => [name, make('dd', '', NONE)]),
  )
  const select = make('select', 'small')
  for (const delay of [0, 50, 200]) {
    const option = make('option', '', delay === 0 ? 'none' : `${delay} ms each way`)
    option.value = String(delay)
    select.append(option)
  }
  select.addEventListener('change', () => delayed(Number(select.value)))
  const heading = make('h2', '', title)
  heading.id = `lane-${lane}`
  const section = make(
    'section',
    'card transport',
    make('header', '', heading, state),
    make('p', 'soft how', how),
    make(
      'dl',
      'speeds',
      make('div', '', make('dt', '', 'Median'), median),
      make('div', '', make('dt', '', '95%'), slow),
    ),
    ...chart.parts,
    make('dl', 'costs', ...Array.from(values, ([name, value]) => make('div', '', make('dt', '', name), value))),
    make('label', 'delay', 'Latency', select),
  )
  section.dataset['lane'] = lane
  section.setAttribute('aria-labelledby', heading.id)

  const set = (figure: Figure, text: string): void => setText(values.get(figure)!, text)
  return {
    section,
    state: (words: string) => setText(state, words),
    heard(tally: Tally): void {
      const [half, most] = [tally.percentile(0.5), tally.percentile(0.95)]
      setText(median, half === undefined ? NONE : asTime(half))
      setText(slow, most === undefined ? NONE : asTime(most))
      set('Messages', String(tally.messages))
      set('Missing', String(tally.missing))
      values.get('Missing')!.parentElement!.classList.toggle('bad', tally.missing > 0)
      const words = half === undefined ? 'nothing came yet' : `half within ${asTime(half)}, 95% within ${asTime(most!)}`
      chart.show(tally.bins, `Latency of ${title}: ${words}`)
    },
    cost(cost: Cost | undefined): void {
      if (!cost) return
      set('Requests', String(cost.requests))
      set('Connections', `${cost.open} of ${cost.opened}`)
      set('Sent', asBytes(cost.up))
      set('Received', asBytes(cost.down))
      const extra = overhead(cost)
      set('Overhead each', extra === undefined ? NONE : asBytes(extra))
    },
  }
}
