/** What the uses of the demo are made of. Their servers run in Node.js, and in a page that has no server: nothing here is Node's. */
import type { Contract, HoldfastError, Schemas, TransportName } from 'holdfast'
import type { ServerOptions, ServerSession } from 'holdfast/server'

/** Who uses a page. A tab makes its own person, and keeps it for as long as the tab lives. */
export interface Person {
  readonly id: string
  readonly name: string
  /** Degrees on the colour wheel. */
  readonly hue: number
}

/** Who connected, and from which page: a page is named anew each time it is loaded. */
export interface Visitor extends Person {
  readonly page: string
}

/** What a database is asked with and answers with. */
type Value = string | number | null | Uint8Array

/** SQLite, wherever it runs. */
export interface Database {
  /** Statements without answers. */
  exec(sql: string): void
  /** All rows, as objects by column. */
  all<Row extends object>(sql: string, ...values: Value[]): Row[]
  /** Answers how many rows changed. */
  run(sql: string, ...values: Value[]): number
  /** All of it or nothing: what `work` throws is thrown on, and undoes it. */
  transaction<T>(work: () => T): T
  close(): void
}

/** The part of a Holdfast server that a use needs: Node's has it, and that of the testing kit. */
interface AppServer<C extends Contract> {
  readonly sessions: ReadonlySet<ServerSession<C, Visitor>>
  on(event: 'session', listener: (session: ServerSession<C, Visitor>) => void): () => void
  on(event: 'error', listener: (error: HoldfastError) => void): () => void
  to(room: string): { send: ServerSession<C, Visitor>['send'] }
}

/** What the process can tell of itself. Every number is since its start, or of now. */
export interface Vitals {
  /** Share of one processor that was used since the last look, 0 to 1; null where nobody knows. */
  cpu(): number | null
  /** Bytes in use; null where nobody knows. */
  memory(): number | null
  /** Messages that all servers have read and written; null where nobody counts. */
  messages(): number | null
}

export interface AppContext {
  readonly database: Database
  readonly vitals: Vitals
  /** Every server of the demo, by the name of its use. */
  readonly servers: ReadonlyMap<
    string,
    { readonly sessions: ReadonlySet<{ readonly transport: TransportName | null }> }
  >
  /** Answers plain GETs of this path, in JSON: what one has without sessions. */
  get(path: string, answer: (query: URLSearchParams) => unknown): void
}

/** The server of one use. */
export interface App<C extends Contract> {
  /** Checks what comes in. */
  readonly schema: Schemas
  /** What this use needs otherwise than the others. */
  readonly options?: Pick<ServerOptions, 'keep' | 'limits'>
  /** Sets it up, before anybody connects. Returns what ends its timers. */
  serve(server: AppServer<C>, context: AppContext): () => void
}
