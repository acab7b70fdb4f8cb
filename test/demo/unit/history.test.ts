/** The newest of what was measured. */
import { expect, test } from 'vitest'
import { openDatabase } from '../../../demo/server/database.ts'
import { openHistory } from '../../../demo/uses/dashboard/history.ts'

interface Moment {
  readonly at: number
}
const open = (database = openDatabase(':memory:')) => openHistory<Moment>(database, 3)

test('who asks gets all that is new, and no more than is kept', async () => {
  const history = open()
  const next = history.next()
  for (let at = 1; at <= 5; at++) history.add({ at })
  await next
  expect([history.since(0), history.since(4), history.since(5)]).toEqual([
    [{ at: 3 }, { at: 4 }, { at: 5 }],
    [{ at: 5 }],
    [],
  ])
})

test('the next server goes on with what the last one measured, and the disk does not fill', () => {
  const database = openDatabase(':memory:')
  const before = open(database)
  for (let at = 1; at <= 4; at++) before.add({ at })
  const after = open(database)
  expect(after.since(0)).toEqual([{ at: 2 }, { at: 3 }, { at: 4 }])
  after.add({ at: 5 })
  expect(after.since(3)).toEqual([{ at: 4 }, { at: 5 }])
  expect(database.all('SELECT at FROM dashboard_samples')).toHaveLength(3)
})
