/** Time, handed in: the one place where Holdfast learns what time it is and asks to be woken. */
export interface Clock {
  /** Milliseconds since the epoch by a clock that never runs backwards: comparable with `Date.now()`, but not its equal. */
  now(): number
  /** Runs `task` once, `delay` milliseconds from now (any finite delay). Returns a function that cancels it. */
  after(delay: number, task: () => void): () => void
  /** Runs `task` as soon as the current task is done: what is sent until then travels as one packet. */
  soon(task: () => void): void
}

/** The longest delay `setTimeout` keeps: a longer one fires at once (HTML, timers are 32-bit signed). */
const LONGEST_TIMEOUT = 2 ** 31 - 1

const after: Clock['after'] = (delay, task) => {
  let timer: ReturnType<typeof setTimeout>
  const arm = (left: number): void => {
    timer =
      left > LONGEST_TIMEOUT ? setTimeout(() => arm(left - LONGEST_TIMEOUT), LONGEST_TIMEOUT) : setTimeout(task, left)
  }
  arm(delay)
  return () => clearTimeout(timer)
}

/** The real clock. `soon` decides how far the frames of one task are gathered: a microtask in a page, `setImmediate` in a server. */
export const systemClock = (soon: Clock['soon'] = (task) => queueMicrotask(task)): Clock => ({
  now: () => performance.timeOrigin + performance.now(),
  after,
  soon,
})
