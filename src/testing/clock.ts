import type { Clock } from '../platform/clock.ts'
import { createQueue, type Entry } from './queue.ts'

/** What stops while a view is frozen: `timers` in a throttled tab, `everything` in a sleeping machine. */
export type Frozen = 'timers' | 'everything'

/** The clock as one tab or one process sees it: it can stop while the others go on. */
export interface ClockView extends Clock {
  /** How many timers are armed. Zero is what a closed client leaves behind. */
  readonly pending: number
  /** Stops this view: its time goes on, but its timers are held, and with `everything` what arrives as well. */
  freeze(what?: Frozen): void
  /** Ends the freeze. What was held runs late: first the timers that are due, in order, then what had arrived. */
  thaw(): void
  /** The tab or process is gone: nothing of this view ever runs again. */
  stop(): void
  /** Whether `stop` was called. */
  readonly stopped: boolean
  /** Brings something in from outside (a packet, a page event): runs `task` now, or late while everything is frozen. */
  enter(task: () => void): void
}

/** Virtual time. It moves only while one of the awaited methods does; all promises settle between two tasks. */
export interface VirtualClock extends Clock {
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
  /** A view of its own for one tab or process. */
  view(): ClockView
}

interface Timer extends Entry {
  readonly view: View
  task: (() => void) | undefined
}

interface View {
  frozen: Frozen | undefined
  stopped: boolean
  pending: number
  /** Timers that fell due while frozen. */
  late: Timer[]
  /** What arrived while everything was frozen, in order; what comes until it is worked off queues behind it. */
  arrived: (() => void)[]
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

const createState = (): View => ({ frozen: undefined, stopped: false, pending: 0, late: [], arrived: [] })

/** A clock that starts at `start` virtual milliseconds. */
export const virtualClock = (start = 0): VirtualClock => {
  const timers = createQueue<Timer>()
  /** What the clock arms for itself: never frozen. */
  const own = createState()
  const drain = createDrain()
  const soon: { readonly view: View; readonly task: () => void }[] = []
  let time = start
  let armed = 0
  let running = false

  const arm = (view: View, at: number, task: () => void): Timer => {
    const timer: Timer = { at, order: armed++, view, task }
    timers.push(timer)
    return timer
  }

  const enter = (view: View, task: () => void): void => {
    if (view.stopped) return
    if (view.frozen === 'everything' || view.arrived.length > 0) view.arrived.push(task)
    else task()
  }

  /** What arrived is worked off, each in a task of its own. Armed last: of what is due now, the timers come first. */
  const workOff = (view: View): void => {
    if (view.arrived.length === 0) return
    arm(own, time, () => {
      if (view.frozen === 'everything') return
      const task = view.arrived.shift()
      workOff(view)
      task?.()
    })
  }

  const thaw = (view: View): void => {
    if (!view.frozen) return
    view.frozen = undefined
    for (const timer of view.late) timers.push(timer)
    view.late = []
    workOff(view)
  }

  const createView = (state: View): ClockView => ({
    now: () => time,
    after: (delay, task) => {
      if (!Number.isFinite(delay)) throw new RangeError(`A timer needs a finite delay in milliseconds, not ${delay}.`)
      if (state.stopped) return () => {}
      const timer = arm(state, time + Math.max(0, delay), () => {
        state.pending--
        task()
      })
      state.pending++
      return () => {
        if (timer.task) state.pending--
        timer.task = undefined
      }
    },
    soon: (task) => void soon.push({ view: state, task }),
    get pending() {
      return state.pending
    },
    freeze: (what = 'everything') => {
      state.frozen = what
      if (what === 'timers') workOff(state)
    },
    thaw: () => thaw(state),
    get stopped() {
      return state.stopped
    },
    stop: () => {
      state.stopped = true
      state.pending = 0
      state.arrived = []
    },
    enter: (task) => enter(state, task),
  })

  /** The next task due by `until`, time moved on to it. */
  const next = (until: number): (() => void) | undefined => {
    const first = soon.shift()
    if (first) return () => enter(first.view, first.task)
    for (let timer = timers.peek(); timer && timer.at <= until; timer = timers.peek()) {
      timers.shift()
      const { view, task } = timer
      if (!task || view.stopped) continue
      if (view.frozen) {
        view.late.push(timer)
        continue
      }
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
  const { now, after, soon: runSoon } = createView(own)
  return {
    now,
    after,
    soon: runSoon,
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
    view: () => createView(createState()),
  }
}
