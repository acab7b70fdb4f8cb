/** One's own boat, where it will be when the server hears of the rudder: no waiting for a round trip. */
import type { Own } from './contract.ts'
import { type Boat, RATE, type Steer, move, turn } from './world.ts'

/** Rudders that are remembered: what is older than two seconds, the server has decided. */
const KEPT = 2 * RATE
/** Metres beyond which a correction is no longer hidden. */
const JUMP = 160
/** What is left of a correction after each step: a quarter of a second hides it. */
const FADE = 0.85

interface Shown {
  readonly x: number
  readonly y: number
  readonly heading: number
}

/** `seq`: the last step that was counted before. */
export const createPrediction = (boat: Boat, seq = 0) => {
  let before = boat
  let now = boat
  let held: { readonly seq: number; readonly steer: Steer }[] = []
  /** What is shown beside what is foreseen, so that a correction is a drift and no jump. */
  let offset: Shown = { x: 0, y: 0, heading: 0 }

  const advance = (steer: Steer): void => {
    before = now
    now = move(now, steer)
  }
  return {
    /** The last step. It goes on counting, whatever the server forgets. */
    get seq() {
      return seq
    },
    get boat() {
      return now
    },
    step(steer: Steer) {
      seq++
      held.push({ seq, steer })
      if (held.length > KEPT) held.shift()
      advance(steer)
      offset = { x: offset.x * FADE, y: offset.y * FADE, heading: offset.heading * FADE }
    },
    /** The server's word: from there on, what was steered since is sailed anew. Answers how far off it had been, in metres. */
    correct([acknowledged, age, x, y, heading, vx, vy]: Own): number {
      const foreseen = now
      before = now = { ...now, x, y, heading, vx, vy }
      held = held.filter((each) => each.seq > acknowledged + age)
      for (const { steer } of held) advance(steer)
      const [dx, dy] = [foreseen.x + offset.x - now.x, foreseen.y + offset.y - now.y]
      const isFar = Math.hypot(dx, dy) > JUMP
      offset = isFar
        ? { x: 0, y: 0, heading: 0 }
        : { x: dx, y: dy, heading: turn(now.heading, foreseen.heading + offset.heading) }
      return Math.hypot(foreseen.x - now.x, foreseen.y - now.y)
    },
    /** Between the last step and the one before it: pages draw when they like. */
    shown(share: number): Shown {
      return {
        x: before.x + (now.x - before.x) * share + offset.x,
        y: before.y + (now.y - before.y) * share + offset.y,
        heading: before.heading + turn(before.heading, now.heading) * share + offset.heading,
      }
    },
  }
}
