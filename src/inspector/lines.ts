import { h, setAttribute, setText } from './dom.ts'
import type { Frame } from './history.ts'
import type { Rows } from './rows.ts'
import { ageOf, bytes, clockTime, contentOf } from './words.ts'

/** The lines of the table that are in the page. */
export interface Lines {
  readonly element: HTMLElement
  /** Rows from `first` to before `last`. */
  show(first: number, last: number, selected: number | undefined): void
}

/** Pixels of a row, as in style.ts. */
export const ROW = 26

const createRow = (): HTMLElement =>
  h(
    'div',
    { role: 'row', class: 'row' },
    h('span', { role: 'gridcell', class: 'time' }),
    h('span', { role: 'gridcell', class: 'way' }),
    h('span', { role: 'gridcell', class: 'kind' }, h('span', { class: 'badge' })),
    h('span', { role: 'gridcell', class: 'name' }, h('b'), ' ', h('span', { class: 'data' })),
    h('span', { role: 'gridcell', class: 'number' }),
    h('span', { role: 'gridcell', class: 'size' }),
    h('span', { role: 'gridcell', class: 'age' }),
  )

const fillRow = (row: Element, frame: Frame): void => {
  const [time, way, kind, name, number, size, age] = Array.from(row.children) as HTMLElement[]
  const isUp = frame.direction === 'up'
  setAttribute(row, 'data-way', frame.direction)
  setAttribute(row, 'data-repeated', frame.repeated ? '' : null)
  setText(time!, clockTime(frame.at))
  setText(way!, isUp ? '↑' : '↓')
  setAttribute(way!, 'aria-label', isUp ? 'up' : 'down')
  setText(kind!.firstElementChild!, frame.kind)
  setAttribute(kind!.firstElementChild!, 'data-kind', frame.kind)
  setText(name!.firstElementChild!, frame.name)
  setText(name!.lastElementChild!, contentOf(frame).slice(0, 160))
  setText(number!, frame.number === null ? '' : `${frame.number}${frame.repeated ? ' ↻' : ''}`)
  setText(size!, bytes(frame.size))
  setText(age!, ageOf(frame))
}

/** What stands in a line, and where: only what changed is written anew. */
interface Line {
  readonly row: HTMLElement
  frame?: Frame
  settledAt?: number | null
  offset?: number
}

/** Offsets are not counted from where nobody can scroll to, or some day they would be too large to be exact. */
const STRIDE = 10_000

export const createLines = (rows: Rows): Lines => {
  const element = h('div', { role: 'rowgroup', class: 'rows' })
  /** By the place of their frames. */
  const lines = new Map<number, Line>()

  const update = (line: Line, place: number, offset: number): void => {
    const frame = rows.frame(place)!
    const { row } = line
    if (line.frame !== frame || line.settledAt !== frame.settledAt) {
      line.frame = frame
      line.settledAt = frame.settledAt
      fillRow(row, frame)
      setAttribute(row, 'id', `frame-${place}`)
    }
    if (line.offset === offset) return
    line.offset = offset
    row.style.transform = `translateY(${offset * ROW}px)`
  }

  return {
    element,
    show(first, last, selected) {
      const places = Array.from({ length: last - first }, (_, i) => rows.at(first + i)).filter(rows.frame)
      const wanted = new Set(places)
      const free: Line[] = []
      for (const [place, line] of lines) {
        if (wanted.has(place)) continue
        lines.delete(place)
        line.row.remove()
        free.push(line)
      }
      // What goes at the beginning moves all lines at once, and none by itself.
      const gone = rows.gone % STRIDE
      element.style.transform = `translateY(${-gone * ROW}px)`
      for (const [i, place] of places.entries()) {
        const line = lines.get(place) ?? free.pop() ?? { row: createRow() }
        const { row } = line
        lines.set(place, line)
        update(line, place, first + i + gone)
        setAttribute(row, 'aria-rowindex', first + i + 2)
        setAttribute(row, 'aria-selected', String(place === selected))
        // In the order in which they are read.
        if (element.children[i] !== row) element.insertBefore(row, element.children[i] ?? null)
      }
    },
  }
}
