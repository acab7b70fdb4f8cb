import type { Database } from '../app.ts'

/** The newest of what was measured, on disk, and word of the next. */
export interface History<T extends { readonly at: number }> {
  add(sample: T): void
  /** All that are newer, oldest first. */
  since(at: number): readonly T[]
  /** Resolves with the next one. */
  next(): Promise<void>
}

/** `length`: the oldest go when there are more. */
export const openHistory = <T extends { readonly at: number }>(database: Database, length: number): History<T> => {
  database.exec('CREATE TABLE IF NOT EXISTS dashboard_samples (at REAL PRIMARY KEY, sample TEXT NOT NULL) STRICT')
  const samples = database
    .all<{ sample: string }>('SELECT sample FROM dashboard_samples ORDER BY at DESC LIMIT ?', length)
    .map(({ sample }) => JSON.parse(sample) as T)
    .toReversed()
  let waiting: (() => void)[] = []
  return {
    add(sample) {
      samples.push(sample)
      database.run('INSERT OR REPLACE INTO dashboard_samples VALUES (?, ?)', sample.at, JSON.stringify(sample))
      if (samples.length > length) samples.shift()
      database.run('DELETE FROM dashboard_samples WHERE at < ?', samples[0]!.at)
      for (const resolve of waiting.splice(0)) resolve()
    },
    since: (at) => samples.filter((sample) => sample.at > at),
    next: () => new Promise((resolve) => (waiting = [...waiting, resolve])),
  }
}
