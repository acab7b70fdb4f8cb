/** One's own boat: steps it ahead, tells the server where it steers, and takes the server's word for where it is. */
import type { Own, Steering } from './contract.ts'
import { createPrediction } from './prediction.ts'
import { type Boat, RATE, type Steer, adrift, steering } from './world.ts'

const TICK = 1_000 / RATE
/** Steps after which a rudder is told again, though it was not moved: the one before may have been lost. */
const AGAIN = 6
/** Steps that are made up for in one frame. A page that was hidden for longer begins where it is. */
const MOST = 15
/** Milliseconds without news after which the boat no longer sails on by itself. */
const BLIND = 1_000

interface HelmOptions {
  readonly rudder: () => Steer
  readonly send: (steering: Steering) => void
}

export const createHelm = ({ rudder, send }: HelmOptions) => {
  let prediction: ReturnType<typeof createPrediction> | undefined
  let told: Steering = [0, 0, 0]
  /** When each rudder was told, by its step. */
  const toldAt = new Map<number, number>()
  let due = 0
  let roundTrip: number | null = null
  let farthest = 0

  const step = (now: number, isBlind: boolean): void => {
    const { x, y } = isBlind ? adrift : rudder()
    const [px, py] = [Math.round(x * 100), Math.round(y * 100)]
    // The same numbers that the server gets, or it would sail another course.
    prediction!.step(steering(px / 100, py / 100))
    const { seq } = prediction!
    if (px === told[1] && py === told[2] && seq - told[0] < AGAIN) return
    told = [seq, px, py]
    toldAt.set(seq, now)
    if (toldAt.size > 2 * RATE) toldAt.delete(toldAt.keys().next().value!)
    send(told)
  }
  return {
    /** A boat to sail, the server has it there. What was steered before is forgotten. */
    take(boat: Boat) {
      const seq = prediction?.seq
      prediction = createPrediction(boat, seq)
      due = performance.now()
    },
    /** Steps up to now. `silence`: milliseconds since the server was last heard. */
    sail(now: number, silence: number) {
      if (!prediction) return
      if (now - due > MOST * TICK) due = now
      for (; due <= now; due += TICK) step(now, silence > BLIND)
    },
    correct(own: Own, now: number) {
      farthest = Math.max(farthest, prediction?.correct(own) ?? 0)
      const [seq, age] = own
      const at = toldAt.get(seq)
      if (at === undefined || age > AGAIN + 1) return
      // The server had it for `age` ticks, and half a one on average before it took it up.
      const took = Math.max(0, now - at - (age + 0.5) * TICK)
      roundTrip = roundTrip === null ? took : roundTrip + (took - roundTrip) / 10
    },
    /** Milliseconds from the rudder to the server's word on it; null: not known. */
    get roundTrip() {
      return roundTrip
    },
    /** Metres by which the server had to put the boat right, at most, since this was last asked. */
    takeCorrection(): number {
      const metres = farthest
      farthest = 0
      return metres
    },
    shown: (now: number) => prediction?.shown(Math.max(0, 1 - (due - now) / TICK)),
  }
}
export type Helm = ReturnType<typeof createHelm>
