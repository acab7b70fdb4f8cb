/**
 * The database: each place is a log of changes, and each change one row. WebKit keeps the deletions of a transaction that its page
 * committed in its last moment, and not the rows that it put: so a change must not be more than one request.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, deleteDB, openDB } from 'idb'
import type { Kept, StorageChange, StoredMessage } from '../platform/storage.ts'

const NAME = 'holdfast'
/** Of the layout below. What another one left behind is deleted. */
const VERSION = 1

/**
 * Orders the changes: `generation` grows with each claim of the place, `at` is the time of the last write (milliseconds since the
 * epoch), and `count` tells apart what was written at one time.
 */
export type Key = [name: string, place: string, generation: number, at: number, count: number]

/** What all keys of a place begin with. */
type Place = readonly [name: string, place: string, ...rest: unknown[]]

interface Entry extends StorageChange {
  /** All that was kept at its time. Each generation begins with such an entry, and only with one. */
  readonly isWhole: boolean
}

interface Layout extends DBSchema {
  changes: { key: Key; value: Entry }
}

export type Database = IDBPDatabase<Layout>

/** All keys that begin like this: arrays come after everything else. */
const beginningWith = (...start: string[]): IDBKeyRange => IDBKeyRange.bound(start, [...start, []])

/** Relaxed: survives the end of the page and of the browser. To survive a power cut would cost each message a wait for the disk. */
const begin = (database: Database): IDBPTransaction<Layout, ['changes'], 'readwrite'> => {
  const transaction = database.transaction('changes', 'readwrite', { durability: 'relaxed' })
  // Who waits for a request hears of its failure there; nobody may be left to hear it here.
  transaction.done.catch(() => {})
  return transaction
}

const open = (): Promise<Database> =>
  openDB<Layout>(NAME, VERSION, {
    upgrade(database) {
      for (const former of [...database.objectStoreNames]) database.deleteObjectStore(former)
      database.createObjectStore('changes')
    },
    // Nobody waits for this page to go before the database can be deleted, or get another layout.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  })

/** Opens the database, and tells the last key of each place of a store. A database that is of no use is deleted and made anew. */
export const openPlaces = async (name: string): Promise<[Database, Key[]]> => {
  for (let tries = 1; ; tries++) {
    let database: Database | undefined
    try {
      database = await open()
      const keys = await begin(database).store.getAllKeys(beginningWith(name))
      return [database, [...new Map(keys.map((key) => [key[1], key])).values()]]
    } catch (error) {
      database?.close()
      // Not what a full disk or a closed door is mended by, and some failures pass.
      if (tries === 3 || ['QuotaExceededError', 'SecurityError'].includes((error as Error).name)) throw error
      if (tries === 2) await deleteDB(NAME)
    }
  }
}

/** What changes of one generation come to. A place that was claimed and never written to is as good as new. */
const replay = (entries: readonly Entry[]): Kept | undefined => {
  if (!entries[0]?.isWhole) return undefined
  const messages = new Map<number, StoredMessage>()
  for (const { put, drop } of entries) {
    for (const message of put) messages.set(message.key, message)
    for (const key of drop) messages.delete(key)
  }
  const { state } = entries.at(-1)!
  if (state === undefined && messages.size === 0) return undefined
  return { state, messages: [...messages.values()].sort((a, b) => a.key - b.key) }
}

/**
 * Makes one entry of all that is kept at a place, under the key that comes next. What is of an earlier generation than the last is
 * passed over: a page wrote it that is gone, too late. So is all that is `isOld`. No key: all is left as it is.
 */
export const rewrite = async (
  database: Database,
  [name, place]: Place,
  isOld: (last: Key) => boolean,
  next: (kept: Kept | undefined, last: Key | undefined) => Key | undefined,
): Promise<[Key, Kept | undefined] | undefined> => {
  const transaction = begin(database)
  const range = beginningWith(name, place)
  const [keys, entries] = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)])
  const last = keys.at(-1)
  const isOfLast = (_: Entry, index: number): boolean => keys[index]![2] === last![2]
  const kept = last && !isOld(last) ? replay(entries.filter(isOfLast)) : undefined
  const key = next(kept, last)
  if (!key) return undefined
  await Promise.all([
    transaction.store.delete(range),
    transaction.store.put({ state: kept?.state, put: kept?.messages ?? [], drop: [], isWhole: true }, key),
    transaction.done,
  ])
  return [key, kept]
}

/** Keeps a change. */
export const write = async (database: Database, key: Key, { state, put, drop }: StorageChange): Promise<void> => {
  const transaction = begin(database)
  const entry = { state, put: put.map(detached), drop, isWhole: false }
  const request = transaction.store.put(entry, key)
  // Without it, the browser waits for the page to hear of its success, and the page may be gone by then.
  transaction.commit()
  await Promise.all([request, transaction.done])
}

/** Of a part of a buffer, the whole buffer would be kept. */
const detached = (message: StoredMessage): StoredMessage =>
  typeof message.frame === 'string' ? message : { ...message, frame: message.frame.slice() }

/** Deletes a place and all that is kept there. */
export const forget = async (database: Database, [name, place]: Place): Promise<void> => {
  const transaction = begin(database)
  await Promise.all([transaction.store.delete(beginningWith(name, place)), transaction.done])
}
