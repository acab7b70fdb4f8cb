/** The exchange on a network that breaks, in virtual time: what reaches a page that was away, and what becomes of its orders. */
import { type Socket } from 'holdfast'
import { createTestServer } from 'holdfast/testing'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../../demo/server/database.ts'
import type { AppContext, Visitor } from '../../../demo/uses/app.ts'
import { recount } from '../../../demo/uses/trading/audit.ts'
import type { Order, Trading } from '../../../demo/uses/trading/contract.ts'
import { type Mirror, blank, reflect } from '../../../demo/uses/trading/mirror.ts'
import { type OwnOrder, createOwnOrders } from '../../../demo/uses/trading/own-orders.ts'
import { trading } from '../../../demo/uses/trading/server.ts'
import { createTrader } from '../../../demo/uses/trading/trader.ts'

const ANN: Visitor = { id: 'ann', name: 'Ann', hue: 0, page: 'page' }

const startServer = () => {
  const database = openDatabase(':memory:')
  const context: AppContext = {
    database,
    vitals: { cpu: () => null, memory: () => null, messages: () => null },
    servers: new Map(),
    get: () => {},
  }
  const server = createTestServer<Trading, Visitor>({
    server: { schema: trading.schema, authenticate: () => ANN },
    serve: (core) => void trading.serve(core as never, context),
  })
  onTestFinished(() => {
    server.close()
    database.close()
  })
  return server
}
type Server = ReturnType<typeof startServer>

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)

describe('the market', () => {
  /** A page that reads it. */
  const watch = (socket: Socket<Trading>) => {
    const seen: { items: number; mirror: Mirror } = { items: 0, mirror: blank }
    const read = async (): Promise<void> => {
      for await (const update of socket.stream('market', { symbol: 'BARQ' })) {
        seen.items++
        seen.mirror = reflect(seen.mirror, update)
      }
    }
    void read().catch(() => {})
    return seen
  }
  /** Milliseconds since the newest price that the page knows. */
  const age = ({ mirror }: { mirror: Mirror }): number => Date.now() - mirror.prices.at(-1)![0]

  test('comes ten times a second', async () => {
    const seen = watch(startServer().connect())
    await pass(3_000)
    expect(seen.items).toBeGreaterThan(25)
    expect(seen.items).toBeLessThanOrEqual(31)
  })

  test('does not pile up for a page that was held: it gets what is newest', async () => {
    const server = startServer()
    const seen = watch(server.connect())
    await pass(1_000)
    const before = seen.items
    server.network.stall()
    await pass(3_000)
    server.network.heal()
    await pass(120)
    expect(seen.items).toBeLessThanOrEqual(before + 3)
    expect(age(seen)).toBeLessThan(500 + 120)
  })
})

describe('orders', () => {
  const order = (id: string): Order => ({
    id: `an-order-${id}`,
    symbol: 'KEEL',
    side: 'buy',
    quantity: 2,
    limit: 1_000_000,
  })
  /** What `sessionStorage` keeps for the next page of a tab. */
  const createStorage = () => {
    const kept = new Map<string, string>()
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    }
  }
  const openPage = (server: Server, storage = createStorage()) => {
    const socket = server.connect()
    const orders = createOwnOrders(storage, 'orders')
    const states: OwnOrder['state'][] = []
    const trader = createTrader({ socket, orders, tell: () => {}, changed: ({ state }) => states.push(state) })
    const audit = async () => {
      const asked = socket.request('audit', undefined, { timeout: Infinity, idempotent: true })
      await pass(10_000)
      return recount(orders.all, await asked)
    }
    return { socket, orders, states, trader, audit }
  }
  const right = { lost: 0, doubled: 0, off: 0, misplaced: 0 }

  test('given without a network wait, and are carried out once', async () => {
    const server = startServer()
    const page = openPage(server)
    await pass(100)
    server.network.offline()
    await pass(100)
    for (const id of ['1', '2', '3']) page.trader.give(order(id))
    await pass(60_000)
    expect(page.states).toEqual(['waiting', 'waiting', 'waiting'])
    server.network.online()
    expect(await page.audit()).toEqual({ ...right, orders: 3, repeated: 0 })
    expect(page.orders.all.map(({ outcome }) => outcome?.filled)).toEqual([2, 2, 2])
  })

  test('whose answer was lost with its server are asked for again, and carried out once', async () => {
    const server = startServer()
    const page = openPage(server)
    await pass(100)
    server.network.stall('down')
    page.trader.give(order('1'))
    await pass(100)
    expect(page.states).toEqual(['sent'])
    server.restart()
    server.network.heal()
    expect(await page.audit()).toEqual({ ...right, orders: 1, repeated: 1 })
  })

  test('that a page left open are asked for by the next one', async () => {
    const server = startServer()
    const storage = createStorage()
    const page = openPage(server, storage)
    await pass(100)
    server.network.stall('down')
    page.trader.give(order('1'))
    await pass(100)
    server.network.offline()
    page.trader.give(order('2'))
    void page.socket.close({ timeout: 0 })
    await pass(100)
    server.network.online()
    server.network.heal()
    expect(await openPage(server, storage).audit()).toEqual({ ...right, orders: 2, repeated: 1 })
  })

  test('withdrawn before they leave never leave', async () => {
    const server = startServer()
    const page = openPage(server)
    await pass(100)
    server.network.offline()
    await pass(100)
    page.trader.give(order('1'))
    page.trader.withdraw('an-order-1')
    server.network.online()
    expect(await page.audit()).toEqual({ ...right, orders: 1, repeated: 0 })
    expect(page.states).toEqual(['waiting', 'withdrawn'])
    expect(server.received('order')).toEqual([])
  })

  test('withdrawn too late are what they are', async () => {
    const server = startServer()
    const page = openPage(server)
    await pass(100)
    server.network.stall('down')
    page.trader.give(order('1'))
    await pass(100)
    page.trader.withdraw('an-order-1')
    server.network.heal()
    expect(await page.audit()).toMatchObject(right)
    expect(page.states).toEqual(['sent', 'withdrawing', 'filled'])
  })
})
