import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHearing, reckon, sum } from '../../../demo/page/reckon.ts'

const heardOf = (...numbers: number[]) => {
  const hearing = createHearing()
  for (const number of numbers) hearing.hear(number)
  return hearing.heard
}

test('what is above the newest number that arrived may still come', () => {
  expect(reckon(5, heardOf(1, 2, 3), false)).toEqual({ sent: 5, delivered: 3, waiting: 2, lost: 0, doubled: 0 })
})

test('what is missing below it never comes', () => {
  expect(reckon(5, heardOf(1, 4), false)).toEqual({ sent: 5, delivered: 2, waiting: 1, lost: 2, doubled: 0 })
})

test('on a connection that is gone for good, nothing waits', () => {
  expect(reckon(5, heardOf(1, 2), true)).toEqual({ sent: 5, delivered: 2, waiting: 0, lost: 3, doubled: 0 })
})

test('one that comes again is doubled, and delivered once', () => {
  expect(reckon(3, heardOf(1, 2, 2, 2, 3), false)).toMatchObject({ delivered: 3, doubled: 2, lost: 0 })
})

test('one that arrived was sent, though the sender was asked before', () => {
  expect(reckon(1, heardOf(1, 2), false)).toEqual({ sent: 2, delivered: 2, waiting: 0, lost: 0, doubled: 0 })
})

test('every number is delivered, waiting or lost, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), fc.nat(20), fc.boolean(), (numbers, said, isDead) => {
      const heard = heardOf(...numbers)
      const both = sum(reckon(said, heard, isDead), reckon(said, heardOf(), isDead))
      for (const part of Object.values(both)) expect(part).toBeGreaterThanOrEqual(0)
      expect(both.delivered + both.waiting + both.lost).toBe(both.sent)
      expect(both.doubled + both.delivered).toBe(numbers.length)
    }),
  )
})
