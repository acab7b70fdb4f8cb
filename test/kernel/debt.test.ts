import { expect, test } from 'vitest'
import { createDebt } from '../../src/kernel/debt.ts'

test('it is due a second after the first, whatever comes meanwhile', () => {
  let time = 5_000
  const debt = createDebt({ now: () => time })
  expect(debt.deadline).toBe(Infinity)
  expect(debt.add(10)).toBe(false)
  time += 900
  expect(debt.add(10)).toBe(false)
  expect(debt.deadline).toBe(6_000)
  expect([5_249, 5_250].map(debt.rides)).toEqual([false, true])
  debt.clear()
  expect(debt.deadline).toBe(Infinity)
  expect(debt.rides(time)).toBe(false)
})

test('it is due at once after 64 messages, or 256 Ki characters', () => {
  const debt = createDebt({ now: () => 0 })
  const due = (size: number): number => {
    for (let count = 1; ; count++) if (debt.add(size)) return count
  }
  expect(due(1)).toBe(64)
  debt.clear()
  expect(due(65_536)).toBe(4)
})
