import type { Boat, Lantern } from './world.ts'
import type { Snapshot } from './snapshot.ts'

/** A boat by who sails it. `number` names it in all that follows. */
export interface Sailor {
  readonly number: number
  readonly name: string
  /** Degrees on the colour wheel. */
  readonly hue: number
  readonly isBot: boolean
  readonly score: number
}

/** All there is to know of the harbour, for a page that knows nothing yet. */
export interface Scene {
  /** The boat of the page itself. */
  readonly you: Boat
  readonly sailors: readonly Sailor[]
  readonly lanterns: readonly Lantern[]
  readonly bots: number
}

/** The rudder, in hundredths each way; `seq` is the step of the page's own world that it was held in. */
export type Steering = readonly [seq: number, x: number, y: number]

/** Where the server has a page's boat: after that step of the page's, and so many of its own with the same rudder. */
export type Own = readonly [seq: number, age: number, x: number, y: number, heading: number, vx: number, vy: number]

export interface Game {
  toServer: {
    /** Volatile: what was steered a moment ago is of no use to anybody. */
    steer: Steering
    /** Nobody looks: no more news, please; or again. */
    rest: boolean
    /** How many boats the server is to sail. It says how many, not how many more: to hear it twice does no harm. */
    bots: number
  }
  toClient: {
    /** The first that a session hears, and again after a rest. Those below go on from there, each once and in order. */
    scene: Scene
    joined: Sailor
    left: number
    /** A boat has a lantern; the next one is lit elsewhere. */
    taken: { readonly lantern: number; readonly by: number; readonly score: number; readonly next: Lantern }
    bots: number
    /** Where everybody is, thirty times a second. Volatile: the next one says it better. */
    snapshot: Snapshot
    own: Own
  }
}
