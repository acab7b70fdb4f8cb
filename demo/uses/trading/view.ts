import type { Level, Quote, Update } from './contract.ts'
import type { Listing, Market } from './market.ts'

/** Trades that a page is told of: who was away wants the newest, and not all of them. */
const TRADES = 20

/** What differs between the levels that were told and those that are; and these are told then. */
const differences = (told: Map<number, number>, levels: readonly Level[]): Level[] => {
  const now = new Map(levels)
  const gone = [...told.keys()].filter((price) => !now.has(price)).map((price): Level => [price, 0])
  const changed = levels.filter(([price, quantity]) => told.get(price) !== quantity)
  for (const [price] of gone) told.delete(price)
  for (const [price, quantity] of changed) told.set(price, quantity)
  return [...gone, ...changed]
}

/** What one page has been told of the market, and from that, what is news to it: however long it was away, that is small. */
export const createView = (market: Market, listing: Listing): (() => Update) => {
  const quotes = new Map<string, string>()
  const bids = new Map<number, number>()
  const asks = new Map<number, number>()
  let seq = 0
  let pricedAt = 0

  const isNews = (quote: Quote): boolean => {
    const text = JSON.stringify(quote)
    const isSame = quotes.get(quote.symbol) === text
    quotes.set(quote.symbol, text)
    return !isSame
  }
  return () => {
    const prices = listing.prices(pricedAt)
    const trades = listing.trades.filter((trade) => trade.seq > seq).slice(-TRADES)
    pricedAt = prices.at(-1)?.[0] ?? pricedAt
    seq = trades.at(-1)?.seq ?? seq
    return {
      quotes: market.listings.map(({ quote }) => quote).filter(isNews),
      bids: differences(bids, listing.book.bids),
      asks: differences(asks, listing.book.asks),
      trades,
      prices,
    }
  }
}
