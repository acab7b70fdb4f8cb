import { reportError } from '../platform/report.ts'

/** Milliseconds after which a page that paints nothing, because it is hidden, is told all the same. */
const LATEST = 100

const waiting = new Set<() => void>()
/** Whose timers the frame is waited for with: those that tests put in their place may take it along. */
let by: unknown

const run = (): void => {
  const tasks = [...waiting]
  waiting.clear()
  for (const task of tasks)
    try {
      task()
    } catch (error) {
      reportError(error)
    }
}

/** Runs `task` once before the next paint, however often it is asked to: all tasks of a frame in one go, so that a framework renders once. */
export const beforePaint = (task: () => void): void => {
  if (waiting.size === 0 || by !== setTimeout) {
    by = setTimeout
    const timer = setTimeout(run, LATEST)
    globalThis.requestAnimationFrame?.(() => {
      clearTimeout(timer)
      run()
    })
  }
  waiting.add(task)
}
