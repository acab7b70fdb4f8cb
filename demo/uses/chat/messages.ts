import type { Database } from '../app.ts'
import type { Message, Picture } from './contract.ts'

/** Messages of a room's past that are told at once. */
const PAGE = 50

/** The bytes of a picture. */
export interface File {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What was said, on disk. */
export interface Messages {
  /** Keeps a message. One that is kept already comes back as it is: `isNew` says which. */
  add(message: Omit<Message, 'seq'>, file?: File): { readonly message: Message; readonly isNew: boolean }
  /** The newest of a room, or those before a place, oldest first; and whether there are more of them. */
  before(room: string, seq: number | null): { messages: Message[]; more: boolean }
  /** The picture of a message, and the room that it was said in. */
  picture(seq: number): (File & { readonly room: string }) | undefined
}

interface Row {
  readonly seq: number
  readonly id: string
  readonly room: string
  readonly person: string
  readonly name: string
  readonly hue: number
  readonly text: string
  readonly picture: string | null
  readonly at: number
}

const toMessage = ({ person: id, name, hue, picture, ...rest }: Row): Message => ({
  ...rest,
  from: { id, name, hue },
  picture: picture === null ? null : (JSON.parse(picture) as Picture),
})

export const openMessages = (database: Database): Messages => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS chat_messages (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL,
      room TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      hue REAL NOT NULL,
      text TEXT NOT NULL,
      picture TEXT,
      at INTEGER NOT NULL,
      UNIQUE (person, id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS chat_messages_of_room ON chat_messages (room, seq);
    CREATE TABLE IF NOT EXISTS chat_files (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
  `)
  const insert = ({ id, room, from, text, picture, at }: Omit<Message, 'seq'>): boolean =>
    // The id decides: what a page sends again after a lost session finds itself here and changes nothing.
    database.run(
      'INSERT OR IGNORE INTO chat_messages (id, room, person, name, hue, text, picture, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      room,
      from.id,
      from.name,
      from.hue,
      text,
      picture && JSON.stringify(picture),
      at,
    ) === 1
  return {
    add: (message, file) =>
      database.transaction(() => {
        const isNew = insert(message)
        const [row] = database.all<Row>(
          'SELECT * FROM chat_messages WHERE person = ? AND id = ?',
          message.from.id,
          message.id,
        )
        if (isNew && file) database.run('INSERT INTO chat_files VALUES (?, ?, ?)', row!.seq, file.type, file.bytes)
        return { message: toMessage(row!), isNew }
      }),
    before(room, seq) {
      const rows = database.all<Row>(
        'SELECT * FROM chat_messages WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
        room,
        seq ?? Number.MAX_SAFE_INTEGER,
        PAGE + 1,
      )
      return { messages: rows.slice(0, PAGE).toReversed().map(toMessage), more: rows.length > PAGE }
    },
    picture: (seq) =>
      database.all<File & { readonly room: string }>(
        'SELECT type, bytes, room FROM chat_files JOIN chat_messages USING (seq) WHERE seq = ?',
        seq,
      )[0],
  }
}
