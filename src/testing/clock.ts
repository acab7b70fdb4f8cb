import type { Clock } from '../platform/clock.ts'
import { createQueue, type Entry } from './queue.ts'
import { createView, type Timeline } from './view.ts'

/** Virtual time. It moves only while one of the awaited methods does; all promises settle between two tasks. */
export interface VirtualClock extends Timeline {
  /** How many timers are armed through the clock itself; those of its views are counted there. */
  readonly pending: number
  /** Lets `duration` milliseconds pass. Rejects with what a task threw. */
  advance(duration: number): Promise<void>
  /**
   * Runs tasks until the given instant (milliseconds), or until `goal` holds, asked after each task.
   * Resolves with whether it was reached; a predicate gives up when nothing is left to run, or after `limit` milliseconds.
   */
  runUntil(goal: number | (() => boolean), limit?: number): Promise<boolean>
  /** `duration` milliseconds pass in which nothing runs; then all that fell due runs late, as after sleep. */
  jump(duration: number): Promise<void>
}

interface Timer extends Entry {
  task: (() => void) | undefined
}

interface MacrotaskGlobals {
  setImmediate?: (task: () => void) => void
}

/**
 * Resolves once no promise reaction is left to run. A macrotask is the only point where that is certain, and
 * `setImmediate` the cheapest one (1 µs); a `MessageChannel` is what pages have that isn't clamped like `setTimeout`.
 */
const createDrain = (): (() => Promise<void>) => {
  const { setImmediate } = globalThis as MacrotaskGlobals
  if (setImmediate) return () => new Promise(setImmediate)
  const { port1, port2 } = new MessageChannel()
  return () =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(null)
    })
}

/** A clock that starts at `start` virtual milliseconds. */
export const virtualClock = (start = 0): VirtualClock => {
  const timers = createQueue<Timer>()
  const drain = createDrain()
  const soon: (() => void)[] = []
  let time = start
  let armed = 0
  let running = false

  const now = (): number => time
  const after = (delay: number, task: () => void): (() => void) => {
    const timer: Timer = { at: time + delay, order: armed++, task }
    timers.push(timer)
    return () => void (timer.task = undefined)
  }

  /** The next task due by `until`, time moved on to it. */
  const next = (until: number): (() => void) | undefined => {
    const first = soon.shift()
    if (first) return first
    for (let timer = timers.peek(); timer && timer.at <= until; timer = timers.peek()) {
      timers.shift()
      const { task } = timer
      if (!task) continue
      timer.task = undefined
      time = Math.max(time, timer.at)
      return task
    }
    return undefined
  }

  const run = async (until: number, done: () => boolean): Promise<boolean> => {
    if (running) throw new Error('This clock is already running: await the call before this one.')
    running = true
    try {
      // What the caller has begun comes first.
      await drain()
      while (!done()) {
        const task = next(until)
        if (!task) {
          if (Number.isFinite(until)) time = Math.max(time, until)
          return done()
        }
        task()
        await drain()
      }
      return true
    } finally {
      running = false
    }
  }

  const never = (): boolean => false
  const raw: Clock = { now, after, soon: (task) => void soon.push(task) }
  const own = createView(raw)
  return {
    now,
    after: own.after,
    soon: own.soon,
    get pending() {
      return own.pending
    },
    advance: async (duration) => void (await run(time + duration, never)),
    runUntil: async (goal, limit = Infinity) => {
      if (typeof goal === 'function') return run(time + limit, goal)
      await run(goal, never)
      return true
    },
    jump: async (duration) => {
      await run(time, never)
      time += duration
      await run(time, never)
    },
    view: () => createView(raw),
  }
}
