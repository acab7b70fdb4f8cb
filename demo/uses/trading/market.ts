import type { Level, Quote, Side, Trade } from './contract.ts'
import { type Book, createBook } from './book.ts'
import { type Share, shares } from './shares.ts'
import { chanceAt, fairPrice } from './walk.ts'

/** Milliseconds after which the market has moved. */
export const STEP = 100
/** Milliseconds between two prices of a chart, and how many of them there are. */
const PRICE_EVERY = 500
const PRICES = 240
/** Trades that are remembered of a share. */
const TRADES = 30
const DAY = 86_400_000

/** One share as it stands now: looked at often or not at all, it costs only whoever looks. */
export interface Listing {
  readonly share: Share
  readonly book: Book
  readonly quote: Quote
  readonly trades: readonly Trade[]
  /** The price on the grid of the chart, behind this time. */
  prices(since: number): (readonly [at: number, price: number])[]
  /** Somebody took these. */
  trade(side: Side, fills: readonly Level[]): void
}

export interface Market {
  readonly listings: readonly Listing[]
  /** Undefined for what is not traded. */
  of(symbol: string): Listing | undefined
}

const createListing = (share: Share, seed: number, now: () => number): Listing => {
  let draws = 0
  const random = (): number => chanceAt(seed * 7, draws++)
  const book = createBook(share.tick, random)
  const fair = (at: number): number => fairPrice(seed, share.anchor, at)
  let settledAt = -Infinity
  let trades: Trade[] = []
  let seq = 0

  const trade = (side: Side, fills: readonly Level[]): void => {
    book.take(side, fills)
    const made = fills.map(([price, quantity]): Trade => ({ seq: ++seq, at: now(), price, quantity, side }))
    trades = [...trades, ...made].slice(-TRADES)
  }
  /** Others trade, too. */
  const settle = (): void => {
    if (now() - settledAt < STEP && now() >= settledAt) return
    settledAt = now()
    book.settle(fair(settledAt))
    if (random() > 0.3) return
    const side = random() < 0.5 ? 'buy' : 'sell'
    trade(side, book.match(side, Math.ceil(random() ** 2 * 40), side === 'buy' ? Infinity : 0))
  }
  return {
    share,
    get book() {
      settle()
      return book
    },
    get quote() {
      settle()
      const at = now()
      return {
        symbol: share.symbol,
        bid: book.bids[0]?.[0] ?? 0,
        ask: book.asks[0]?.[0] ?? 0,
        open: Math.round(fair(at - (at % DAY))),
      }
    },
    get trades() {
      settle()
      return trades
    },
    prices(since) {
      const last = Math.floor(now() / PRICE_EVERY) * PRICE_EVERY
      const first = Math.max(since + PRICE_EVERY, last - (PRICES - 1) * PRICE_EVERY)
      const count = Math.max(0, Math.floor((last - first) / PRICE_EVERY) + 1)
      return Array.from({ length: count }, (_, index) => {
        const at = first + index * PRICE_EVERY
        return [at, Math.round(fair(at))] as const
      })
    },
    trade,
  }
}

/** `now`: milliseconds since the epoch. */
export const createMarket = (now: () => number = Date.now): Market => {
  const listings = shares.map((share, index) => createListing(share, index + 1, now))
  return { listings, of: (symbol) => listings.find(({ share }) => share.symbol === symbol) }
}
