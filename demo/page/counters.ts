/** What was lost and what was doubled, of the same numbers in three ways. */
import type { Socket } from 'holdfast'
import type { Lane, Tally, Traffic } from '../uses/traffic/contract.ts'
import type { Backend } from './backend.ts'
import { count, make, setText } from './dom.ts'
import { type LaneState, type Told, openLanes } from './lanes.ts'
import { type Reckoning, reckon, sum } from './reckon.ts'
import { drawStrip } from './strip.ts'

interface CountersOptions {
  readonly backend: Backend
  readonly socket: Socket<Traffic>
  /** Whether the demo answered. */
  readonly reachable: (is: boolean) => void
}

const COLUMNS = ['sent', 'delivered', 'waiting', 'lost', 'doubled'] as const
const HEADINGS = ['Sent', 'Arrived', 'Waiting', 'Lost', 'Doubled']
/** Milliseconds between two questions for what the server heard. */
const ASK = 1_000
const DRAW = 250

interface Row {
  show(reckoning: Reckoning): void
  readonly element: HTMLTableRowElement
}

const createRow = (title: string, className = ''): Row => {
  const cells = COLUMNS.map((column) => make('td', column, '0'))
  const head = make('th', '', title)
  head.scope = 'row'
  return {
    element: make('tr', className, head, ...cells),
    show(reckoning) {
      for (const [index, column] of COLUMNS.entries()) {
        const cell = cells[index]!
        setText(cell, String(reckoning[column]))
        cell.classList.toggle('some', reckoning[column] > 0)
      }
    },
  }
}

/** The rows of one lane. Returns what shows it anew. */
const createLane = (state: LaneState) => {
  const both = createRow('Both ways', 'both')
  const up = createRow('to the server', 'way')
  const down = createRow('to this page', 'way')
  const words = make('span', 'lane-state')
  const strip = make('canvas', 'strip')
  strip.role = 'img'
  const head = make('th', '', make('span', 'lane-name', state.title), words, strip)
  head.colSpan = 1 + COLUMNS.length
  head.scope = 'rowgroup'
  const body = make('tbody', `lane ${state.lane}`, make('tr', '', head), both.element, up.element, down.element)
  return {
    lane: state.lane,
    body,
    show({ said, ...heard }: Tally, saidThen: number) {
      const { hearing, isDead } = state
      const upward = reckon(isDead ? state.said : saidThen, heard, isDead)
      const downward = reckon(said, hearing.heard, isDead)
      up.show(upward)
      down.show(downward)
      both.show(sum(upward, downward))
      setText(words, state.state)
      strip.ariaLabel = `The last numbers from the server: ${downward.lost} lost, ${downward.waiting} waiting`
      drawStrip(strip, { said: downward.sent, isDead, hearing })
    },
  }
}

const wordsFor = ({ sessionsLost, inDoubt }: Told): string => {
  if (sessionsLost === 0) return 'Holdfast told of no loss.'
  const doubt = inDoubt === 0 ? 'nothing in doubt' : `${count(inDoubt, 'message')} in doubt and sent again`
  return `Holdfast told: ${count(sessionsLost, 'session')} ended by the server, ${doubt}.`
}

/** Puts them into `place`. */
export const createCounters = (place: HTMLElement, { backend, socket, reachable }: CountersOptions): void => {
  const { lanes, told, stop } = openLanes(backend, socket)
  const views = lanes.map(createLane)
  const words = make('p', 'told')
  const head = make('tr', '', make('th', 'visually-hidden', 'Way'), ...HEADINGS.map((text) => make('th', '', text)))
  for (const cell of head.children as HTMLCollectionOf<HTMLTableCellElement>) cell.scope = 'col'
  const table = make('table', '', make('thead', '', head), ...views.map(({ body }) => body))
  const each = make('button', 'quiet small', 'Each way')
  const end = make('button', 'quiet small', 'Stop')
  place.classList.add('counters')
  place.replaceChildren(
    make('h2', 'visually-hidden', 'Counters'),
    make('p', 'soft', 'The same numbers three ways, four a second.'),
    table,
    words,
    make('div', 'row', each, end),
  )

  let tallies: Record<Lane, Tally> | undefined
  /** What the page had said when it asked for them. */
  let saidThen: number[] = []
  const show = (): void => {
    if (!tallies) return
    for (const [index, { lane, show }] of views.entries()) show(tallies[lane], saidThen[index] ?? 0)
    setText(words, wordsFor(told))
  }
  const ask = async (): Promise<void> => {
    const saidNow = lanes.map(({ said }) => said)
    const asked = await backend.tally().catch(() => undefined)
    reachable(asked !== undefined)
    if (asked) [tallies, saidThen] = [asked, saidNow]
    if (!isStopped) setTimeout(() => void ask(), ASK)
  }
  let isStopped = false
  const drawing = setInterval(show, DRAW)
  void ask()

  each.ariaPressed = 'false'
  each.addEventListener('click', () => {
    each.ariaPressed = String(table.classList.toggle('ways'))
  })
  end.addEventListener('click', () => {
    if (isStopped) return location.reload()
    isStopped = true
    clearInterval(drawing)
    stop()
    setText(end, 'Reload, count anew')
  })
}
