import initSqlJs, { type Database as Sqlite, type SqlValue, type Statement } from 'sql.js'
import wasm from 'sql.js/dist/sql-wasm-browser.wasm?url'
import type { Database } from '../../uses/app.ts'
import { transactionsOf } from '../../uses/transaction.ts'

/** Where the tab keeps the disk between its pages. */
const KEY = 'disk'
/** The most bytes that are turned into text at once. */
const CHUNK = 8_192

/** Bytes as text, a character for each: a tab's storage takes nothing else, and takes it at once. */
const toText = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return text
}
const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** The port on SQLite that is compiled to WebAssembly, and what is on the disk. */
const open = (sqlite: Sqlite): Database & { bytes(): Uint8Array } => {
  const exec = (sql: string): void => void sqlite.exec(sql)
  const statements = new Map<string, Statement>()
  const prepare = (sql: string): Statement => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const all = <Row extends object>(sql: string, values: SqlValue[]): Row[] => {
    const statement = prepare(sql)
    const rows: Row[] = []
    try {
      statement.bind(values)
      while (statement.step()) rows.push(statement.getAsObject() as Row)
    } finally {
      statement.reset()
    }
    return rows
  }
  return {
    exec,
    all: <Row extends object>(sql: string, ...values: SqlValue[]) => all<Row>(sql, values),
    run(sql, ...values) {
      all(sql, values)
      return sqlite.getRowsModified()
    },
    transaction: transactionsOf(exec),
    close: () => sqlite.close(),
    bytes() {
      // Statements end when it is read.
      statements.clear()
      return sqlite.export()
    },
  }
}

/** The disks of the server in this page. */
export interface Disks {
  /** What outlives the page, for as long as the tab is there. */
  readonly kept: Database
  /** What only has to outlive the server. */
  readonly scratch: Database
}

export const openDisks = async (): Promise<Disks> => {
  // Handed over as bytes, since not every static host knows what kind of file this is.
  const wasmBinary = await (await fetch(wasm)).arrayBuffer()
  const { Database } = await initSqlJs({ wasmBinary })
  const before = sessionStorage.getItem(KEY)
  const kept = open(new Database(before === null ? undefined : toBytes(before)))
  const save = (): void => {
    try {
      sessionStorage.setItem(KEY, toText(kept.bytes()))
    } catch {
      // There is more than a tab may keep: its next page begins with an empty disk, rather than with an older one.
      sessionStorage.removeItem(KEY)
    }
  }
  // A page that is hidden may be thrown away without another word.
  document.addEventListener('visibilitychange', () => document.hidden && save())
  addEventListener('pagehide', save)
  // A page that is shown again has a disk that other pages have written to meanwhile.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  return { kept, scratch: open(new Database()) }
}
