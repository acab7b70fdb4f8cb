import { describe, expect, test } from 'vitest'
import { createWindow } from '../../src/kernel/window.ts'

const PIECE = 16_384

/** A line that moves so many bytes a millisecond, with so long a way; the window is kept full for so many milliseconds. */
const run = (rate: number, way: number, duration: number, window = createWindow()): number[] => {
  const sizes: number[] = []
  const underWay: { at: number; arrive: (now: number) => void }[] = []
  let free = 0
  for (let now = 1; now <= duration; now++) {
    while (underWay[0] && underWay[0].at <= now) underWay.shift()!.arrive(now)
    while (window.admits(PIECE)) {
      free = Math.max(free, now) + PIECE / rate
      underWay.push({ at: free + way, arrive: window.send(PIECE, now) })
    }
    sizes.push(window.out())
  }
  return sizes
}

describe('what may be under way', () => {
  test('is little at first, and one piece at least', () => {
    const window = createWindow()
    for (let pieces = 0; pieces < 4; pieces++) {
      expect(window.admits(PIECE)).toBe(true)
      window.send(PIECE, 0)
    }
    expect(window.admits(PIECE)).toBe(false)
    expect(createWindow().admits(1e9)).toBe(true)
  })

  test.each([
    ['a slow line', 50, 20],
    ['a usual one', 1_000, 20],
    ['one round the world', 5_000, 300],
  ])('on %s is what it moves in the way there and back, and a tenth of a second', (_, rate, way) => {
    const sizes = run(rate, way, 10_000).slice(5_000)
    const least = way + PIECE / rate
    expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(3 * PIECE, rate * (least + 100) + 2 * PIECE))
    // The line is never idle.
    expect(Math.min(...sizes)).toBeGreaterThan(Math.min(2 * PIECE - 1, rate * way))
  })

  test('grows to 4 MiB where nothing is slow', () => {
    expect(Math.max(...run(1_000_000, 1, 1_000))).toBe(4_194_304)
  })

  test('follows a line that gets slower', () => {
    const window = createWindow()
    const before = run(5_000, 20, 3_000, window).at(-1)!
    const arrivals = Array.from({ length: 40 }, () => window.send(PIECE, 3_000))
    for (const [index, arrive] of arrivals.entries()) arrive(3_200 + index * 100)
    window.clear()
    let after = 0
    while (window.admits(PIECE)) {
      window.send(PIECE, 10_000)
      after += PIECE
    }
    expect(after).toBeLessThan(before / 3)
  })

  test('begins anew on a new carrier, and what was sent on the one before says nothing of it', () => {
    const window = createWindow()
    run(1_000_000, 1, 200, window)
    const arrive = window.send(PIECE, 200)
    window.start(1_000)
    arrive(9_000)
    window.clear()
    let size = 0
    while (window.admits(PIECE)) {
      window.send(PIECE, 9_000)
      size += PIECE
    }
    expect(size).toBe(65_536)
  })

  test('is forgotten with its session: what still arrives is not counted', () => {
    const window = createWindow()
    const arrive = window.send(PIECE, 0)
    window.clear()
    arrive(1)
    expect(window.out()).toBe(0)
  })
})
