/** A trace as a sequence diagram: pages, the network, the server, and what goes between them. */
import type { TraceEvent } from 'holdfast/testing'
import { abbreviate } from './abbreviate.ts'

/** What a diagram may be told. */
export interface DiagramOptions {
  /** The most rows; the oldest are left out. Default: all. */
  readonly rows?: number
  /** Milliseconds in which nothing happens that are told as one row. Default: 1 000. */
  readonly quiet?: number
}

/** One thing that happened: a remark where it happened, or something on its way from one lane to another. */
interface Row {
  readonly at: number
  readonly from: string
  readonly to: string
  text: string
}

const NETWORK = 'network'
const SERVER = 'server'
const VIOLATED = 'VIOLATED'

/** What comes to an end of a link from the network; all else that an end does goes there. */
const ARRIVALS = new Set([
  ...['server accepts', 'server gets', 'client gets', 'server hears close', 'client hears close'],
  ...['client is open', 'client is answered'],
])
const PACKET = /^(client|server) (sends|posts|gets|answers|writes)$/

const wordsOf = (what: string, detail: unknown): string => {
  if (detail === undefined) return what
  // An answer begins with its status.
  if (PACKET.test(what)) return abbreviate(typeof detail === 'string' ? detail.replace(/^\d{3} /, '') : detail)
  return `${what} ${abbreviate(detail)}`
}

/** Of a link: who says it, or hears it. */
const readLink = ([at, id, what, detail]: TraceEvent): Row => {
  const [tab = id] = id.split('#', 1)
  const text = `${id} ${wordsOf(what, detail).replace(/^(client|server) /, '')}`
  const end = what.startsWith('client') ? tab : what.startsWith('server') ? SERVER : NETWORK
  return ARRIVALS.has(what) ? { at, from: NETWORK, to: end, text } : { at, from: end, to: NETWORK, text }
}

/** Of an application, a page or a process: flows are called `a up` and `a down 1`. */
const readOther = ([at, who, what, detail]: TraceEvent): Row => {
  const [tab = who, direction] = who.split(' ')
  const isAtServer = direction !== undefined && (direction === 'up') === what.startsWith('delivers')
  const lane = who === VIOLATED ? VIOLATED : isAtServer ? SERVER : tab
  const text = wordsOf(what, detail)
  return { at, from: lane, to: lane, text: isAtServer && tab !== SERVER ? `${text} (${tab})` : text }
}

/** Remarks that only count on become one: `says 1 say`, `says 2 say`. */
const join = (one: Row, other: Row): boolean => {
  const [first, last] = [one, other].map(({ text }) => /^(\w+ )(?:\d+–)?(\d+)(.*)$/.exec(text))
  const isNext = first?.[1] === last?.[1] && first?.[3] === last?.[3] && Number(first?.[2]) + 1 === Number(last?.[2])
  if (!first || !last || !isNext || one.from !== one.to || one.to !== other.to || one.from !== other.from) return false
  const [, verb, begin] = /^(\w+ )(\d+)/.exec(one.text) as unknown as [string, string, string]
  one.text = `${verb}${begin}–${last[2]}${last[3]}`
  return true
}

const readRows = (events: readonly TraceEvent[]): Row[] => {
  const rows: Row[] = []
  for (const event of events) {
    const row = event[1].includes('#') ? readLink(event) : readOther(event)
    const last = rows.at(-1)
    if (last && join(last, row)) continue
    rows.push(row)
  }
  return rows
}

const lanesOf = (events: readonly TraceEvent[]): string[] => {
  const tabs = new Set(events.map(([, who]) => /^[^# ]*/.exec(who)![0]))
  for (const other of [NETWORK, SERVER, VIOLATED]) tabs.delete(other)
  return [...[...tabs].toSorted(), NETWORK, SERVER]
}

/** Rows from the violation back, as many as are wanted. */
const chosen = (rows: readonly Row[], most = Infinity): readonly Row[] => rows.slice(Math.max(0, rows.length - most))

const TIME = 10
const widthOf = (lane: string): number => (lane === NETWORK ? 50 : 26)
const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)

/** What stands in one lane's column of a row. */
const cellOf = (lane: string, { from, to, text }: Row): string => {
  if (from === to || lane === NETWORK) return lane === from || lane === NETWORK ? text : ''
  if (lane === from) return lane === SERVER ? '◀──' : '──▶'.padStart(widthOf(lane))
  return lane === SERVER ? '──▶' : '◀──'.padStart(widthOf(lane))
}

const renderRow = (lanes: readonly string[], row: Row): string => {
  const time = row.at.toFixed(1).padStart(TIME)
  if (row.from === VIOLATED) return `${time}  ✗ ${row.text}`
  const cells = lanes.map((lane) => {
    const isMeant = lane === row.from || lane === row.to
    return fit(isMeant ? cellOf(lane, row) : '', widthOf(lane))
  })
  return `${time}  ${cells.join(' │ ')}`.trimEnd()
}

/** As plain text: one column for each page, one for the network, one for the server. */
export const drawDiagram = (
  events: readonly TraceEvent[],
  { rows: most, quiet = 1_000 }: DiagramOptions = {},
): string => {
  const rows = readRows(events)
  const lanes = lanesOf(events)
  const shown = chosen(rows, most)
  const lines = [`${' '.repeat(TIME)}  ${lanes.map((lane) => fit(lane, widthOf(lane))).join(' │ ')}`.trimEnd()]
  if (shown.length < rows.length) lines.push(`${'⋮'.padStart(TIME)}  ${rows.length - shown.length} rows before`)
  for (const [index, row] of shown.entries()) {
    const gap = row.at - (shown[index - 1]?.at ?? row.at)
    if (gap >= quiet) lines.push(`${'⋮'.padStart(TIME)}  ${(gap / 1000).toFixed(1)} s`)
    lines.push(renderRow(lanes, row))
  }
  return lines.join('\n')
}

const mermaidText = (text: string): string => text.replaceAll(/[;#:]/g, ' ').trim() || '-'

/** The same for Mermaid. https://mermaid.js.org/syntax/sequenceDiagram.html */
export const drawMermaid = (events: readonly TraceEvent[], { rows: most }: DiagramOptions = {}): string => {
  const rows = readRows(events)
  const lanes = lanesOf(events)
  const lines = chosen(rows, most).map(({ at, from, to, text }) => {
    const said = `${(at / 1000).toFixed(3)} ${mermaidText(text)}`
    if (from === VIOLATED) return `Note over ${lanes[0]},${SERVER}: VIOLATED ${said}`
    return from === to ? `Note over ${from}: ${said}` : `${from}->>${to}: ${said}`
  })
  return ['sequenceDiagram', ...lanes.map((lane) => `participant ${lane}`), ...lines].join('\n  ')
}
