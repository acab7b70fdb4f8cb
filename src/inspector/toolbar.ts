import { h, setAttribute, setText } from './dom.ts'
import type { Direction } from './history.ts'
import { type Filter, KINDS } from './rows.ts'

/** What its user can do. */
export interface Toolbar {
  readonly element: HTMLElement
  /** What else is told: that this is no live session, or why a file is none. */
  readonly notices: HTMLElement
  render(state: { readonly isPaused: boolean; readonly imported: string | undefined; readonly count: string }): void
  /** A file could not be read, or, with an empty text, could. */
  complain(text: string): void
}

export interface ToolbarHost {
  filter(filter: Filter): void
  pause(): void
  clear(): void
  export(): void
  import(file: File): void
  back(): void
}

const option = (value: string, text: string): HTMLElement => h('option', { value }, text)

export const createToolbar = (host: ToolbarHost): Toolbar => {
  const search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search names and data' })
  const direction = h(
    'select',
    { 'aria-label': 'Direction' },
    option('', 'Both ways'),
    option('up', '↑ Up'),
    option('down', '↓ Down'),
  )
  const kind = h(
    'select',
    { 'aria-label': 'Kind' },
    option('', 'All kinds'),
    ...Object.keys(KINDS).map((name) => option(name, name)),
  )
  const filter = (): void =>
    host.filter({ search: search.value, direction: direction.value as Direction | '', kinds: KINDS[kind.value] })
  for (const control of [search, direction, kind]) control.addEventListener('input', filter)

  const button = (text: string, click: () => void): HTMLButtonElement => h('button', { type: 'button', click }, text)
  const pause = button('Pause', host.pause)
  const clear = button('Clear', host.clear)
  const count = h('span', { class: 'count' })
  const file = h('input', { type: 'file', accept: 'application/json,.json', hidden: true, tabindex: -1 })
  file.addEventListener('change', () => {
    const [chosen] = Array.from(file.files ?? [])
    if (chosen) host.import(chosen)
    // The same file can be chosen again.
    file.value = ''
  })
  const words = h('span')
  const banner = h('div', { class: 'banner', hidden: true }, words, button('Back to the live session', host.back))
  const complaint = h('p', { class: 'complaint', role: 'alert' })
  return {
    element: h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Frames shown' },
      search,
      direction,
      kind,
      count,
      h(
        'span',
        { class: 'actions' },
        pause,
        clear,
        button('Export', host.export),
        button('Import', () => file.click()),
        file,
      ),
    ),
    notices: h('div', { class: 'notices' }, banner, complaint),
    render({ isPaused, imported, count: shown }) {
      setAttribute(pause, 'aria-pressed', String(isPaused))
      setText(pause, isPaused ? 'Resume' : 'Pause')
      pause.disabled = clear.disabled = imported !== undefined
      setText(count, shown)
      banner.hidden = imported === undefined
      setText(words, `Imported: ${imported ?? ''}`)
    },
    complain: (text) => setText(complaint, text),
  }
}
