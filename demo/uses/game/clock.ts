/** Steps that are late are made up for, but no more than these: a process that slept does not race. */
const MOST = 6

/** Steps so many times a second, as evenly as timers can. */
export const createClock = (rate: number, step: () => void) => {
  let timer: ReturnType<typeof setInterval> | undefined
  let due = 0
  const run = (): void => {
    const now = performance.now()
    for (let steps = 0; due <= now; due += 1_000 / rate) {
      if (++steps > MOST) {
        due = now
        return
      }
      step()
    }
  }
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    stop,
    /** Does nothing if it runs already. */
    start() {
      if (timer !== undefined) return
      due = performance.now()
      timer = setInterval(run, 1_000 / rate)
    },
  }
}
