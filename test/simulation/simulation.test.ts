/** Thousands of random lives of the whole client and server on a virtual network; `npm run simulate` lives more of them. */
import { expect, test } from 'vitest'
import { type LifeKind, lives as kinds } from './lives.ts'
import { explain, search } from './run.ts'
import { describeViolation } from './violation.ts'

/** Milliseconds that a life may take on a busy machine. */
const LONGEST = 500

test.each<[kind: LifeKind, count: number]>([
  ['any', 1_000],
  ['parcels', 200],
  ['switching', 60],
  ['pages', 1_000],
])('lives go well: %s, %i of them', { timeout: 10_000 * LONGEST }, async (kind, count) => {
  const { lives, events, failures } = await search({ first: 1, last: count, enough: 5, kind })
  const [failure] = failures
  if (failure) {
    const told = failures.map(
      ({ seed, violations: [violation] }) =>
        `npm run simulate -- --life ${kind} --seed ${seed}: ${describeViolation(violation!)}`,
    )
    throw new Error(`${told.join('\n')}\n\n${failure.events > 0 ? await explain(kind, failure.seed) : ''}`)
  }
  expect(lives).toBe(count)
  // A simulation in which nothing happens finds nothing.
  expect(events).toBeGreaterThan(lives)
})

/** Lives that went wrong once, beyond those that every run lives, by what was wrong. */
test.each<[what: string, seed: number, kind: LifeKind]>([
  ['a flush waited for ever for what had expired', 48_041, 'plain'],
  ['a flush waited for ever for what had expired on the way back', 49_696, 'plain'],
  ['a page that was frozen again while it took over a place forgot that its own had gone to another', 96, 'pages'],
  ['a page that was frozen before its first hello said what another page had taken over', 814, 'pages'],
  ['a message with an empty Blob found what was left of one that was withdrawn', 288, 'parcels'],
  ['a flush waited for ever for a question with a Blob that was withdrawn', 348, 'parcels'],
  ['a flush did not wait for a message with a Blob before one that was withdrawn', 1_083, 'parcels'],
  ['a burst of large volatile messages made a sound connection look dead', 19_953, 'plain'],
  ['a server that began while a hello was under way took a question that another one had answered', 18_555, 'any'],
  ['the same of a hello by HTTP', 32_063, 'any'],
  ['a poll gave way with the answer on it, and what came in its place was given up for being slow', 34_514, 'any'],
  ['a poll gave way with the answer on it, to a push that only took longer than the opening', 39_640, 'any'],
  ['a hold of no whole milliseconds did not grow, so an idle page asked three times a second', 16_621, 'any'],
])('never again: %s (seed %i)', async (_, seed, kind) => {
  const { failures } = await search({ first: seed, last: seed, enough: 1, kind })
  expect(failures.map(({ violations }) => violations)).toEqual([])
})

test('a life lived twice has the same trace to the byte', async () => {
  const twice = [1, 2, 3, 7, 11].flatMap((seed) => (['any', 'parcels'] as const).map((kind) => ({ kind, seed })))
  for (const { kind, seed } of twice) {
    const [one, other] = [await kinds[kind](seed), await kinds[kind](seed)]
    expect(one.trace.format()).toBe(other.trace.format())
    expect(one.trace.events.length).toBeGreaterThan(10)
  }
})
