import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Hold, firstHold, nextHold } from '../../src/kernel/hold.ts'

/** A path on which every exchange takes `trip` ms on top, and nobody hangs for longer than `patience` ms undisturbed. */
const live = (
  exchanges: number,
  { trip = 50, patience = Infinity, queue = 0 } = {},
): { waits: number[]; cuts: number } => {
  const waits: number[] = []
  let cuts = 0
  let hold: Hold = firstHold
  for (let exchange = 0; exchange < exchanges; exchange++) {
    const asked = Math.round(hold.wait)
    waits.push(asked)
    const isCut = asked + trip > patience
    if (isCut) cuts++
    hold = nextHold(hold, isCut ? patience : asked + trip + queue, isCut)
  }
  return { waits, cuts }
}

describe('on a patient path', () => {
  test('holds begin at 4 s, double and stop below the patience of proxies and of either end', () => {
    expect(live(6).waits).toEqual([4_000, 8_000, 16_000, 22_000, 22_000, 22_000])
  })

  test('an answer that came early says nothing', () => {
    const hold: Hold = { wait: 8_000, growth: 2, trip: 50 }
    expect(nextHold(hold, 20, false)).toEqual(hold)
    expect(nextHold(hold, 7_999, false)).toEqual(hold)
  })

  test('what failed before anything could hold it says nothing, either', () => {
    const hold: Hold = { wait: 8_000, growth: 2, trip: 50 }
    expect(nextHold(hold, 399, true)).toEqual(hold)
  })
})

describe('on an impatient path', () => {
  test.each([500, 2_000, 5_000, 10_000, 15_000])('that cuts after %i ms, few exchanges are cut', (patience) => {
    const { waits, cuts } = live(100, { patience })
    expect(cuts).toBeLessThan(20)
    expect(Math.max(...waits.slice(10))).toBeLessThanOrEqual(patience * 1.1)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(250)
  })

  test('holds grow again after a cut, also where exchanges take no time', () => {
    const { waits } = live(8, { trip: 0, patience: 500 })
    expect(waits).toEqual([4_000, 250, 275, 303, 333, 366, 403, 443])
  })

  test('a cut halves what it got, and from then on holds grow slowly', () => {
    const cut = nextHold({ wait: 16_000, growth: 2, trip: 50 }, 10_000, true)
    expect(cut).toEqual({ wait: 5_000, growth: 1.1, trip: 50 })
    expect(nextHold(cut, 5_020, false).wait).toBeCloseTo(5_500)
  })
})

test('an exchange that was cut while the machine slept was not held for so long', () => {
  expect(nextHold({ wait: 16_000, growth: 2, trip: 50 }, 3_600_000, true).wait).toBe(8_000)
})

describe('where connections are few', () => {
  test('an answer that had to wait for one halves the hold, down to 850 ms', () => {
    expect(live(6, { queue: 3_000 }).waits).toEqual([4_000, 2_000, 1_000, 850, 850, 850])
  })

  test('what is shorter for other reasons gets no longer by it', () => {
    expect(nextHold({ wait: 300, growth: 1.1, trip: 50 }, 5_000, false).wait).toBe(300)
  })

  test('an answer is late that comes 700 ms later than one that had not to wait', () => {
    const hold = nextHold(firstHold, 4_050, false)
    expect([nextHold(hold, 8_750, false).wait, nextHold(hold, 8_751, false).wait]).toEqual([16_000, 4_000])
  })

  test('where round trips are long, answers come late without having waited', () => {
    expect(live(4, { trip: 1_600 }).waits).toEqual([4_000, 8_000, 16_000, 22_000])
  })
})

test('whatever is observed, holds stay in their bounds', () => {
  const observations = fc.array(fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.boolean()))
  const property = fc.property(observations, (observed) => {
    let hold = firstHold
    for (const [elapsed, cut] of observed) {
      hold = nextHold(hold, elapsed, cut)
      expect(hold.wait).toBeGreaterThanOrEqual(250)
      expect(hold.wait).toBeLessThanOrEqual(22_000)
    }
  })
  fc.assert(property, { numRuns: 1_000 })
})
