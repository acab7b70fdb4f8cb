import type { Clock } from '../platform/clock.ts'
import type { Memory } from '../platform/memory.ts'
import type { Random } from '../platform/random.ts'
import type { OutboxStore, StoragePlace } from '../platform/storage.ts'
import { type Database, type Place, forget, openPlaces, take, write } from './database.ts'
import { type Locks, hold } from './locks.ts'

/** What of the page the store needs, but for its database. */
export interface StoreWorld {
  readonly clock: Clock
  readonly random: Random
  /** Knows this tab's own place. */
  readonly tab: Memory
  /** Undefined where the page is no secure context. */
  readonly locks: Locks | undefined
}

/** The most places of a name. */
const MOST = 20
/** How long a claim may take (ms): a database that another page blocks never answers. */
const LONGEST_CLAIM = 2_000
/** How long the page before may take to let go of this tab's place (ms). A duplicated tab waits for as long, once. */
const LONGEST_GOODBYE = 250

/** A store named `name` in the page's database; `maxAge` in milliseconds. */
export const createStore = (name: string, maxAge: number, world: StoreWorld): OutboxStore => {
  const { clock, random, tab } = world
  const key = `holdfast:${name}`

  const lock = (place: string, patience?: AbortSignal): Promise<(() => void) | undefined> =>
    hold(world.locks!, `${key}:${place}`, patience)

  /** This page's, if nobody else holds it. */
  const seize = async (
    database: Database,
    place: string,
    orphan: boolean,
    patience?: AbortSignal,
  ): Promise<StoragePlace | undefined> => {
    const unlock = await lock(place, patience)
    if (!unlock) return undefined
    let taken: Awaited<ReturnType<typeof take>>
    try {
      const now = clock.now()
      taken = await take(database, { name, place, written: now }, now - maxAge, orphan)
      if (!taken) return undefined
    } finally {
      if (!taken) unlock()
    }
    const [row, kept] = taken
    return {
      id: place,
      kept,
      write: (change) => write(database, { ...row, written: clock.now() }, change),
      release(isForgotten) {
        const gone = isForgotten && forget(database, row).catch(() => {})
        // What was begun is still done.
        database.close()
        if (gone) void gone.then(unlock)
        else unlock()
      },
    }
  }

  const seizeOwn = async (database: Database, place: string): Promise<StoragePlace | undefined> => {
    const patience = new AbortController()
    const stop = clock.after(LONGEST_GOODBYE, () => patience.abort())
    try {
      return await seize(database, place, false, patience.signal)
    } finally {
      stop()
    }
  }

  /** Deletes those of these places that nobody holds. */
  const sweep = async (database: Database, places: readonly Place[]): Promise<void> => {
    for (const place of places) {
      const unlock = await lock(place.place)
      if (unlock) await forget(database, place).finally(unlock)
    }
  }

  const choose = async (
    database: Database,
    places: readonly Place[],
    orphan: boolean,
  ): Promise<StoragePlace | undefined> => {
    const since = clock.now() - maxAge
    const isOld = ({ written }: Place): boolean => !(written > since)
    const newest = places.filter((place) => !isOld(place)).sort((a, b) => b.written - a.written)
    const own = tab.get(key)
    // A place that cannot be read is passed over, until it is old enough to be deleted.
    let chosen = orphan || own === null ? undefined : await seizeOwn(database, own).catch(() => undefined)
    for (const { place } of newest) {
      if (chosen) break
      if (place !== own) chosen = await seize(database, place, orphan).catch(() => undefined)
    }
    if (!orphan) {
      chosen ??= await seize(database, random.id(), false)
      if (chosen) tab.set(key, chosen.id)
    }
    const surplus = newest.filter(({ place }) => place !== chosen?.id).slice(MOST - 1)
    if (chosen) void sweep(database, [...places.filter(isOld), ...surplus]).catch(() => {})
    return chosen
  }

  const claim = async (orphan: boolean): Promise<StoragePlace | undefined> => {
    if (!world.locks) throw new Error('There are no Web Locks here: they need a secure context (https).')
    const [database, places] = await openPlaces(name)
    let chosen: StoragePlace | undefined
    try {
      return (chosen = await choose(database, places, orphan))
    } finally {
      if (!chosen) database.close()
    }
  }

  return {
    claim: (orphan = false) =>
      new Promise((resolve, reject) => {
        let isLate = false
        const stop = clock.after(LONGEST_CLAIM, () => {
          isLate = true
          reject(new Error(`The database did not answer within ${LONGEST_CLAIM} ms.`))
        })
        claim(orphan)
          .then((place) => (isLate ? place?.release(false) : resolve(place)), reject)
          .finally(stop)
      }),
  }
}
