import type { Database } from './app.ts'

/** Transactions, for a database that runs these statements. */
export const transactionsOf =
  (exec: Database['exec']): Database['transaction'] =>
  (work) => {
    exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      exec('COMMIT')
      return result
    } catch (error) {
      exec('ROLLBACK')
      throw error
    }
  }
