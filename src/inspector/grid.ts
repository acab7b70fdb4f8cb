import { h, setAttribute } from './dom.ts'
import type { Frame } from './history.ts'
import { ROW, createLines } from './lines.ts'
import type { Rows } from './rows.ts'

/** The table of frames. Only what is in view is in the page, however many there are. */
export interface Grid {
  readonly element: HTMLElement
  /** The place of the frame that is selected, if one is. */
  readonly selected: number | undefined
  render(): void
  select(place: number | undefined): void
}

const OVERSCAN = 4
/** Rows in view where that is not known. */
const PAGE = 10

const COLUMNS: Readonly<Record<string, string>> = {
  time: 'Time',
  way: 'Direction',
  kind: 'Kind',
  name: 'Name and data',
  number: 'No.',
  size: 'Size',
  age: 'Age',
}

export const createGrid = (rows: Rows, onSelect: (frame: Frame | undefined) => void, onOpen: () => void): Grid => {
  let selected: number | undefined
  let isFollowing = true
  let lastGone = 0
  const lines = createLines(rows)
  const body = h('div', { class: 'body' }, lines.element)
  const titles = Object.entries(COLUMNS).map(([name, title]) =>
    // There is room for an arrow alone.
    h('span', { role: 'columnheader', class: name }, h('span', { class: name === 'way' ? 'unseen' : '' }, title)),
  )
  const head = h('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, ...titles)
  const empty = h('p', { class: 'empty' }, 'No frames to show.')
  const scroller = h(
    'div',
    { class: 'grid', role: 'grid', tabindex: 0, 'aria-label': 'Frames' },
    h('div', { role: 'rowgroup', class: 'head' }, head),
    body,
  )
  const newest = h('button', { type: 'button', class: 'newest', hidden: true }, 'Newest ↓')
  const element = h('div', { class: 'frames' }, scroller, empty, newest)

  const isAtEnd = (): boolean => scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - ROW
  const render = (): void => {
    const { length, gone } = rows
    // Read first, then written: the page is laid out once.
    const { clientHeight, scrollTop } = scroller
    const height = clientHeight || PAGE * ROW
    const end = Math.max(0, (length + 1) * ROW - height)
    // What is looked at stays in place, though what stood above it is gone.
    const top = isFollowing ? end : Math.max(0, scrollTop - Math.max(0, gone - lastGone) * ROW)
    const first = Math.min(Math.max(0, Math.floor(top / ROW) - OVERSCAN), length)
    const last = Math.min(length, first + Math.ceil(height / ROW) + 2 * OVERSCAN)
    body.style.blockSize = `${length * ROW}px`
    lines.show(first, last, selected)
    if (top !== scrollTop) scroller.scrollTop = top
    lastGone = gone
    setAttribute(scroller, 'aria-rowcount', length + 1)
    const index = selected === undefined ? -1 : rows.indexOf(selected)
    setAttribute(scroller, 'aria-activedescendant', index >= first && index < last ? `frame-${selected}` : null)
    empty.hidden = length > 0
    newest.hidden = isFollowing || length === 0
  }

  const select = (place: number | undefined): void => {
    selected = place
    onSelect(place === undefined ? undefined : rows.frame(place))
    render()
  }
  const reveal = (index: number): void => {
    const [top, height] = [index * ROW, scroller.clientHeight - ROW]
    isFollowing = false
    if (top < scroller.scrollTop) scroller.scrollTop = top
    else if (top + ROW > scroller.scrollTop + height) scroller.scrollTop = top + ROW - height
  }
  const move = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    if (rows.length === 0) return
    reveal(next)
    select(rows.at(next))
  }
  const onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(scroller.clientHeight / ROW) - 2) || PAGE
    const now = selected === undefined ? -1 : rows.indexOf(selected)
    const from = now < 0 ? rows.length : now
    const moves: Readonly<Record<string, () => void>> = {
      ArrowUp: () => move(from - 1),
      ArrowDown: () => move(from + 1),
      PageUp: () => move(from - page),
      PageDown: () => move(from + page),
      Home: () => move(0),
      End: () => move(rows.length - 1),
      Enter: onOpen,
      Escape: () => select(undefined),
    }
    if (!Object.hasOwn(moves, event.key)) return
    event.preventDefault()
    moves[event.key]!()
  }

  scroller.addEventListener('keydown', onKey)
  scroller.addEventListener('scroll', () => {
    isFollowing = isAtEnd()
    render()
  })
  body.addEventListener('click', ({ target }) => {
    const row = (target as Element).closest('[role=row]')
    if (row) select(Number(row.id.slice('frame-'.length)))
  })
  newest.addEventListener('click', () => {
    isFollowing = true
    render()
    scroller.focus()
  })
  return {
    element,
    get selected() {
      return selected
    },
    render,
    select,
  }
}
