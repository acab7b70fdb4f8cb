/**
 * Thousands of random lives of the whole client and server on a virtual network.
 *
 *     npm run simulate                      2,000 lives, and 60 from network to network
 *     SEEDS=100000 npm run simulate         more of both
 *     SEED=123 npm run simulate             one of them: its trace or, if it goes wrong, the least that makes it go wrong
 *     LIFE=switching SEED=123 npm run simulate    one of the others
 */
import { env } from 'node:process'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { seededRandom } from 'holdfast/testing'
import { type LifeKind, lives as kinds } from './lives.ts'
import { createPlan } from './create-plan.ts'
import { search, type Search } from './run.ts'
import type { Verdict } from './scenario.ts'
import { shrink } from './shrink.ts'

const { SEEDS, SEED, LIFE } = env
/** Of each kind, in a usual run; and milliseconds that one may take on a busy machine. */
const USUAL = { any: 2_000, plain: 0, switching: 60 } satisfies Record<LifeKind, number>
const LONGEST = 500
/** Lines of a trace that a failure shows: those before the first violation. */
const SHOWN = 100

const planOf = (seed: number) => createPlan(seed, seededRandom(seed))

const endOf = ({ trace }: Verdict): string => {
  const lines = trace.format().split('\n')
  const end = lines.findIndex((line) => line.includes('VIOLATED')) + 1 || lines.length
  return lines.slice(Math.max(0, end - SHOWN), end).join('\n')
}

/** The least that goes wrong in the same way: its plan, and its trace up to the first violation. */
const explain = async (kind: LifeKind, seed: number): Promise<string> => {
  if (kind !== 'any') return endOf(await kinds[kind](seed))
  const { plan, verdict } = await shrink(planOf(seed))
  return `The least that makes it fail:\n${inspect(plan, { depth: 9, breakLength: 120 })}\n${endOf(verdict)}`
}

const searchAll = async (kind: LifeKind, first: number, last: number): Promise<Search> => {
  const found = await search({ first, last, enough: 5, kind })
  const { failures } = found
  const [failure] = failures
  if (failure) {
    const command = (seed: number): string => `${kind === 'any' ? '' : `LIFE=${kind} `}SEED=${seed} npm run simulate`
    const told = failures.map(({ seed, violations }) => `seed ${seed}: ${violations[0]}\n  ${command(seed)}`)
    throw new Error(`${told.join('\n')}\n\nSeed ${failure.seed}. ${await explain(kind, failure.seed)}`)
  }
  if (first === last) console.log((await kinds[kind](first)).trace.format())
  return found
}

for (const kind of ['any', 'switching'] as const) {
  const [first, last] = SEED === undefined ? [1, Number(SEEDS ?? USUAL[kind])] : [Number(SEED), Number(SEED)]
  const isMeant = SEED === undefined ? LIFE === undefined || LIFE === kind : (LIFE ?? 'any') === kind
  test.runIf(isMeant)(
    `the lives of seeds ${first} to ${last} go well (${kind})`,
    { timeout: 60_000 + (last - first) * LONGEST },
    async () => {
      const { lives, events } = await searchAll(kind, first, last)
      expect(lives).toBe(last - first + 1)
      // A simulation in which nothing happens finds nothing.
      expect(events).toBeGreaterThan(lives)
    },
  )
}

/** Lives that went wrong once, beyond those that every run lives, by what was wrong. */
test.each<[what: string, seed: number, kind: LifeKind]>([
  ['a flush waited for ever for what had expired', 48_041, 'plain'],
  ['a flush waited for ever for what had expired on the way back', 49_696, 'plain'],
  ['a burst of large volatile messages made a sound connection look dead', 19_953, 'plain'],
])('never again: %s (seed %i)', async (_, seed, kind) => {
  const { failures } = await search({ first: seed, last: seed, enough: 1, kind })
  expect(failures.map(({ violations }) => violations)).toEqual([])
})

test('a life lived twice has the same trace to the byte', async () => {
  for (const seed of [1, 2, 3, 7, 11]) {
    const [one, other] = [await kinds.any(seed), await kinds.any(seed)]
    expect(one.trace.format()).toBe(other.trace.format())
    expect(one.trace.events.length).toBeGreaterThan(10)
  }
})
