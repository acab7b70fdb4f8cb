/** What happens on the wire, one lane at a time. */
import { byId, make, setText } from '../../page/dom.ts'
import type { LaneName } from './contract.ts'
import type { Journal, Row, Weight } from './journal.ts'
import type { Sums } from './sums.ts'
import { asBytes } from './units.ts'

const arrows: Readonly<Record<string, readonly [sign: string, words: string]>> = {
  up: ['↑', 'to the server'],
  down: ['↓', 'to the page'],
  both: ['⇅', 'there and back'],
}

const directionOf = ({ headUp, headDown }: Weight): keyof typeof arrows =>
  headUp > 0 ? (headDown > 0 ? 'both' : 'up') : 'down'

/** `head + body`, of each direction that has some. */
const weigh = ({ headUp, bodyUp, headDown, bodyDown }: Weight): string =>
  [
    headUp + bodyUp > 0 ? `↑ ${headUp} + ${bodyUp} B` : '',
    headDown + bodyDown > 0 ? `↓ ${headDown} + ${bodyDown} B` : '',
  ]
    .filter(Boolean)
    .join('  ')

const createItem = () => {
  const sign = make('span', 'sign')
  const words = make('span', 'visually-hidden')
  const title = make('strong', 'title')
  const count = make('span', 'times')
  const weight = make('span', 'weight')
  const time = make('time', '')
  const why = make('p', 'why')
  const example = make('pre', '')
  const panel = make('p', 'panel-says')
  const total = make('p', 'panel-says')
  const element = make(
    'li',
    '',
    make('p', 'what', time, sign, words, title, count, weight),
    why,
    make('details', '', make('summary', '', 'What it says'), example, panel, total),
  )
  return {
    element,
    show({ first, newest, count: times, total: bytes }: Row): void {
      const [arrow = '', meaning = ''] = arrows[directionOf(newest.weight)] ?? []
      setText(sign, arrow)
      sign.ariaHidden = 'true'
      setText(words, meaning)
      setText(title, newest.title)
      setText(count, times > 1 ? `× ${times}` : '')
      setText(weight, weigh(newest.weight))
      setText(time, new Date(first.at).toLocaleTimeString([], { hourCycle: 'h23' }))
      setText(why, newest.why)
      setText(example, newest.example)
      setText(panel, `In the browser’s network panel: ${newest.panel}.`)
      setText(total, `All ${times} in this row: ${asBytes(bytes)}.`)
      total.hidden = times === 1
    },
  }
}

/** What is added up, in places that are always there. */
const createFigures = () => {
  const places = Array.from(byId('wire-sums').children, (place) => {
    const [name, value] = [make('dt', ''), make('dd', '')]
    place.replaceChildren(name, value)
    return { name, value }
  })
  return {
    show({ figures, note }: Sums): void {
      places.forEach(({ name, value }, index) => {
        setText(name, figures[index]?.[0] ?? '')
        setText(value, figures[index]?.[1] ?? '')
      })
      setText(byId('wire-note'), note)
    },
  }
}

/** `sums`: what the browser, or arithmetic, says of a lane, beside what the proxy counted. */
export const createJournalView = (journal: Journal, sums: (lane: LaneName) => Sums) => {
  const list = byId('wire-list')
  const figures = createFigures()
  const pause = byId('wire-pause', HTMLButtonElement)
  const choice = byId('wire-lanes', HTMLFieldSetElement)
  /** By the happening that began a row. */
  const items = new Map<unknown, ReturnType<typeof createItem>>()
  let isPaused = false

  const chosen = (): LaneName => choice.querySelector<HTMLInputElement>(':checked')!.value as LaneName
  const show = (): void => {
    const rows = journal.rows(chosen())
    const current = new Set<unknown>(rows.map(({ first }) => first))
    for (const [first, { element }] of items)
      if (!current.has(first)) {
        element.remove()
        items.delete(first)
      }
    let before: Element | null = null
    for (const row of rows) {
      const item = items.get(row.first) ?? createItem()
      items.set(row.first, item)
      item.show(row)
      const place: Element | null = before === null ? list.firstElementChild : before.nextElementSibling
      if (place !== item.element) list.insertBefore(item.element, place)
      before = item.element
    }
    figures.show(sums(chosen()))
  }
  choice.addEventListener('change', show)
  pause.addEventListener('click', () => {
    isPaused = !isPaused
    pause.ariaPressed = String(isPaused)
    if (!isPaused) show()
  })
  return { tick: () => void (isPaused || show()) }
}
