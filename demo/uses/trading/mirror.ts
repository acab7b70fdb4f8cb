import type { Level, Quote, Trade, Update } from './contract.ts'

/** Trades that are shown. */
const TRADES = 20
/** Prices that a chart has room for. */
const PRICES = 240

/** The market as a page knows it. */
export interface Mirror {
  readonly quotes: ReadonlyMap<string, Quote>
  /** Best price first. */
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  /** The newest, newest first. */
  readonly trades: readonly Trade[]
  readonly prices: Update['prices']
}

export const blank: Mirror = { quotes: new Map(), bids: [], asks: [], trades: [], prices: [] }

const merge = (levels: readonly Level[], changes: readonly Level[], direction: 1 | -1): Level[] =>
  [...new Map([...levels, ...changes])]
    .filter(([, quantity]) => quantity > 0)
    .toSorted(([one], [other]) => (one - other) * direction)

/** One more update, of the same share. */
export const reflect = (mirror: Mirror, update: Update): Mirror => ({
  quotes: new Map([...mirror.quotes, ...update.quotes.map((quote) => [quote.symbol, quote] as const)]),
  bids: merge(mirror.bids, update.bids, -1),
  asks: merge(mirror.asks, update.asks, 1),
  trades: [...update.trades.toReversed(), ...mirror.trades].slice(0, TRADES),
  prices: [...mirror.prices, ...update.prices].slice(-PRICES),
})
