/** Money is in whole cents, times in milliseconds since the epoch by the server's clock. */

export type Side = 'buy' | 'sell'

/** Buys or sells at once what there is at this price or a better one; the rest lapses. */
export interface Order {
  /** Made by the page that gives it: the same order sent twice is still one order. */
  readonly id: string
  readonly symbol: string
  readonly side: Side
  readonly quantity: number
  /** The worst price for a share. */
  readonly limit: number
}

/** What became of an order; of one that was refused, the request tells it by a `RequestError`, with one of the {@link refusals}. */
export interface Outcome {
  readonly id: string
  readonly status: 'filled' | 'withdrawn'
  /** Shares: all, some or none of them. */
  readonly filled: number
  /** What they cost, or brought. */
  readonly amount: number
}

/** Why an order is refused. */
export const refusals = {
  'unknown-symbol': 'There is no such share.',
  'bad-quantity': 'A whole number of shares, from 1 to 1,000.',
  'bad-price': 'A price above zero.',
  'insufficient-funds': 'That costs more than there is.',
  'insufficient-shares': 'So many are not held.',
} as const
export type Refusal = keyof typeof refusals

export interface Account {
  /** Names the ledger: another one knows nothing of what was before. */
  readonly ledger: string
  readonly cash: number
  /** Shares by symbol, those that are held. */
  readonly positions: Readonly<Record<string, number>>
}

export interface Quote {
  readonly symbol: string
  readonly bid: number
  readonly ask: number
  /** When the day began. */
  readonly open: number
}

export type Level = readonly [price: number, quantity: number]

export interface Trade {
  readonly seq: number
  readonly at: number
  readonly price: number
  readonly quantity: number
  /** Who came to the other: buyers lift, sellers hit. */
  readonly side: Side
}

/** What is new of the market since the item before; in a first one, all of it. */
export interface Update {
  readonly quotes: readonly Quote[]
  /** Levels that changed; those with nothing left are gone. */
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  /** The newest, oldest first. */
  readonly trades: readonly Trade[]
  readonly prices: readonly (readonly [at: number, price: number])[]
}

/** An order as the ledger has it. */
interface Booked {
  readonly id: string
  /** What the page was told, or will be when it asks again. */
  readonly filled: number
  /** How often it was asked for: more than once, where an answer was lost. */
  readonly asked: number
  /** Its entries, summed up: shares, and cents to the account or from it. */
  readonly shares: number
  readonly cents: number
}

/** All that it takes to count again. */
export interface Ledger {
  readonly cash: number
  /** What the account began with, and the sum of all its entries. */
  readonly start: number
  readonly entries: number
  /** Shares by which positions differ from the sum of their entries. */
  readonly misplaced: number
  /** How often orders came that were booked already. */
  readonly repeated: number
  /** The newest, at most 500. */
  readonly orders: readonly Booked[]
}

/** All that page and server say to each other: imported by both, so neither can misspell it. */
export interface Trading {
  toClient: {
    /** To every page of whoever gave the order. */
    filled: { readonly outcome: Outcome; readonly account: Account }
  }
  requests: {
    order(order: Order): Outcome
    /** If the order has come, what became of it; else it is never carried out, even if it comes yet. */
    withdraw(order: { readonly id: string }): Outcome
    account(): Account
    audit(): Ledger
  }
  streams: {
    /** Every share's quote, and of this one the book, the trades and the price. */
    market(input: { readonly symbol: string }): Update
  }
}
