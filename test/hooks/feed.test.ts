import { expect, test } from 'vitest'
import { createFeed } from '../../src/hooks/feed.ts'

const feed = (count: number, history?: number): ReturnType<typeof createFeed> => {
  const made = createFeed(history)
  for (let item = 1; item <= count; item++) made.push(item)
  return made
}

test.each([
  [0, undefined, undefined],
  [5, undefined, 5],
  [0, 2, []],
  [1, 2, [1]],
  [2, 2, [1, 2]],
  [5, 2, [4, 5]],
  [1_000, 3, [998, 999, 1_000]],
  [3, 0, []],
  [3, Infinity, [1, 2, 3]],
])('of %i items a feed with a history of %s has %j', (count, history, kept) => {
  expect(feed(count, history).read()).toEqual(kept)
})

test('what was read is kept, and is the same array until something comes', () => {
  const { push, read } = feed(2, 3)
  const before = read()
  expect(read()).toBe(before)
  push(3)
  push(4)
  expect([before, read()]).toEqual([
    [1, 2],
    [2, 3, 4],
  ])
})

test('an item that was undefined is an item', () => {
  const { push, read } = feed(1, 2)
  push(undefined)
  expect(read()).toEqual([1, undefined])
})

test('what nobody reads takes no more room than twice what is kept', () => {
  const { push, read } = createFeed(2)
  const items = Array.from({ length: 100 }, () => new WeakRef({}))
  for (const item of items) push(item)
  expect(read()).toEqual(items.slice(-2))
})

test('once it was cleared, the next item is the first', () => {
  const { push, read, clear } = feed(3, 3)
  read()
  push(4)
  clear()
  expect(read()).toEqual([])
  push(5)
  expect(read()).toEqual([5])
})
