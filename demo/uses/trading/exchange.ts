import { RequestError } from 'holdfast'
import type { Database } from '../app.ts'
import { type Account, type Ledger, type Level, type Order, type Outcome, type Refusal, refusals } from './contract.ts'
import type { Market } from './market.ts'

/** Cents that everybody begins with. */
export const START = 10_000_000
const MOST_SHARES = 1_000
/** Orders that an audit goes through one by one. */
const AUDITED = 500

/** Orders and accounts, on disk. Every method has done all of it when it returns, or nothing. */
export interface Exchange {
  /** Carries it out, once: of one that has come before it tells what became of it. Throws a `RequestError` for one that is refused. */
  order(person: string, order: Order): Outcome
  withdraw(person: string, id: string): Outcome
  account(person: string): Account
  audit(person: string): Ledger
}

interface Row {
  readonly status: 'filled' | 'withdrawn' | 'refused'
  readonly filled: number
  readonly amount: number
  readonly reason: Refusal | null
}

const schema = `
  CREATE TABLE IF NOT EXISTS ledger (id TEXT NOT NULL) STRICT;
  INSERT INTO ledger SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM ledger);
  CREATE TABLE IF NOT EXISTS accounts (person TEXT PRIMARY KEY, cash INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS positions (
    person TEXT NOT NULL, symbol TEXT NOT NULL, shares INTEGER NOT NULL, PRIMARY KEY (person, symbol)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL,
    filled INTEGER NOT NULL, amount INTEGER NOT NULL, reason TEXT, asked INTEGER NOT NULL, UNIQUE (person, id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, id TEXT NOT NULL, symbol TEXT NOT NULL,
    shares INTEGER NOT NULL, cents INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entries_by_order ON entries (person, id);
`

const cost = (fills: readonly Level[]): number => fills.reduce((sum, [price, quantity]) => sum + price * quantity, 0)
const count = (fills: readonly Level[]): number => fills.reduce((sum, [, quantity]) => sum + quantity, 0)

const told = (id: string, { status, filled, amount, reason }: Row): Outcome => {
  if (status === 'refused') throw new RequestError(reason!, refusals[reason!])
  return { id, status, filled, amount }
}

export const openExchange = (database: Database, market: Market): Exchange => {
  database.exec(schema)
  const ledger = database.all<{ id: string }>('SELECT id FROM ledger')[0]!.id

  const cashOf = (person: string): number => {
    database.run('INSERT OR IGNORE INTO accounts VALUES (?, ?)', person, START)
    return database.all<{ cash: number }>('SELECT cash FROM accounts WHERE person = ?', person)[0]!.cash
  }
  const held = (person: string, symbol: string): number =>
    database.all<{ shares: number }>('SELECT shares FROM positions WHERE person = ? AND symbol = ?', person, symbol)[0]
      ?.shares ?? 0

  const known = (person: string, id: string): Row | undefined =>
    database.all<Row>(
      'UPDATE orders SET asked = asked + 1 WHERE person = ? AND id = ? RETURNING status, filled, amount, reason',
      person,
      id,
    )[0]
  const keep = (person: string, id: string, row: Row): Row => {
    const { status, filled, amount, reason } = row
    database.run(
      'INSERT INTO orders (person, id, status, filled, amount, reason, asked) VALUES (?, ?, ?, ?, ?, ?, 1)',
      person,
      id,
      status,
      filled,
      amount,
      reason,
    )
    return row
  }
  const book = (person: string, { id, symbol, side }: Order, fills: readonly Level[]): void => {
    const sign = side === 'buy' ? 1 : -1
    for (const [price, quantity] of fills)
      database.run(
        'INSERT INTO entries (person, id, symbol, shares, cents) VALUES (?, ?, ?, ?, ?)',
        person,
        id,
        symbol,
        sign * quantity,
        -sign * quantity * price,
      )
    database.run('UPDATE accounts SET cash = cash - ? WHERE person = ?', sign * cost(fills), person)
    database.run(
      'INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET shares = shares + excluded.shares',
      person,
      symbol,
      sign * count(fills),
    )
  }

  /** Who is there for it, or why it is refused. */
  const look = (person: string, { symbol, side, quantity, limit }: Order): Refusal | Level[] => {
    const listing = market.of(symbol)
    if (!listing) return 'unknown-symbol'
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > MOST_SHARES) return 'bad-quantity'
    if (!Number.isSafeInteger(limit) || limit < 1) return 'bad-price'
    if (side === 'sell' && quantity > held(person, symbol)) return 'insufficient-shares'
    const fills = listing.book.match(side, quantity, limit)
    return side === 'buy' && cost(fills) > cashOf(person) ? 'insufficient-funds' : fills
  }

  return {
    order(person, order) {
      const { id, symbol, side } = order
      const { row, fills } = database.transaction(() => {
        const before = known(person, id)
        if (before) return { row: before, fills: [] }
        cashOf(person)
        const found = look(person, order)
        if (typeof found === 'string')
          return { row: keep(person, id, { status: 'refused', filled: 0, amount: 0, reason: found }), fills: [] }
        book(person, order, found)
        const filled = { status: 'filled', filled: count(found), amount: cost(found), reason: null } as const
        return { row: keep(person, id, filled), fills: found }
      })
      // Only what is kept has happened.
      if (fills.length > 0) market.of(symbol)?.trade(side, fills)
      return told(id, row)
    },
    withdraw: (person, id) =>
      told(
        id,
        database.transaction(
          () => known(person, id) ?? keep(person, id, { status: 'withdrawn', filled: 0, amount: 0, reason: null }),
        ),
      ),
    account: (person) => ({
      ledger,
      cash: cashOf(person),
      positions: Object.fromEntries(
        database
          .all<{ symbol: string; shares: number }>(
            'SELECT symbol, shares FROM positions WHERE person = ? AND shares <> 0 ORDER BY symbol',
            person,
          )
          .map(({ symbol, shares }) => [symbol, shares]),
      ),
    }),
    audit: (person) => ({
      cash: cashOf(person),
      start: START,
      ...database.all<Pick<Ledger, 'entries'>>(
        'SELECT coalesce(sum(cents), 0) AS entries FROM entries WHERE person = ?',
        person,
      )[0]!,
      ...database.all<Pick<Ledger, 'misplaced'>>(
        `SELECT coalesce(sum(abs(shares)), 0) AS misplaced FROM (
           SELECT sum(shares) AS shares FROM (
             SELECT symbol, shares FROM positions WHERE person = ?1
             UNION ALL SELECT symbol, -shares FROM entries WHERE person = ?1
           ) GROUP BY symbol)`,
        person,
      )[0]!,
      ...database.all<Pick<Ledger, 'repeated'>>(
        'SELECT coalesce(sum(asked - 1), 0) AS repeated FROM orders WHERE person = ?',
        person,
      )[0]!,
      orders: database.all<Ledger['orders'][number]>(
        `SELECT id, filled, asked,
           (SELECT coalesce(sum(shares), 0) FROM entries WHERE entries.person = orders.person AND entries.id = orders.id) AS shares,
           (SELECT coalesce(sum(cents), 0) FROM entries WHERE entries.person = orders.person AND entries.id = orders.id) AS cents
         FROM orders WHERE person = ? ORDER BY seq DESC LIMIT ?`,
        person,
        AUDITED,
      ),
    }),
  }
}
