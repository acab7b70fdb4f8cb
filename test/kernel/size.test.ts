import { expect, test } from 'vitest'
import { isOver, sizeOf } from '../../src/kernel/size.ts'

test('bytes are those of UTF-8', () => {
  expect(['', 'abc', 'ä', '漢', '🥊', '\u007f', '\u0080'].map(sizeOf)).toEqual([0, 3, 2, 3, 4, 1, 2])
  expect(sizeOf(new Uint8Array(7))).toBe(7)
})

test('a frame is over a limit by its bytes, not by its characters', () => {
  expect([2, 3, 4].map((limit) => isOver('abc', limit))).toEqual([true, false, false])
  expect([3, 8, 9].map((limit) => isOver('漢漢漢', limit))).toEqual([true, true, false])
  expect([isOver('', 0), isOver('', -1)]).toEqual([false, true])
})
