/** The kinds of lives, by name. */
import { seededRandom } from 'holdfast/testing'
import { createPlan } from './create-plan.ts'
import { live, type Verdict } from './scenario.ts'
import { switchNetworks } from './switching.ts'

/** Each lives one seed. `any`: whatever comes. `plain`: the same, and tabs know WebSocket alone. `switching`: from network to network. */
export const lives = {
  any: (seed: number): Promise<Verdict> => live(createPlan(seed, seededRandom(seed))),
  plain: (seed: number): Promise<Verdict> => live(createPlan(seed, seededRandom(seed), true)),
  switching: switchNetworks,
}

/** One of them. */
export type LifeKind = keyof typeof lives
