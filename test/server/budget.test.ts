import { describe, expect, test } from 'vitest'
import { createBudget } from '../../src/server/budget.ts'

/** Holders by name, and who had to pay, in order. */
const household = (limit: number) => {
  const budget = createBudget(limit)
  const paid: string[] = []
  const sizes: Record<string, number> = {}
  const add = (name: string) => {
    const account = budget.open(
      () => sizes[name] ?? 0,
      () => paid.push(name),
    )
    return {
      ...account,
      keep(bytes: number) {
        sizes[name] = bytes
        account.update()
      },
    }
  }
  return { add, paid, sizes }
}

describe('a budget', () => {
  test('of which no more is kept than there is makes nobody pay', () => {
    const { add, paid } = household(10_000)
    const [one, other] = [add('one'), add('other')]
    one.keep(5_000)
    other.keep(5_000)
    one.keep(4_000)
    other.keep(6_000)
    expect(paid).toEqual([])
  })

  test('that is overdrawn is paid for by who keeps most, not by who came last', () => {
    const { add, paid } = household(100_000)
    const [small, great, last] = [add('small'), add('great'), add('last')]
    small.keep(20_000)
    great.keep(70_000)
    last.keep(10_001)
    expect(paid).toEqual(['great'])
    last.keep(79_999)
    expect(paid).toEqual(['great'])
    last.keep(80_001)
    expect(paid).toEqual(['great', 'last'])
  })

  test('is paid for by as many as it takes, each once, and whoever has paid is not counted any more', () => {
    const { add, paid } = household(100_000)
    const some = Array.from({ length: 10 }, (_, index) => add(`${index}`))
    for (const account of some) account.keep(10_000)
    const giant = add('giant')
    giant.keep(50_000)
    expect(paid).toEqual(['giant'])
    giant.keep(99_000)
    add('next').keep(9_000)
    expect(paid).toEqual(['giant', '0'])
    for (const account of some) account.update()
    expect(paid).toEqual(['giant', '0'])
  })

  test('measures who is to pay: what has left meanwhile is not held against anybody', () => {
    const { add, paid, sizes } = household(100_000)
    const [fast, slow] = [add('fast'), add('slow')]
    fast.keep(60_000)
    sizes['fast'] = 0
    slow.keep(50_000)
    expect(paid).toEqual([])
    slow.keep(101_000)
    expect(paid).toEqual(['slow'])
  })

  test('has no use for those who keep next to nothing: they never pay', () => {
    const { add, paid } = household(10_000)
    for (let index = 0; index < 20; index++) add(`${index}`).keep(1_000)
    expect(paid).toEqual([])
    add('1 KiB').keep(1_024)
    expect(paid).toEqual(['1 KiB'])
  })

  test('forgets who has closed', () => {
    const { add, paid } = household(10_000)
    const [one, other] = [add('one'), add('other')]
    one.keep(9_000)
    one.close()
    one.close()
    one.keep(9_000)
    other.keep(9_999)
    expect(paid).toEqual([])
  })

  test('finds about the greatest: nobody pays who keeps a fifth less than another', () => {
    let seed = 1
    const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const sizes = new Map<number, number>()
    const budget = createBudget(5_000_000)
    const wrong: [number, number][] = []
    const payers = new Set<number>()
    const accounts = Array.from({ length: 300 }, (_, index) =>
      budget.open(
        () => sizes.get(index) ?? 0,
        () => {
          const size = sizes.get(index)!
          sizes.delete(index)
          payers.add(index)
          const greatest = Math.max(...sizes.values())
          if (size < greatest * 0.8) wrong.push([size, greatest])
        },
      ),
    )
    for (let round = 0; round < 20_000; round++) {
      const index = Math.floor(chance() * accounts.length)
      if (payers.has(index)) continue
      sizes.set(index, Math.floor(chance() ** 4 * 1_000_000))
      accounts[index]!.update()
    }
    expect([wrong, payers.size > 20]).toEqual([[], true])
  })
})
