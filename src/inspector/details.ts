import { h, repeat, setText } from './dom.ts'
import type { Frame } from './history.ts'
import { RUNGS, ageOf, bytes, clockTime, pretty } from './words.ts'

/** All about one frame. */
export interface Details {
  readonly element: HTMLElement
  show(frame: Frame | undefined): void
  focus(): void
}

const facts = (frame: Frame): readonly (readonly [name: string, value: string])[] => {
  const { at, carrier, direction, size, number, repeated, id } = frame
  const all: readonly (readonly [string, string])[] = [
    ['Direction', direction === 'up' ? 'up, to the server' : 'down, from the server'],
    ['Carrier', RUNGS[carrier]],
    ['Time', clockTime(at)],
    ['Size', bytes(size)],
    ['Number', number === null ? '' : `${number}${repeated ? ', repeated' : ''}`],
    ['Acknowledged', number === null ? '' : ageOf(frame).replace(/^(?=\d)/, 'after ')],
    ['Request', id === null ? '' : String(id)],
  ]
  return all.filter(([, value]) => value !== '')
}

export const createDetails = (onClose: () => void): Details => {
  const title = h('h3', { tabindex: -1 })
  const list = h('dl')
  const text = h('pre', { tabindex: 0, role: 'region', 'aria-label': 'Data' })
  const close = h('button', { type: 'button', 'aria-label': 'Close the details', class: 'icon', click: onClose }, '✕')
  const element = h(
    'section',
    { class: 'details', hidden: true, 'aria-label': 'Details' },
    h('header', {}, title, close),
    list,
    text,
  )
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') onClose()
  })
  let shown: Frame | undefined
  return {
    element,
    show(frame) {
      element.hidden = !frame
      if (!frame) return
      setText(title, `${frame.kind} ${frame.name}`.trim())
      repeat(
        list,
        facts(frame),
        () => h('div', {}, h('dt'), h('dd')),
        (item, [name, value]) => {
          setText(item.children[0]!, name)
          setText(item.children[1]!, value)
        },
      )
      if (frame !== shown) text.textContent = pretty(frame.text)
      shown = frame
    },
    focus: () => title.focus(),
  }
}
