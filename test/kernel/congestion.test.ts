import { describe, expect, test } from 'vitest'
import { createCongestion } from '../../src/kernel/congestion.ts'

const KIB = 1_024

/** Sends all it may, in packets of 64 KiB, over a line that takes `rate` bytes a millisecond; returns the fullest buffer of each second. */
const run = (
  rate: number,
  seconds: number,
): { readonly fullest: number[]; readonly sent: number; readonly looks: number } => {
  const congestion = createCongestion()
  const fullest: number[] = []
  let [buffered, sent, looks] = [0, 0, 0]
  for (let now = 0; now < seconds * 1_000; now++) {
    buffered = Math.max(0, buffered - rate)
    if (congestion.deadline < Infinity && now < congestion.deadline) continue
    looks++
    while (!congestion.holds(buffered, now)) {
      buffered += 64 * KIB
      sent += 64 * KIB
    }
    const second = Math.floor(now / 1_000)
    fullest[second] = Math.max(fullest[second] ?? 0, buffered)
  }
  return { fullest, sent, looks }
}

describe('a carrier\u2019s buffer', () => {
  test.each([
    ['slow', 16],
    ['usual', 500],
    ['fast', 12_500],
  ])('on a %s line is never empty for long, and never holds more than it loses in half a second', (_, rate) => {
    const { fullest, sent } = run(rate, 40)
    expect(sent / (rate * 40_000)).toBeGreaterThan(0.9)
    expect(fullest.at(-1)).toBeLessThanOrEqual(Math.max(128 * KIB, rate * 500))
  })

  test('is looked at seldom while nothing leaves it', () => {
    expect(run(0, 60).looks).toBeLessThan(60)
  })

  test('takes a quarter of a mebibyte before anything is known, and again on a new carrier', () => {
    const congestion = createCongestion()
    expect([congestion.holds(256 * KIB, 0), congestion.holds(257 * KIB, 0)]).toEqual([false, true])
    expect(congestion.deadline).toBe(10)
    congestion.start()
    expect([congestion.deadline, congestion.holds(256 * KIB, 1)]).toEqual([Infinity, false])
  })
})
