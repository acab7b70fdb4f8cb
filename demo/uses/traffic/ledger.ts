import type { Database } from '../app.ts'
import { type Lane, type Tally, lanes } from './contract.ts'

/** What was heard of each page, on disk: a server that is killed has not forgotten. */
export interface Ledger {
  hear(page: string, lane: Lane, number: number): void
  /** The next number for this page. */
  say(page: string, lane: Lane): number
}

/** Milliseconds for which a page's numbers are kept. */
const KEPT = 86_400_000

/** What has become of a page's numbers. */
export const readTally = (database: Database, page: string): Record<Lane, Tally> => {
  const none: Tally = { delivered: 0, doubled: 0, newest: 0, said: 0 }
  const tallies = Object.fromEntries(lanes.map((lane) => [lane, none])) as Record<Lane, Tally>
  const rows = database.all<Tally & { readonly lane: Lane }>(
    `SELECT lane, said, (SELECT count(*) FROM heard WHERE heard.page = said.page AND heard.lane = said.lane) AS delivered,
       (SELECT coalesce(sum(times - 1), 0) FROM heard WHERE heard.page = said.page AND heard.lane = said.lane) AS doubled,
       (SELECT coalesce(max(number), 0) FROM heard WHERE heard.page = said.page AND heard.lane = said.lane) AS newest
     FROM said WHERE page = ?`,
    page,
  )
  for (const { lane, ...tally } of rows) tallies[lane] = tally
  return tallies
}

export const openLedger = (database: Database): Ledger => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS said (
      page TEXT NOT NULL, lane TEXT NOT NULL, said INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (page, lane)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS heard (
      page TEXT NOT NULL, lane TEXT NOT NULL, number INTEGER NOT NULL, times INTEGER NOT NULL,
      PRIMARY KEY (page, lane, number)
    ) STRICT, WITHOUT ROWID;
  `)
  database.run('DELETE FROM said WHERE at < ?', Date.now() - KEPT)
  database.run('DELETE FROM heard WHERE page NOT IN (SELECT page FROM said)')
  return {
    hear: (page, lane, number) =>
      void database.run(
        'INSERT INTO heard VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1',
        page,
        lane,
        number,
      ),
    say: (page, lane) =>
      database.all<{ said: number }>(
        'INSERT INTO said VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET said = said + 1 RETURNING said',
        page,
        lane,
        Date.now(),
      )[0]!.said,
  }
}
