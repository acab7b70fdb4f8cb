import { type Clock, systemClock } from '../platform/clock.ts'

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

/** Time in which tabs and processes live. */
export interface Timeline extends Clock {
  /** A view of its own for one tab or process. */
  view(): ClockView
}

interface Timer {
  task: () => void
  /** Takes it from the clock. */
  disarm: () => void
}

/** A view of a clock on which nothing is armed. */
export const createView = (clock: Clock): ClockView => {
  const armed = new Set<Timer>()
  /** Timers that fell due while frozen. */
  let late: Timer[] = []
  /** What arrived while everything was frozen, in order; what comes until it is worked off queues behind it. */
  let arrived: (() => void)[] = []
  let frozen: Frozen | undefined
  let stopped = false

  const enter = (task: () => void): void => {
    if (stopped) return
    if (frozen === 'everything' || arrived.length > 0) arrived.push(task)
    else task()
  }

  const arm = (timer: Timer, delay: number): void => {
    timer.disarm = clock.after(delay, () => {
      if (frozen) return void late.push(timer)
      armed.delete(timer)
      timer.task()
    })
  }
  const disarm = (timer: Timer): void => {
    armed.delete(timer)
    late = late.filter((other) => other !== timer)
    timer.disarm()
  }

  /** What arrived is worked off, each in a task of its own. Armed last: of what is due now, the timers come first. */
  const workOff = (): void => {
    if (arrived.length === 0) return
    clock.after(0, () => {
      if (frozen === 'everything') return
      const task = arrived.shift()
      workOff()
      task?.()
    })
  }

  return {
    now: clock.now,
    after: (delay, task) => {
      if (!Number.isFinite(delay)) throw new RangeError(`A timer needs a finite delay in milliseconds, not ${delay}.`)
      if (stopped) return () => {}
      const timer: Timer = { task, disarm: () => {} }
      armed.add(timer)
      arm(timer, Math.max(0, delay))
      return () => disarm(timer)
    },
    soon: (task) => clock.soon(() => enter(task)),
    get pending() {
      return armed.size
    },
    freeze: (what = 'everything') => {
      frozen = what
      if (what === 'timers') workOff()
    },
    thaw: () => {
      if (!frozen) return
      frozen = undefined
      for (const timer of late.splice(0)) arm(timer, 0)
      workOff()
    },
    get stopped() {
      return stopped
    },
    stop: () => {
      stopped = true
      for (const timer of armed) disarm(timer)
      arrived = []
    },
    enter,
  }
}

/** The platform's time, or what a test has put in its place. When it is stopped, so are all its views. */
export const realClock = (): Timeline & Pick<ClockView, 'stop'> => {
  const clock = systemClock()
  const own = createView(clock)
  const views = [own]
  return {
    now: own.now,
    after: own.after,
    soon: own.soon,
    stop: () => {
      for (const view of views) view.stop()
    },
    view: () => {
      const view = createView(clock)
      views.push(view)
      return view
    },
  }
}
