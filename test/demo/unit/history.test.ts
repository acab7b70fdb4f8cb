/** The newest of what was measured. */
import { expect, test } from 'vitest'
import { createHistory } from '../../../demo/uses/dashboard/history.ts'

test('who asks gets all that is new, and no more than is kept', async () => {
  const history = createHistory<{ readonly at: number }>(3)
  const next = history.next()
  for (let at = 1; at <= 5; at++) history.add({ at })
  await next
  expect([history.since(0), history.since(4), history.since(5)]).toEqual([
    [{ at: 3 }, { at: 4 }, { at: 5 }],
    [{ at: 5 }],
    [],
  ])
})
