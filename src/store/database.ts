/** The database: a row for each place, with its state, and a row for each message. */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, deleteDB, openDB } from 'idb'
import type { Kept, StorageChange, StoredMessage } from '../platform/storage.ts'

const NAME = 'holdfast'
/** Of the layout below. What another one left behind is deleted. */
const VERSION = 1

/** A place's row, without its state. */
export interface Place {
  /** Of the store. */
  readonly name: string
  /** Names the place among all. */
  readonly place: string
  /** Grows with each claim, see {@link write}. */
  readonly generation: number
  /** When it was written to: milliseconds since the epoch. */
  readonly written: number
}

interface PlaceRow extends Place {
  readonly state: unknown
}

interface Layout extends DBSchema {
  places: { key: [name: string, place: string, generation: number]; value: PlaceRow; indexes: { place: string } }
  messages: { key: [place: string, key: number]; value: StoredMessage }
}

export type Database = IDBPDatabase<Layout>

/** Survives the end of the page and of the browser. To survive a power cut would cost each message a wait for the disk. */
const relaxed = { durability: 'relaxed' } as const

/** All keys that begin like this: arrays come after everything else. */
const beginningWith = (...start: string[]): IDBKeyRange => IDBKeyRange.bound(start, [...start, []])

const begin = <M extends IDBTransactionMode = 'readwrite'>(
  database: Database,
  mode = 'readwrite' as M,
): IDBPTransaction<Layout, ('places' | 'messages')[], M> => {
  const transaction = database.transaction(['places', 'messages'], mode, relaxed)
  // Who waits for a request hears of its failure there; nobody may be left to hear it here.
  transaction.done.catch(() => {})
  return transaction
}

const open = (): Promise<Database> =>
  openDB<Layout>(NAME, VERSION, {
    upgrade(database) {
      for (const former of [...database.objectStoreNames]) database.deleteObjectStore(former)
      const places = database.createObjectStore('places', { keyPath: ['name', 'place', 'generation'] })
      places.createIndex('place', 'place', { unique: true })
      database.createObjectStore('messages')
    },
    // Nobody waits for this page to go before the database can be deleted, or get another layout.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  })

/** Opens the database, and lists the places of a store. A database that is of no use is deleted and made anew. */
export const openPlaces = async (name: string): Promise<[Database, Place[]]> => {
  for (let tries = 1; ; tries++) {
    let database: Database | undefined
    try {
      database = await open()
      const places = begin(database, 'readonly').objectStore('places')
      return [database, await places.getAll(beginningWith(name))]
    } catch (error) {
      database?.close()
      // Not what a full disk or a closed door is mended by, and some failures pass.
      if (tries === 3 || ['QuotaExceededError', 'SecurityError'].includes((error as Error).name)) throw error
      if (tries === 2) await deleteDB(NAME)
    }
  }
}

/**
 * A new generation of a place that was written after `since`, and what is kept there; whatever is older is deleted. With
 * `orphan`, undefined if it has no messages.
 */
export const take = async (
  database: Database,
  { name, place, written }: Omit<Place, 'generation'>,
  since: number,
  orphan: boolean,
): Promise<[Place, Kept | undefined] | undefined> => {
  const transaction = begin(database)
  const places = transaction.objectStore('places')
  const range = beginningWith(place)
  const [former, messages] = await Promise.all([
    places.index('place').get(place),
    transaction.objectStore('messages').getAll(range),
  ])
  const isKept = former !== undefined && former.written > since
  if (orphan && !(isKept && messages.length > 0)) return undefined
  const next = { name, place, generation: (former?.generation ?? 0) + 1, written: isKept ? former.written : written }
  const state = isKept ? former.state : undefined
  await Promise.all([
    places.delete(beginningWith(name, place)),
    places.put({ ...next, state }),
    isKept || transaction.objectStore('messages').delete(range),
    transaction.done,
  ])
  // A place that was claimed and never written to is as good as new.
  return [next, isKept && (state !== undefined || messages.length > 0) ? { state, messages } : undefined]
}

/**
 * Keeps all of a change or nothing. A write that is late, because its page is gone and the place has another holder by now, comes
 * to nothing: places are unique, and its row would be a second one, of the former generation.
 */
export const write = async (database: Database, place: Place, { state, put, drop }: StorageChange): Promise<void> => {
  const transaction = begin(database)
  const messages = transaction.objectStore('messages')
  const requests: Promise<unknown>[] = [transaction.done]
  try {
    requests.push(transaction.objectStore('places').put({ ...place, state }))
    for (const key of drop) requests.push(messages.delete([place.place, key]))
    for (const message of put) requests.push(messages.put(detached(message), [place.place, message.key]))
    // Without it, the browser waits for answers to all of that, and the page may be gone by then.
    transaction.commit()
  } catch (error) {
    transaction.abort()
    await Promise.allSettled(requests)
    throw error
  }
  await Promise.all(requests)
}

/** Of a part of a buffer, the whole buffer would be kept. */
const detached = (message: StoredMessage): StoredMessage =>
  typeof message.frame === 'string' ? message : { ...message, frame: message.frame.slice() }

/** Deletes a place and all that is kept there. */
export const forget = async (database: Database, { name, place }: Pick<Place, 'name' | 'place'>): Promise<void> => {
  const transaction = begin(database)
  await Promise.all([
    transaction.objectStore('places').delete(beginningWith(name, place)),
    transaction.objectStore('messages').delete(beginningWith(place)),
    transaction.done,
  ])
}
