/** The simulation must be able to fail: it is shown what a library can get wrong, and has to find every one of it. */
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { findFault, seeds } from './find.ts'
import { invariants } from './violation.ts'

/** Lives within which each fault must be found: one, where it was found before, unless lives have changed since. */
const LIVES = 1_000

test.concurrent.each(faults)('it finds, by "$breaks": $name', { timeout: 120_000 }, async (fault) => {
  const { lives, failures } = await findFault(fault, seeds.get(fault.name) ?? 1, LIVES)
  expect(failures.length, `${lives} lives, and none went wrong so`).toBeGreaterThan(0)
})

test('each fault has a name of its own, and where one was found is known of those alone', () => {
  const names = faults.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect([...seeds.keys()].filter((name) => !names.includes(name))).toEqual([])
})

test('each invariant is broken by two faults at least', () => {
  const counts = Object.keys(invariants).map((name) => [name, faults.filter(({ breaks }) => breaks === name).length])
  expect(counts.filter(([, count]) => Number(count) < 2)).toEqual([])
})
