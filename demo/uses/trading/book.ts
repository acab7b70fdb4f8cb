import type { Level, Side } from './contract.ts'

/** Levels on each side. */
export const DEPTH = 10

/** Who waits to buy and to sell one share, best price first. */
export interface Book {
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  /** The market moves: prices that are out of place go, and others come. */
  settle(fair: number): void
  /** Who is there for an order, at its limit or better. Changes nothing. */
  match(side: Side, quantity: number, limit: number): Level[]
  /** Those are gone. */
  take(side: Side, fills: readonly Level[]): void
}

export const createBook = (tick: number, random: () => number): Book => {
  let bids: readonly Level[] = []
  let asks: readonly Level[] = []
  const some = (): number => 5 * Math.ceil(60 * random() ** 2 + 2)

  /** Those who were there stay, mostly. */
  const refill = (levels: readonly Level[], best: number, step: number): Level[] => {
    const before = new Map(levels)
    return Array.from({ length: DEPTH }, (_, index) => {
      const price = best + index * step
      return [price, random() < 0.06 ? some() : (before.get(price) ?? some())]
    })
  }
  return {
    get bids() {
      return bids
    },
    get asks() {
      return asks
    },
    settle(fair) {
      const bid = Math.max(tick * DEPTH, tick * Math.floor((fair - tick / 2) / tick))
      bids = refill(bids, bid, -tick)
      asks = refill(asks, bid + tick, tick)
    },
    match(side, quantity, limit) {
      const fills: Level[] = []
      let left = quantity
      for (const [price, there] of side === 'buy' ? asks : bids) {
        if (left === 0 || (side === 'buy' ? price > limit : price < limit)) break
        const taken = Math.min(left, there)
        fills.push([price, taken])
        left -= taken
      }
      return fills
    },
    take(side, fills) {
      const taken = new Map(fills)
      const rest = (levels: readonly Level[]): Level[] =>
        levels.flatMap(([price, there]) => {
          const left = there - (taken.get(price) ?? 0)
          return left > 0 ? [[price, left] as const] : []
        })
      if (side === 'buy') asks = rest(asks)
      else bids = rest(bids)
    },
  }
}
