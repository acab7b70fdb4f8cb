import type { Database, Person } from '../app.ts'
import type { Member, RoomView } from './contract.ts'

/** Days after which somebody who was not here is in no room any more: each tab is somebody. */
const KEPT = 7

/** Who comes for the first time is in the first one. */
const FIRST = [
  { id: 'lobby', name: 'Lobby' },
  { id: 'tunnels', name: 'Trains and tunnels' },
  { id: 'pictures', name: 'Pictures' },
] as const

/** Rooms, who is in them, and who has read what, on disk. */
export interface Rooms {
  /** Somebody is here: they keep their rooms. */
  enter(person: Person): void
  views(person: string): RoomView[]
  view(room: string, person: string): RoomView | undefined
  /** False if it was there. */
  create(id: string, name: string): boolean
  /** False if they were in it. */
  join(room: string, person: string): boolean
  /** False if they were not in it. */
  leave(room: string, person: string): boolean
  has(room: string, person: string): boolean
  members(room: string): Member[]
  /** They have read up to here; false if that was known. */
  read(room: string, person: string, seq: number): boolean
  /** Up to where they have read. */
  readBy(room: string, person: string): number
}

const schema = `
  CREATE TABLE IF NOT EXISTS chat_rooms (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS chat_people (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, hue REAL NOT NULL, seen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS chat_members (
    room TEXT NOT NULL, person TEXT NOT NULL, read INTEGER NOT NULL, PRIMARY KEY (room, person)
  ) STRICT, WITHOUT ROWID;
`

/** Rooms as one person sees them. */
const VIEW = `
  SELECT chat_rooms.id, chat_rooms.name, read IS NOT NULL AS joined,
    (SELECT count(*) FROM chat_messages m WHERE m.room = chat_rooms.id AND m.seq > read AND m.person != who.id) AS unread
  FROM chat_rooms JOIN (SELECT ? AS id) AS who LEFT JOIN chat_members ON room = chat_rooms.id AND person = who.id`

interface ViewRow {
  readonly id: string
  readonly name: string
  readonly joined: number
  readonly unread: number
}
const toView = ({ joined, ...rest }: ViewRow): RoomView => ({ ...rest, joined: joined === 1 })

/** Needs the table of messages to be there. */
export const openRooms = (database: Database): Rooms => {
  database.exec(schema)
  for (const { id, name } of FIRST) database.run('INSERT OR IGNORE INTO chat_rooms VALUES (?, ?)', id, name)
  database.run('DELETE FROM chat_people WHERE seen < ?', Date.now() - KEPT * 86_400_000)
  database.run('DELETE FROM chat_members WHERE person NOT IN (SELECT id FROM chat_people)')

  /** What was said before somebody came is no news to them. */
  const join = (room: string, person: string): boolean =>
    database.run(
      'INSERT OR IGNORE INTO chat_members SELECT ?, ?, coalesce(max(seq), 0) FROM chat_messages WHERE room = ?',
      room,
      person,
      room,
    ) === 1
  return {
    enter({ id, name, hue }) {
      const isKnown = database.all('SELECT 1 FROM chat_people WHERE id = ?', id).length > 0
      database.run('INSERT OR REPLACE INTO chat_people VALUES (?, ?, ?, ?)', id, name, hue, Date.now())
      if (!isKnown) join(FIRST[0].id, id)
    },
    views: (person) => database.all<ViewRow>(`${VIEW} ORDER BY chat_rooms.rowid`, person).map(toView),
    view: (room, person) => database.all<ViewRow>(`${VIEW} WHERE chat_rooms.id = ?`, person, room).map(toView)[0],
    create: (id, name) => database.run('INSERT OR IGNORE INTO chat_rooms VALUES (?, ?)', id, name) === 1,
    join,
    leave: (room, person) => database.run('DELETE FROM chat_members WHERE room = ? AND person = ?', room, person) === 1,
    has: (room, person) =>
      database.all('SELECT 1 FROM chat_members WHERE room = ? AND person = ?', room, person).length > 0,
    members: (room) =>
      database
        .all<Person & { readonly read: number }>(
          'SELECT id, name, hue, read FROM chat_members JOIN chat_people ON id = person WHERE room = ?',
          room,
        )
        .map(({ read, ...person }) => ({ person, read })),
    read: (room, person, seq) =>
      database.run(
        'UPDATE chat_members SET read = ? WHERE room = ? AND person = ? AND read < ?',
        seq,
        room,
        person,
        seq,
      ) === 1,
    readBy: (room, person) =>
      database.all<{ read: number }>('SELECT read FROM chat_members WHERE room = ? AND person = ?', room, person)[0]
        ?.read ?? 0,
  }
}
