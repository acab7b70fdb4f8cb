import { h, repeat, setAttribute, setText } from './dom.ts'
import type { Attempt, History } from './history.ts'
import { RUNGS, clockTime, duration } from './words.ts'

/** Which carriers were tried, the newest first, and why each was left. */
export interface Carriers {
  readonly element: HTMLElement
  render(history: History, now: number): void
}

/** Carriers that are listed. */
const MOST = 50

const fate = ({ heardAt, endedAt, at }: Attempt, now: number): { readonly tone: string; readonly words: string } => {
  if (endedAt === null)
    return heardAt === null
      ? { tone: 'connecting', words: `tried for ${duration(now - at)}` }
      : { tone: 'open', words: `in use for ${duration(now - heardAt)}` }
  return heardAt === null
    ? { tone: 'waiting', words: `in vain, ${duration(endedAt - at)}` }
    : { tone: 'idle', words: `worked for ${duration(endedAt - heardAt)}` }
}

export const createCarriers = (): Carriers => {
  const list = h('ol', { tabindex: 0, 'aria-label': 'Carriers, the newest first' })
  const element = h(
    'section',
    { class: 'carriers', 'aria-label': 'Carriers' },
    h('header', {}, h('h3', {}, 'Carriers')),
    list,
  )
  return {
    element,
    render({ attempts }, now) {
      repeat(
        list,
        attempts.slice(-MOST).toReversed(),
        () => h('li', {}, h('div', {}, h('b'), h('span', { class: 'fate' }), h('time')), h('p')),
        (item, attempt) => {
          const [name, outcome, time] = Array.from(item.firstElementChild!.children)
          const { tone, words } = fate(attempt, now)
          setAttribute(item, 'data-tone', tone)
          setText(name!, RUNGS[attempt.carrier])
          setText(outcome!, words)
          setText(time!, clockTime(attempt.at))
          setText(item.lastElementChild!, attempt.why ?? '')
        },
      )
    },
  }
}
