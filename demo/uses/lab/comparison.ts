/** The lanes at a glance: how fast, and at what price. */
import { make, setText } from '../../page/dom.ts'
import { type LaneName, laneNames } from './contract.ts'
import { lanes } from './lane-view.ts'

interface Scale {
  readonly heading: string
  readonly words: (value: number) => string
}

/** Bars of all lanes, from the same zero. */
const createBars = ({ heading, words }: Scale) => {
  const rows = new Map(
    laneNames.map((lane) => {
      const bar = make('i', '')
      const value = make('span', 'value', '–')
      const row = make('li', '', make('span', 'name', lanes[lane].title), make('span', 'track', bar), value)
      row.dataset['lane'] = lane
      return [lane, { row, bar, value }] as const
    }),
  )
  const list = make('ul', '', ...Array.from(rows.values(), ({ row }) => row))
  return {
    element: make('div', 'bars-of', make('h3', '', heading), list),
    show(values: ReadonlyMap<LaneName, number | undefined>): void {
      const most = Math.max(1, ...Array.from(values.values(), (value) => value ?? 0))
      for (const [lane, { bar, value: label }] of rows) {
        const value = values.get(lane)
        bar.style.setProperty('--share', String(Math.max(0, value ?? 0) / most))
        setText(label, value === undefined ? '–' : words(value))
      }
    },
  }
}

export const createComparison = (scales: readonly Scale[]) => {
  const bars = scales.map(createBars)
  return {
    elements: bars.map(({ element }) => element),
    show: (...values: ReadonlyMap<LaneName, number | undefined>[]): void =>
      bars.forEach(({ show }, index) => show(values[index]!)),
  }
}
