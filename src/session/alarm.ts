import type { Clock } from '../platform/clock.ts'

/** One timer for all of an endpoint's deadlines. */
export interface Alarm {
  /** The next deadline, in the clock's time; Infinity disarms. */
  set(at: number): void
}

/**
 * A deadline that moves later does not touch the timer: it fires, finds nothing due, and is armed again. So a
 * connection that hears a thousand messages a second still arms one timer per idle period (as Engine.IO does).
 */
export const createAlarm = (clock: Clock, due: () => void): Alarm => {
  let cancel: (() => void) | undefined
  let armedFor = Infinity
  let deadline = Infinity
  const arm = (at: number): void => {
    cancel?.()
    armedFor = at
    cancel = at < Infinity ? clock.after(Math.max(0, at - clock.now()), fire) : undefined
  }
  const fire = (): void => {
    armedFor = Infinity
    if (clock.now() < deadline) arm(deadline)
    else due()
  }
  return {
    set(at) {
      deadline = at
      if (at < armedFor || at === Infinity) arm(at)
    },
  }
}
