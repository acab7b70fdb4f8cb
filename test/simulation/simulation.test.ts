/**
 * Thousands of random lives of the whole client and server on a virtual network.
 *
 *     npm run simulate                      2,000 lives
 *     SEEDS=100000 npm run simulate         more of them
 *     SEED=123 npm run simulate             one of them: its trace or, if it goes wrong, the least that makes it go wrong
 */
import { env } from 'node:process'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { seededRandom } from 'holdfast/testing'
import { createPlan, type Plan } from './plan.ts'
import { search } from './run.ts'
import { live } from './scenario.ts'
import { shrink } from './shrink.ts'

const { SEEDS = '2000', SEED } = env
const [first, last] = SEED === undefined ? [1, Number(SEEDS)] : [Number(SEED), Number(SEED)]
/** Lines of a trace that a failure shows: those before the first violation. */
const SHOWN = 100

const planOf = (seed: number): Plan => createPlan(seed, seededRandom(seed))

/** The least that goes wrong in the same way: its plan, and its trace up to the first violation. */
const explain = async (seed: number): Promise<string> => {
  const { plan, verdict } = await shrink(planOf(seed))
  const lines = verdict.trace.format().split('\n')
  const end = lines.findIndex((line) => line.includes('VIOLATED')) + 1 || lines.length
  return [inspect(plan, { depth: 9, breakLength: 120 }), ...lines.slice(Math.max(0, end - SHOWN), end)].join('\n')
}

test(`the lives of seeds ${first} to ${last} go well`, { timeout: 60_000 + (last - first) * 50 }, async () => {
  const { lives, events, failures } = await search({ first, last, enough: 5 })
  const [failure] = failures
  if (failure) {
    const told = failures.map(
      ({ seed, violations }) => `seed ${seed}: ${violations[0]}\n  SEED=${seed} npm run simulate`,
    )
    throw new Error(
      `${told.join('\n')}\n\nThe least that makes seed ${failure.seed} fail:\n${await explain(failure.seed)}`,
    )
  }
  if (first === last) console.log((await live(planOf(first))).trace.format())
  expect(lives).toBe(last - first + 1)
  // A simulation in which nothing happens finds nothing.
  expect(events).toBeGreaterThan(lives)
})

/** Lives that went wrong once, beyond those that every run lives, by what was wrong. */
test.each([
  ['a flush waited for ever for what had expired', 48_041],
  ['a flush waited for ever for what had expired on the way back', 49_696],
  ['a burst of large volatile messages made a sound connection look dead', 19_953],
])('never again: %s (seed %i)', async (_, seed) => {
  const { failures } = await search({ first: seed, last: seed, enough: 1 })
  expect(failures.map(({ violations }) => violations)).toEqual([])
})

test('a life lived twice has the same trace to the byte', async () => {
  for (const seed of [1, 2, 3, 7, 11]) {
    const [one, other] = [await live(planOf(seed)), await live(planOf(seed))]
    expect(one.trace.format()).toBe(other.trace.format())
    expect(one.trace.events.length).toBeGreaterThan(10)
  }
})
