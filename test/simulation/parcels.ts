/** What a life has of messages with Blobs. */
import type { SeededRandom } from 'holdfast/testing'
import { type Act, isSlow, type Plan, type Step } from './plan.ts'

/** When nothing else happens, they go at once. */
const NOTHING: readonly Pick<Step, 'at' | 'client'>[] = [{ at: 0, client: 0 }]

const sides = ['client', 'server'] as const
/** None, less than a piece, some pieces, more than may be under way at first, and than is read at a time. */
const sizes = [0, 1, 300, 5_000, 20_000, 40_000, 90_000, 290_000]

/** Until it is withdrawn: before it goes, midway, or too late. */
const patience = (random: SeededRandom): number =>
  random.chance(0.3) ? random.pick([0, 10, 60, 300, 2_000]) * random.float() : Infinity

const someAct = (random: SeededRandom, plan: Plan): Act => {
  const side = random.pick(sides)
  const size = (): number => random.pick(isSlow(plan) ? sizes.slice(0, 6) : sizes)
  const abortAfter = patience(random)
  if (random.chance(0.65))
    return { do: 'send', side, kind: 'photo', count: random.pick([1, 1, 2]), size: size(), abortAfter }
  const isCopied = random.chance(0.5)
  const question = { do: 'ask', side, delay: random.pick([0, 10, 200]), timeout: Infinity, abortAfter } as const
  return {
    ...question,
    mode: random.pick(['at-once', 'later', 'refuse']),
    idempotent: random.chance(0.5),
    ...((!isCopied || random.chance(0.3)) && { photo: size() }),
    ...(isCopied && { copy: size() }),
  }
}

/** They are sent while other things happen, and the next thing may happen in their midst. */
export const parcels = (random: SeededRandom, plan: Plan): Step[] => {
  const steps: Step[] = []
  for (let count = random.int(1, 3); count > 0; count--) {
    const { at, client } = random.pick<Pick<Step, 'at' | 'client'>>(plan.steps.length > 0 ? plan.steps : NOTHING)
    const start = at + random.between(0, random.pick([10, 100, 1_000]))
    const middle = start + 4 * plan.latency * random.float() + random.between(0, 100)
    for (let more = random.int(1, 4); more > 0; more--)
      steps.push({ at: start + random.between(0, 50), client, act: someAct(random, plan) })
    steps.push({ at: middle, client, act: { do: 'send', side: random.pick(sides), kind: 'say', count: 2, size: 20 } })
    if (random.chance(0.4)) steps.push({ at: middle, client, act: { do: 'cut' } })
    else if (random.chance(0.5))
      steps.push({
        at: start,
        client,
        act: { do: 'cut', after: { [random.pick(['up', 'down'])]: random.int(0, 100_000) } },
      })
    if (plan.profile === 'lossy' && random.chance(0.5))
      steps.push({ at: middle, client, act: { do: 'restart', drain: random.chance(0.3), for: 300 * random.float() } })
  }
  return steps
}
