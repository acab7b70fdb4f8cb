import { describe, expect, test } from 'vitest'
import { seededRandom } from 'holdfast/testing'

const draw = (seed: number, count = 1000): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random.float)
}

describe('seeded random', () => {
  test('the same seed gives the same sequence, another seed another', () => {
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test('the sequence of a seed never changes: a recorded seed must replay for ever', () => {
    expect(draw(1, 3)).toMatchInlineSnapshot(`
      [
        0.5636717735324055,
        0.5851113414391875,
        0.8959073920268565,
      ]
    `)
  })

  test('floats are spread evenly over [0, 1), for neighbouring seeds too', () => {
    const numbers = draw(42, 20_000)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    const buckets = Array.from({ length: 10 }, () => 0)
    for (const number of numbers) buckets[Math.floor(number * 10)]! += 1
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(200)
    const firsts = Array.from({ length: 2000 }, (_, seed) => draw(seed, 1)[0] as number)
    const mean = firsts.reduce((sum, number) => sum + number, 0) / firsts.length
    expect(mean).toBeCloseTo(0.5, 1)
  })

  test('int reaches both ends and nothing else', () => {
    const random = seededRandom(3)
    const seen = new Set(Array.from({ length: 500 }, () => random.int(-1, 2)))
    expect([...seen].sort((one, other) => one - other)).toEqual([-1, 0, 1, 2])
  })

  test('chance keeps its odds', () => {
    const random = seededRandom(4)
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length
    expect(hits).toBeGreaterThan(1800)
    expect(hits).toBeLessThan(2200)
    expect([random.chance(0), random.chance(1)]).toEqual([false, true])
  })

  test('pick takes each of the items, and refuses to pick from nothing', () => {
    const random = seededRandom(5)
    const seen = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])))
    expect(seen.size).toBe(3)
    expect(() => random.pick([])).toThrow('nothing to pick')
  })

  test('ids look like 128 bits of base64url and do not repeat', () => {
    const random = seededRandom(6)
    const ids = Array.from({ length: 1000 }, random.id)
    for (const id of ids) {
      expect(id).toMatch(/^[\w-]{21}[AQgw]$/)
      expect(atob(`${id.replaceAll('-', '+').replaceAll('_', '/')}==`)).toHaveLength(16)
    }
    expect(new Set(ids).size).toBe(1000)
  })

  test('a fork goes its own way: what it draws changes nothing for the others', () => {
    const one = seededRandom(9)
    const other = seededRandom(9)
    const [fork, unused] = [one.fork(), other.fork()]
    const drawn = Array.from({ length: 10 }, fork.float)
    expect(one.float()).toBe(other.float())
    expect(Array.from({ length: 10 }, unused.float)).toEqual(drawn)
    expect(one.fork().float()).not.toBe(fork.float())
  })
})
