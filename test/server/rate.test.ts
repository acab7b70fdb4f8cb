import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { createRateLimit } from '../../src/server/rate.ts'

test('ten seconds’ worth may come at once: an outbox that filled up offline must fit', () => {
  const limit = createRateLimit(100, virtualClock())
  expect([limit.take(600), limit.take(400), limit.take(1)]).toEqual([0, 0, 10])
})

test('what is taken too much is a debt, and the answer is when it is paid', async () => {
  const clock = virtualClock()
  const limit = createRateLimit(100, clock)
  expect(limit.take(1_500)).toBe(5_000)
  await clock.advance(4_990)
  expect(limit.take(0)).toBe(10)
  await clock.advance(10)
  expect(limit.take(0)).toBe(0)
})

test('a steady stream at the rate is never too much, and one above it is in the end', async () => {
  const clock = virtualClock()
  const steady = createRateLimit(100, clock)
  const greedy = createRateLimit(100, clock)
  const debts: [number, number][] = []
  for (let second = 0; second < 60; second++) {
    debts.push([steady.take(100), greedy.take(150)])
    await clock.advance(1_000)
  }
  expect(debts.filter(([debt]) => debt > 0)).toEqual([])
  expect(debts.findIndex(([, debt]) => debt > 0)).toBe(18)
})

test('rest saves up no more than the burst', async () => {
  const clock = virtualClock()
  const limit = createRateLimit(100, clock)
  await clock.advance(86_400_000)
  expect([limit.take(1_000), limit.take(1)]).toEqual([0, 10])
})

test('is full again when all that was taken has come back', async () => {
  const clock = virtualClock()
  const limit = createRateLimit(100, clock)
  expect(limit.isFull()).toBe(true)
  limit.take(50)
  await clock.advance(490)
  expect(limit.isFull()).toBe(false)
  await clock.advance(10)
  expect(limit.isFull()).toBe(true)
})

test('a limit that is none is always full', () => {
  const limit = createRateLimit(Infinity, virtualClock())
  limit.take(1_000_000)
  expect(limit.isFull()).toBe(true)
})
