/** What outlives the server: who has taken how many lanterns, and how many bots there are to be. */
import type { Database } from '../app.ts'

export interface Logbook {
  scoreOf(id: string): number
  /** One more; kept when this returns. Answers how many it is then. */
  score(id: string, name: string): number
  bots(): number
  keepBots(bots: number): void
}

const BOTS = 5

export const openLogbook = (database: Database): Logbook => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS game_scores (id TEXT PRIMARY KEY, name TEXT NOT NULL, score INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS game_settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  `)
  return {
    scoreOf: (id) => database.all<{ score: number }>('SELECT score FROM game_scores WHERE id = ?', id)[0]?.score ?? 0,
    score: (id, name) =>
      database.all<{ score: number }>(
        `INSERT INTO game_scores (id, name, score) VALUES (?, ?, 1)
         ON CONFLICT (id) DO UPDATE SET score = score + 1, name = excluded.name RETURNING score`,
        id,
        name,
      )[0]!.score,
    bots: () =>
      database.all<{ value: number }>(`SELECT value FROM game_settings WHERE name = 'bots'`)[0]?.value ?? BOTS,
    keepBots: (bots) =>
      void database.run(`INSERT OR REPLACE INTO game_settings (name, value) VALUES ('bots', ?)`, bots),
  }
}
