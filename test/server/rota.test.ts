import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { type Rota, type Sleeper, createRota } from '../../src/server/rota.ts'

const bedroom = () => {
  const clock = virtualClock()
  const start = clock.now()
  const rota: Rota = createRota(clock)
  const woken: [name: string, at: number][] = []
  const sleeper = (name: string): Sleeper => ({
    shift: undefined,
    due: () => void woken.push([name, clock.now() - start]),
  })
  return { clock, start, rota, woken, sleeper }
}

test('wakes each at its time, or a moment later', async () => {
  const { clock, start, rota, woken, sleeper } = bedroom()
  rota.set(sleeper('late'), start + 5_000)
  rota.set(sleeper('early'), start + 1_001)
  rota.set(sleeper('early as well'), start + 1_002)
  await clock.advance(10_000)
  expect(woken.map(([name]) => name)).toEqual(['early', 'early as well', 'late'])
  for (const [index, due] of [1_001, 1_002, 5_000].entries()) {
    expect(woken[index]![1]).toBeGreaterThanOrEqual(due)
    expect(woken[index]![1]).toBeLessThanOrEqual(due + 50)
  }
})

test('forgets the time before, and lets go', async () => {
  const { clock, start, rota, woken, sleeper } = bedroom()
  const [moved, freed] = [sleeper('moved'), sleeper('freed')]
  rota.set(moved, start + 1_000)
  rota.set(freed, start + 1_000)
  rota.set(moved, start + 3_000)
  rota.set(freed, Infinity)
  await clock.advance(2_000)
  expect(woken).toEqual([])
  await clock.advance(2_000)
  expect(woken.map(([name]) => name)).toEqual(['moved'])
})

test('has no timer while nobody sleeps', () => {
  const { clock, start, rota, sleeper } = bedroom()
  const one = sleeper('one')
  rota.set(one, start + 1_000)
  expect(clock.pending).toBe(1)
  rota.set(one, Infinity)
  expect(clock.pending).toBe(0)
})
