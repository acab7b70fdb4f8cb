import type { Clock } from '../platform/clock.ts'

/** What thousands of sessions do when the task is done, with one timer for all of them. */
export interface Turns {
  soon(task: () => void): void
  /** A turn comes, even if nobody has a task for it. */
  schedule(): void
}

/** `begin` runs first, and what it asks for belongs to the same turn. */
export const createTurns = (clock: Pick<Clock, 'soon'>, begin: () => void): Turns => {
  let tasks: (() => void)[] = []
  let isScheduled = false

  const schedule = (): void => {
    if (!isScheduled) clock.soon(run)
    isScheduled = true
  }
  const run = (): void => {
    begin()
    const turn = tasks
    let at = 0
    tasks = []
    isScheduled = false
    try {
      while (at < turn.length) turn[at++]!()
    } finally {
      // One that throws is no reason to forget the others.
      if (at < turn.length) for (const task of turn.slice(at)) soon(task)
    }
  }
  const soon = (task: () => void): void => {
    tasks.push(task)
    schedule()
  }
  return { soon, schedule }
}
