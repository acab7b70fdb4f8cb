/** The kinds of lives, by name. */
import { seededRandom } from 'holdfast/testing'
import { createPlan } from './create-plan.ts'
import { livePages } from './pages.ts'
import { live, type Verdict } from './scenario.ts'
import { switchNetworks } from './switching.ts'

/** Each lives one seed. `any`: whatever comes. `plain`: the same, and tabs know WebSocket alone. `parcels`: the same, and there are messages with Blobs. `switching`: from network to network. `pages`: pages that come and go. */
export const lives = {
  any: (seed: number): Promise<Verdict> => live(createPlan(seed, seededRandom(seed))),
  plain: (seed: number): Promise<Verdict> => live(createPlan(seed, seededRandom(seed), 'plain')),
  parcels: (seed: number): Promise<Verdict> => live(createPlan(seed, seededRandom(seed), 'parcels')),
  switching: switchNetworks,
  pages: livePages,
}

/** One of them. */
export type LifeKind = keyof typeof lives
