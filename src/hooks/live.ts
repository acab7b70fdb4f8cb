import { type Cell, createCell } from '../kernel/cell.ts'
import { createEmitter } from '../kernel/emitter.ts'
import { reportError } from '../platform/report.ts'
import { beforePaint } from './frame.ts'

/** A cell that lives while it is watched, and tells of changes at most once a frame. */
export interface LiveCell<T> extends Cell<T> {
  /** What a server renders, and the first render of a page that takes over from it. */
  readonly initial: T
}

/**
 * `run` begins when the first one watches, and what it returns ends it when the last one stops. It says `changed` when `read` may give
 * another value, which is told in the next frame. While nobody watches, the cell reads whenever it is asked.
 */
export const createLive = <T>(initial: T, read: () => T, run: (changed: () => void) => () => void): LiveCell<T> => {
  const cell = createCell(initial, createEmitter(reportError))
  const refresh = (): void => cell.set(read())
  const frame = (): void => {
    if (cell.isWatched()) refresh()
  }
  let end: () => void
  return {
    initial,
    get: () => {
      if (!cell.isWatched()) refresh()
      return cell.get()
    },
    subscribe(listener) {
      if (!cell.isWatched()) {
        end = run(() => beforePaint(frame))
        refresh()
      }
      const off = cell.subscribe(listener)
      return () => {
        if (!cell.isWatched()) return
        off()
        if (!cell.isWatched()) end()
      }
    },
  }
}
