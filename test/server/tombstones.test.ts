import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { createTombstones } from '../../src/server/tombstones.ts'

const DAY = 86_400_000

test('a session that is gone is remembered for a day, with how much it had got', async () => {
  const clock = virtualClock()
  const tombstones = createTombstones(clock)
  tombstones.bury('a', 7)
  tombstones.bury('b', 0)
  await clock.advance(DAY - 1)
  expect(['a', 'b', 'c'].map(tombstones.find)).toEqual([7, 0, undefined])
  await clock.advance(1)
  expect(tombstones.find('a')).toBeUndefined()
})

test('no more than a hundred thousand are: the oldest are forgotten first', () => {
  const tombstones = createTombstones(virtualClock())
  for (let index = 0; index <= 100_000; index++) tombstones.bury(`${index}`, index)
  expect([tombstones.find('0'), tombstones.find('1'), tombstones.find('100000')]).toEqual([undefined, 1, 100_000])
})

test('what is out of date makes room though there is some left', async () => {
  const clock = virtualClock()
  const tombstones = createTombstones(clock)
  tombstones.bury('old', 1)
  await clock.advance(DAY)
  tombstones.bury('new', 2)
  expect([tombstones.find('old'), tombstones.find('new')]).toEqual([undefined, 2])
})
