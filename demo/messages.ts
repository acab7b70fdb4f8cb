import { DatabaseSync } from 'node:sqlite'
import type { Message } from './contract.ts'

/** The conversation, on disk. */
export interface Messages {
  /** Keeps a message. One that is kept already comes back as it is: `isNew` says which. */
  add(message: Omit<Message, 'seq'>): { readonly message: Message; readonly isNew: boolean }
  /** At most the 200 newest behind this place, oldest first. */
  after(seq: number): Message[]
  close(): void
}

interface Row {
  readonly seq: number
  readonly id: string
  readonly author: string
  readonly text: string
  readonly at: number
}

const toMessage = ({ author, ...rest }: Row): Message => ({ ...rest, from: JSON.parse(author) as Message['from'] })

export const openMessages = (file: string): Messages => {
  const database = new DatabaseSync(file)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS messages (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      author TEXT NOT NULL,
      text TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
  `)
  // The id decides: what a page sends again after a lost session finds itself here and changes nothing.
  const insert = database.prepare('INSERT OR IGNORE INTO messages (id, author, text, at) VALUES (?, ?, ?, ?)')
  const find = database.prepare('SELECT * FROM messages WHERE id = ?')
  const newest = database.prepare(
    'SELECT * FROM (SELECT * FROM messages WHERE seq > ? ORDER BY seq DESC LIMIT 200) ORDER BY seq',
  )
  return {
    add({ id, from, text, at }) {
      const { changes } = insert.run(id, JSON.stringify(from), text, at)
      return { message: toMessage(find.get(id) as unknown as Row), isNew: changes === 1 }
    },
    after: (seq) => (newest.all(seq) as unknown as Row[]).map(toMessage),
    close: () => database.close(),
  }
}
