import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Database } from '../uses/app.ts'
import { transactionsOf } from '../uses/transaction.ts'

/** SQLite on disk, written ahead: a process that is killed loses nothing that it was told is kept. */
export const openDatabase = (file: string): Database => {
  const sqlite = new DatabaseSync(file)
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;')
  const exec = (sql: string): void => sqlite.exec(sql)
  const statements = new Map<string, ReturnType<typeof sqlite.prepare>>()
  const prepare = (sql: string): ReturnType<typeof sqlite.prepare> => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return {
    exec,
    all: <Row extends object>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    transaction: transactionsOf(exec),
    close: () => sqlite.close(),
  }
}
