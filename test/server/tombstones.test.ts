import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { createTombstones } from '../../src/server/tombstones.ts'

const DAY = 86_400_000

test('a session that is gone is remembered for a day, with how much it had got if that is known', async () => {
  const clock = virtualClock()
  const tombstones = createTombstones(clock)
  tombstones.bury('a', 7)
  tombstones.bury('b', 0)
  tombstones.bury('c')
  await clock.advance(DAY - 1)
  const found = ['a', 'b', 'c', 'd'].map(tombstones.find)
  expect(found).toMatchObject([{ got: 7 }, { got: 0 }, { got: undefined }, undefined])
  await clock.advance(1)
  expect(tombstones.find('a')).toBeUndefined()
})

test('no more than a hundred thousand are: the oldest are forgotten first', () => {
  const tombstones = createTombstones(virtualClock())
  for (let index = 0; index <= 100_000; index++) tombstones.bury(`${index}`, index)
  expect(['0', '1', '100000'].map((id) => tombstones.find(id)?.got)).toEqual([undefined, 1, 100_000])
})

test('what is out of date makes room though there is some left', async () => {
  const clock = virtualClock()
  const tombstones = createTombstones(clock)
  tombstones.bury('old', 1)
  await clock.advance(DAY)
  tombstones.bury('new', 2)
  expect(['old', 'new'].map((id) => tombstones.find(id)?.got)).toEqual([undefined, 2])
})
