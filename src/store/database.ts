/**
 * The database: each place is a log of changes, and each change one row. WebKit keeps the deletions of a transaction that its page
 * committed in its last moment, and not the rows that it put: so a change must not be more than one request.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, deleteDB, openDB } from 'idb'
import type { Kept, StorageChange, StoredMessage } from '../platform/storage.ts'
import type { Key, LastWord } from './last-words.ts'

const NAME = 'holdfast'
/** Of the layout below. What another one left behind is deleted. */
const VERSION = 1

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
  const messages = new Map<number, StoredMessage>()
  const start = entries.findIndex(({ isWhole }) => isWhole)
  if (start < 0) return undefined
  for (const { put, drop } of entries.slice(start)) {
    for (const message of put) messages.set(message.key, message)
    for (const key of drop) messages.delete(key)
  }
  const { state } = entries.at(-1)!
  if (state === undefined && messages.size === 0) return undefined
  return { state, messages: [...messages.values()].sort((a, b) => a.key - b.key) }
}

/** The changes of a place's last generation, in order: those of the log, and those that are not there but were to be. */
const lastChanges = (keys: readonly Key[], entries: readonly Entry[], words: readonly LastWord[]): Entry[] => {
  const [, place, generation] = keys.at(-1)!
  const changes = new Map<number, Entry>()
  for (const [key, change] of words)
    if (key[1] === place && key[2] === generation) changes.set(key[4], { ...change, isWhole: false })
  // What is of an earlier generation was written by a page that is gone, too late.
  for (const [index, key] of keys.entries()) if (key[2] === generation) changes.set(key[4], entries[index]!)
  return [...changes].sort(([a], [b]) => a - b).map(([, entry]) => entry)
}

/**
 * Makes one entry of all that is kept at a place, with the last `words` of the page before, under the key that comes next. What
 * `isOld` is deleted. No key: all is left as it is.
 */
export const rewrite = async (
  database: Database,
  [name, place]: Place,
  words: readonly LastWord[],
  isOld: (last: Key) => boolean,
  next: (kept: Kept | undefined, last: Key | undefined) => Key | undefined,
): Promise<[Key, Kept | undefined] | undefined> => {
  const transaction = begin(database)
  const range = beginningWith(name, place)
  const [keys, entries] = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)])
  const last = keys.at(-1)
  const kept = last && !isOld(last) ? replay(lastChanges(keys, entries, words)) : undefined
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
