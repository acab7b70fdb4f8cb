/** Orders are carried out once, and no cent comes or goes that is not in the ledger. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../demo/server/database.ts'
import type { Database } from '../../../demo/uses/app.ts'
import { recount } from '../../../demo/uses/trading/audit.ts'
import type { Order, Side } from '../../../demo/uses/trading/contract.ts'
import { type Exchange, START, openExchange } from '../../../demo/uses/trading/exchange.ts'
import { type Market, createMarket } from '../../../demo/uses/trading/market.ts'
import { createOwnOrders } from '../../../demo/uses/trading/own-orders.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const ANN = 'ann'

let database: Database
let market: Market
let exchange: Exchange
const open = (): void => {
  database = openDatabase(':memory:')
  market = createMarket(() => NOON)
  exchange = openExchange(database, market)
}
beforeEach(open)
afterEach(() => database.close())

const quote = (symbol = 'KEEL') => market.of(symbol)!.quote
const order = (id: string, side: Side = 'buy', quantity = 10, limit = side === 'buy' ? 1_000_000 : 1): Order => ({
  id,
  symbol: 'KEEL',
  side,
  quantity,
  limit,
})

describe('an order', () => {
  test('is filled from the best price on, and not beyond its limit', () => {
    const { asks } = market.of('KEEL')!.book
    const [[best, first], [next]] = [asks[0]!, asks[1]!]
    expect(exchange.order(ANN, order('one', 'buy', first + 5, best))).toMatchObject({
      filled: first,
      amount: first * best,
    })
    expect(exchange.order(ANN, order('two', 'buy', 5))).toMatchObject({ filled: 5, amount: 5 * next })
  })

  test('that is asked again has been carried out once, and is answered the same', () => {
    const outcome = exchange.order(ANN, order('once'))
    const account = exchange.account(ANN)
    expect(exchange.order(ANN, order('once'))).toEqual(outcome)
    expect(exchange.account(ANN)).toEqual(account)
    expect(account).toMatchObject({ cash: START - outcome.amount, positions: { KEEL: 10 } })
    expect(exchange.audit(ANN).repeated).toBe(1)
  })

  test('of one id may come from two people', () => {
    exchange.order(ANN, order('same'))
    expect(exchange.order('bea', order('same')).filled).toBe(10)
  })

  test.each([
    ['unknown-symbol', { symbol: 'NONE' }],
    ['bad-quantity', { quantity: 0 }],
    ['bad-quantity', { quantity: 1.5 }],
    ['bad-quantity', { quantity: 1_001 }],
    ['bad-price', { limit: 0 }],
    ['insufficient-shares', { side: 'sell', limit: 1 }],
  ] as const)('is refused: %s', (reason, part) => {
    const refused = { ...order('refused'), ...part }
    expect(() => exchange.order(ANN, refused)).toThrow(expect.objectContaining({ reason }))
    expect(exchange.account(ANN)).toMatchObject({ cash: START, positions: {} })
  })

  test('that costs more than there is is refused, and stays so when there is more', () => {
    const { ask } = quote()
    database.run('INSERT INTO accounts VALUES (?, ?)', ANN, ask - 1)
    const refused = expect.objectContaining({ reason: 'insufficient-funds' }) as unknown
    expect(() => exchange.order(ANN, order('dear', 'buy', 1))).toThrow(refused)
    database.run('UPDATE accounts SET cash = ?', START)
    expect(() => exchange.order(ANN, order('dear', 'buy', 1))).toThrow(refused)
  })

  test('that is withdrawn before it comes is never carried out', () => {
    expect(exchange.withdraw(ANN, 'early')).toMatchObject({ status: 'withdrawn' })
    expect(exchange.order(ANN, order('early'))).toMatchObject({ status: 'withdrawn', filled: 0 })
    expect(exchange.account(ANN).cash).toBe(START)
  })

  test('that was carried out cannot be withdrawn', () => {
    const outcome = exchange.order(ANN, order('late'))
    expect(exchange.withdraw(ANN, 'late')).toEqual(outcome)
  })
})

test('whatever is ordered, however often: cash and shares are what the ledger sums up to', () => {
  const anyOrder = fc.record({
    id: fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `order-${index}`)),
    symbol: fc.constantFrom('KEEL', 'FATH', 'NONE'),
    side: fc.constantFrom<Side>('buy', 'sell'),
    quantity: fc.constantFrom(0, 1, 7, 500, 1_000),
    limit: fc.constantFrom(1, 9_600, 40_000),
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(ANN, 'bea'), anyOrder, fc.boolean()), { maxLength: 40 }), (steps) => {
      database.close()
      open()
      const told = new Map<string, unknown>()
      for (const [person, given, withdraws] of steps) {
        let answer: unknown
        try {
          answer = withdraws ? exchange.withdraw(person, given.id) : exchange.order(person, given)
        } catch (error) {
          answer = (error as { reason: string }).reason
        }
        const key = `${person} ${given.id}`
        expect(answer).toEqual(told.get(key) ?? answer)
        told.set(key, answer)
      }
      for (const person of [ANN, 'bea']) {
        const { cash, start, entries, misplaced, orders } = exchange.audit(person)
        expect({ cash, misplaced }).toEqual({ cash: start + entries, misplaced: 0 })
        expect(orders.every(({ filled, shares }) => filled === Math.abs(shares))).toBe(true)
        expect(Math.min(cash, ...Object.values(exchange.account(person).positions))).toBeGreaterThanOrEqual(0)
      }
    }),
    { numRuns: 60 },
  )
})

describe('a recount', () => {
  const storage = { getItem: () => null, setItem: () => {} }
  const given = () => {
    const orders = createOwnOrders(storage, 'orders')
    for (const id of ['first', 'second']) {
      const outcome = exchange.order(ANN, order(id))
      orders.set({ order: order(id), at: NOON, state: outcome.status, outcome })
    }
    return orders.all
  }
  const clean = { orders: 2, repeated: 0, lost: 0, doubled: 0, off: 0, misplaced: 0 }

  test('finds nothing where all is well', () => {
    expect(recount(given(), exchange.audit(ANN))).toEqual(clean)
  })

  test('finds an order that is lost', () => {
    const own = given()
    database.run("DELETE FROM entries WHERE id = 'first'")
    const amount = own[0]!.outcome!.amount
    expect(recount(own, exchange.audit(ANN))).toEqual({ ...clean, lost: 1, off: 2 * amount, misplaced: 10 })
  })

  test('finds one that was booked twice, though the balance agrees', () => {
    const own = given()
    const { amount } = own[0]!.outcome!
    database.run(
      "INSERT INTO entries (person, id, symbol, shares, cents) VALUES (?, 'first', 'KEEL', 10, ?)",
      ANN,
      -amount,
    )
    database.run('UPDATE accounts SET cash = cash - ?', amount)
    expect(recount(own, exchange.audit(ANN))).toEqual({ ...clean, doubled: 1, off: amount, misplaced: 10 })
  })

  test('finds one that was carried out although it was withdrawn', () => {
    const own = given().map((each) => ({ order: each.order, at: each.at, state: 'withdrawn' as const }))
    expect(recount(own, exchange.audit(ANN))).toMatchObject({ doubled: 2 })
  })
})

test('orders are written down before they are settled, and the oldest that are settled go', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  }
  const orders = createOwnOrders(storage, 'orders')
  orders.set({ order: order('open'), at: NOON, state: 'sent' })
  for (let index = 0; index < 310; index++) orders.set({ order: order(`done-${index}`), at: NOON, state: 'withdrawn' })
  const ids = createOwnOrders(storage, 'orders').all.map((own) => own.order.id)
  expect([ids.length, ids[0], ids[1]]).toEqual([301, 'open', 'done-10'])
})
