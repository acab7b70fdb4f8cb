import { expect, test } from 'vitest'
import type { Encoded } from '../../src/kernel/message.ts'
import { createLoad, isOver, sizeOf } from '../../src/kernel/size.ts'

test('bytes are those of UTF-8', () => {
  expect(['', 'abc', 'ä', '漢', '🥊', '\u007f', '\u0080'].map(sizeOf)).toEqual([0, 3, 2, 3, 4, 1, 2])
  expect(sizeOf(new Uint8Array(7))).toBe(7)
})

test('a frame is over a limit by its bytes, not by its characters', () => {
  expect([2, 3, 4].map((limit) => isOver('abc', limit))).toEqual([true, false, false])
  expect([3, 8, 9].map((limit) => isOver('漢漢漢', limit))).toEqual([true, true, false])
  expect([isOver('', 0), isOver('', -1)]).toEqual([false, true])
})

test('what came and went weighs nothing, in any order', () => {
  const load = createLoad()
  const frames: Encoded[] = ['abc', 'ä', '漢字', new Uint8Array(7), '🥊', 'z']
  for (const frame of frames) load.add(frame)
  expect(load.bytes).toBe(3 + 2 + 6 + 7 + 4 + 1)
  for (const index of [2, 0, 5, 1, 4, 3]) load.remove(frames[index]!)
  expect(load.bytes).toBe(0)
  load.add('ä')
  load.clear()
  load.add('abc')
  load.remove('abc')
  expect(load.bytes).toBe(0)
})
