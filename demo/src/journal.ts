import { byId, make } from './dom.ts'

const LONGEST = 60

/** What happened, newest first. */
export const createJournal = (): ((text: string | undefined) => void) => {
  const list = byId('journal')
  return (text) => {
    if (text === undefined) return
    list.prepend(
      make('li', '', make('time', '', new Date().toLocaleTimeString([], { hourCycle: 'h23' })), make('span', '', text)),
    )
    if (list.childElementCount > LONGEST) list.lastElementChild?.remove()
  }
}
