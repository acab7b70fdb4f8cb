import type { Clock } from '../platform/clock.ts'

/** Milliseconds that somebody may be woken too late: all who are due within them are woken together. */
const GRAIN = 50

/** Something that is woken. */
export interface Sleeper {
  /** With whom it is woken. */
  shift: Set<Sleeper> | undefined
  due(): void
}

/** When thousands are to be woken, with one timer: an alarm each would cost more than what sleeps. */
export interface Rota {
  /** At that time of the clock's, and at no other; Infinity: not at all. */
  set(sleeper: Sleeper, at: number): void
}

export const createRota = (clock: Clock): Rota => {
  const shifts = new Map<number, Set<Sleeper>>()
  let asleep = 0
  let armedFor = Infinity
  let disarm = (): void => {}

  const arm = (next: number): void => {
    disarm()
    armedFor = next
    disarm = next < Infinity ? clock.after(Math.max(0, next * GRAIN - clock.now()), ring) : () => {}
  }
  const ring = (): void => {
    const shift = shifts.get(armedFor)!
    shifts.delete(armedFor)
    arm(Math.min(...shifts.keys()))
    for (const sleeper of shift) {
      remove(sleeper)
      sleeper.due()
    }
  }
  const remove = (sleeper: Sleeper): void => {
    if (!sleeper.shift) return
    sleeper.shift.delete(sleeper)
    sleeper.shift = undefined
    if (--asleep > 0) return
    // Nobody is waited for.
    shifts.clear()
    arm(Infinity)
  }

  return {
    set(sleeper, at) {
      remove(sleeper)
      if (at === Infinity) return
      const place = Math.ceil(at / GRAIN)
      const shift = shifts.get(place) ?? new Set()
      shifts.set(place, shift)
      shift.add(sleeper)
      sleeper.shift = shift
      asleep++
      if (place < armedFor) arm(place)
    },
  }
}
