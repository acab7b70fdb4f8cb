import { byId, make } from './dom.ts'

const LONGEST = 60

/** What happened, newest first. */
export const createJournal = (): ((text: string) => void) => {
  const list = byId('journal')
  return (text) => {
    list.prepend(
      make('li', '', make('time', '', new Date().toLocaleTimeString([], { hourCycle: 'h23' })), make('span', '', text)),
    )
    if (list.childElementCount > LONGEST) list.lastElementChild?.remove()
  }
}
