/** Time, handed in: the one place where Holdfast learns what time it is and asks to be woken. */
export interface Clock {
  /** Milliseconds since the epoch by a clock that never runs backwards: comparable with `Date.now()`, but not its equal. */
  now(): number
  /** Runs `task` once, `delay` milliseconds from now. Returns a function that cancels it. */
  after(delay: number, task: () => void): () => void
  /** Runs `task` as soon as the current task is done: what is sent until then travels as one packet. */
  soon(task: () => void): void
}

/** `setTimeout` takes a delay of more than 24.8 days for none at all (HTML: timers are 32-bit signed): this one it keeps. */
const LONGEST_TIMEOUT = 2e9

const turn = Promise.resolve()

/** The real clock. `soon` decides how far the frames of one task are gathered: a microtask in a page (a promise's: `queueMicrotask` takes browsers 4 µs), `setImmediate` in a server. */
export const systemClock = (soon: Clock['soon'] = (task) => void turn.then(task)): Clock => {
  let last = performance.now()
  // Not the `timeOrigin`, which stand-ins for `performance` may not have.
  let origin = Date.now() - last
  let time = 0
  /** Never earlier than it was, nor than a timer that was waited for, though tests exchange clocks, or timers alone, at any time. */
  const now = (least = 0): number => {
    const reading = performance.now()
    // Another clock, which begins anew. Nothing is added up while it is the same, or the errors would be, too.
    if (reading < last) origin += last - reading
    last = reading
    return (time = Math.max(time, least, origin + reading))
  }
  return {
    now,
    after(delay, task) {
      delay = Math.min(delay, LONGEST_TIMEOUT)
      const due = now() + delay
      const timer = setTimeout(() => {
        now(due)
        task()
      }, delay)
      return () => clearTimeout(timer)
    },
    soon,
  }
}
