/** The others, as they were a moment ago: between two snapshots there is nothing to guess. */
import { RATE, turn } from './world.ts'
import { type Seen, type Snapshot, decode } from './snapshot.ts'

/** Milliseconds that the others are shown late, so that there is a later snapshot to go towards: three of them. */
const DELAY = 100
/** Milliseconds of snapshots that are kept. */
const KEPT = 1_000
const TICK = 1_000 / RATE

type Frame = ReturnType<typeof decode>

const between = (from: Seen, to: Seen, share: number): Seen => ({
  x: from.x + (to.x - from.x) * share,
  y: from.y + (to.y - from.y) * share,
  heading: from.heading + turn(from.heading, to.heading) * share,
  isAdrift: to.isAdrift,
})

export const createInterpolation = () => {
  let frames: Frame[] = []
  /** When tick 0 was, by the page's clock, for those that come soonest. */
  let start = Infinity

  return {
    push(snapshot: Snapshot, now: number) {
      const frame = decode(snapshot)
      const last = frames.at(-1)
      // Another server counts anew.
      if (last && frame.tick <= last.tick) frames = []
      const began = now - frame.tick * TICK
      // One that comes late says little about the clock; where all do, it has stood still.
      if (began < start || began > start + 500) start = began
      else start += (began - start) / 100
      frames.push(frame)
      while (frames[0]!.tick < frame.tick - KEPT / TICK) frames.shift()
    },
    /** Everybody, as shown at this time of the page's clock. */
    at(now: number): ReadonlyMap<number, Seen> {
      const tick = (now - DELAY - start) / TICK
      let index = frames.findLastIndex((frame) => frame.tick <= tick)
      if (index < 0) index = 0
      const [from, to] = [frames[index], frames[index + 1]]
      if (!from) return new Map()
      if (!to || tick <= from.tick) return from.boats
      const share = (tick - from.tick) / (to.tick - from.tick)
      return new Map(
        Array.from(to.boats, ([number, seen]) => {
          const before = from.boats.get(number)
          return [number, before ? between(before, seen, share) : seen] as const
        }),
      )
    },
    reset() {
      frames = []
      start = Infinity
    },
  }
}
