/** The market, and what a page knows of it however seldom it is told. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBook } from '../../../demo/uses/trading/book.ts'
import type { Update } from '../../../demo/uses/trading/contract.ts'
import { createMarket } from '../../../demo/uses/trading/market.ts'
import { blank, reflect } from '../../../demo/uses/trading/mirror.ts'
import { createView } from '../../../demo/uses/trading/view.ts'
import { chanceAt, fairPrice } from '../../../demo/uses/trading/walk.ts'

const NOON = Date.UTC(2026, 0, 5, 12)

const createWorld = () => {
  const world = { now: NOON }
  const market = createMarket(() => world.now)
  return { world, market, listing: market.of('BARQ')! }
}

test('prices are the same each time, and without jumps', () => {
  const prices = Array.from({ length: 600 }, (_, index) => fairPrice(3, 10_000, NOON + index * 100))
  expect(prices).toEqual(Array.from({ length: 600 }, (_, index) => fairPrice(3, 10_000, NOON + index * 100)))
  const steps = prices.slice(1).map((price, index) => Math.abs(price - prices[index]!))
  expect(Math.max(...steps)).toBeLessThan(10)
  expect(new Set(prices.map(Math.round)).size).toBeGreaterThan(10)
})

test('a book has ten levels on each side, in order, wherever the price goes', () => {
  let draws = 0
  const book = createBook(2, () => chanceAt(1, draws++))
  fc.assert(
    fc.property(fc.double({ min: 100, max: 50_000, noNaN: true }), (fair) => {
      book.settle(fair)
      const [bids, asks] = [book.bids.map(([price]) => price), book.asks.map(([price]) => price)]
      const all = [...bids.toReversed(), ...asks]
      expect([bids.length, asks.length]).toEqual([10, 10])
      expect(all).toEqual(all.toSorted((one, other) => one - other))
      expect(new Set(all).size).toBe(20)
      expect([...book.bids, ...book.asks].every(([, quantity]) => quantity > 0)).toBe(true)
    }),
  )
})

test('what an order takes is what the book has less', () => {
  let draws = 0
  const book = createBook(2, () => chanceAt(2, draws++))
  book.settle(10_000)
  const sum = (): number => book.asks.reduce((total, [, quantity]) => total + quantity, 0)
  const before = sum()
  const fills = book.match('buy', 400, Infinity)
  expect(sum()).toBe(before)
  book.take('buy', fills)
  const taken = fills.reduce((total, [, quantity]) => total + quantity, 0)
  expect([sum(), taken]).toEqual([before - taken, Math.min(400, before)])
})

test('however long a page was away, one update brings it up to date', () => {
  const pauses = fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(pauses, (lengths) => {
      const { world, market, listing } = createWorld()
      const changes = createView(market, listing)
      let mirror = blank
      for (const length of lengths) {
        mirror = reflect(mirror, changes())
        world.now += length
      }
      mirror = reflect(mirror, changes())
      expect([mirror.bids, mirror.asks]).toEqual([listing.book.bids, listing.book.asks])
      expect([...mirror.quotes.values()]).toEqual(market.listings.map(({ quote }) => quote))
      expect(mirror.prices.at(-1)).toEqual(listing.prices(0).at(-1))
      expect(mirror.trades[0]).toEqual(listing.trades.at(-1))
    }),
    { numRuns: 60 },
  )
})

test('who was away for long is told no more than who was not', () => {
  const { world, market, listing } = createWorld()
  const changes = createView(market, listing)
  const size = (update: Update): number => JSON.stringify(update).length
  const first = size(changes())
  world.now += 100
  expect(size(changes())).toBeLessThan(first / 4)
  for (let looks = 0; looks < 1_000; looks++) {
    world.now += 100
    expect(listing.book.bids.length).toBeGreaterThan(0)
  }
  expect(size(changes())).toBeLessThan(1.5 * first)
})
