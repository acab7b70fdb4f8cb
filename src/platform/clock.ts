/** Time, handed in: the one place where Holdfast learns what time it is and asks to be woken. */
export interface Clock {
  /** Milliseconds since the epoch by a clock that never runs backwards: comparable with `Date.now()`, but not its equal. */
  now(): number
  /** Runs `task` once, `delay` milliseconds from now. Returns a function that cancels it. */
  after(delay: number, task: () => void): () => void
  /** Runs `task` as soon as the current task is done: what is sent until then travels as one packet. */
  soon(task: () => void): void
}

/** The longest delay `setTimeout` keeps, 24.8 days: it takes a longer one for none at all (HTML: timers are 32-bit signed). */
const LONGEST_TIMEOUT = 2 ** 31 - 1

const turn = Promise.resolve()

/** The real clock. `soon` decides how far the frames of one task are gathered: a microtask in a page (a promise's: `queueMicrotask` takes browsers 4 µs), `setImmediate` in a server. */
export const systemClock = (soon: Clock['soon'] = (task) => void turn.then(task)): Clock => {
  const { timeOrigin } = performance
  return {
    now: () => timeOrigin + performance.now(),
    after(delay, task) {
      const timer = setTimeout(task, Math.min(delay, LONGEST_TIMEOUT))
      return () => clearTimeout(timer)
    },
    soon,
  }
}
