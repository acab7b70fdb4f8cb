import { IDLE } from '../session/status.ts'
import { type LiveCell, createLive } from './live.ts'
import type { Source } from './source.ts'

/** Remembers the last answer: what makes an object makes a new one only of a new value. */
export const remember = <A, B>(compute: (from: A) => B): ((from: A) => B) => {
  let last: { readonly from: A; readonly to: B } | undefined
  return (from) => {
    if (!last || last.from !== from) last = { from, to: compute(from) }
    return last.to
  }
}

/** How the socket is, or what `select` makes of that. */
export const statusCell = ({ status }: Source, select: (status: unknown) => unknown): LiveCell<unknown> => {
  const choose = remember(select)
  return createLive(
    choose(IDLE),
    () => choose(status.get()),
    (changed) => status.subscribe(changed),
  )
}
