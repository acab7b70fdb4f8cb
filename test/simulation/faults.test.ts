/** The simulation must be able to fail: it is shown what a library can get wrong, and has to find every one of it. */
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { search } from './run.ts'

/** Lives within which each fault must be found. */
const LIVES = 1_000
/** Milliseconds of a life that never ends. */
const PATIENCE = 10_000

test.each(faults)('it finds: $name', { timeout: 60_000 }, async ({ patches, near, kind }) => {
  const lasts = { first: near, last: near + LIVES - 1 }
  const { lives, failures } = await search({ ...lasts, enough: 1, patches, patience: PATIENCE, kind })
  expect(failures.length, `${lives} lives, and none went wrong`).toBeGreaterThan(0)
})
