/** The simulation must be able to fail: it is shown what a library can get wrong, and has to find every one of it. */
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { search } from './run.ts'
import { invariants } from './violation.ts'

/** Lives within which each fault must be found. */
const LIVES = 1_000
/** Milliseconds of a life that never ends. */
const PATIENCE = 10_000

test.each(faults)('it finds, by "$breaks": $name', { timeout: 60_000 }, async ({ patches, near, kind, breaks }) => {
  const last = near + LIVES - 1
  const { lives, failures } = await search({
    first: near,
    last,
    enough: 1,
    wanted: breaks,
    patches,
    patience: PATIENCE,
    kind,
  })
  expect(failures.length, `${lives} lives, and none went wrong so`).toBeGreaterThan(0)
})

test('each invariant is broken by two faults at least', () => {
  const counts = Object.keys(invariants).map((name) => [name, faults.filter(({ breaks }) => breaks === name).length])
  expect(counts.filter(([, count]) => Number(count) < 2)).toEqual([])
})
