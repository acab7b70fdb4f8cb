import type { Clock } from '../platform/clock.ts'
import type { Memory } from '../platform/memory.ts'
import type { Random } from '../platform/random.ts'
import type { Kept, OutboxStore, StorageChange, StoragePlace } from '../platform/storage.ts'
import { claimWithin } from './claim.ts'
import { type Database, forget, openPlaces, rewrite, write } from './database.ts'
import { type Key, hearLast, sayLast } from './last-words.ts'
import { type Locks, hold } from './locks.ts'

/** What of the page the store needs, but for its database. */
export interface StoreWorld {
  readonly clock: Clock
  readonly random: Random
  /** Knows this tab's own place. */
  readonly tab: Memory
  /** Undefined where the page is no secure context. */
  readonly locks: Locks | undefined
  /** Calls `listener` when the page goes, or may go, until the returned function is called. */
  onLeave(listener: () => void): () => void
}

/** The most places of a name. */
const MOST = 20
/** How long a claim may take (ms): a database that another page blocks never answers. */
const LONGEST_CLAIM = 2_000
/** How long the page before may take to let go of this tab's place (ms). A duplicated tab waits for as long, once. */
const LONGEST_GOODBYE = 500
/** Changes at a place before they are made one. */
const FEW = 64

/** What a store is told. Milliseconds. */
export interface StoreOptions {
  readonly maxAge: number
  readonly reloadTime: number
}

/** A store named `name` in the page's database. */
export const createStore = (name: string, { maxAge, reloadTime }: StoreOptions, world: StoreWorld): OutboxStore => {
  const { clock, random, tab } = world
  const memory = `holdfast:${name}`
  const lastWords = `holdfast-last:${name}`

  const isOld = ([, , , at]: Key): boolean => !(at > clock.now() - maxAge)
  const lock = (place: string, patience?: AbortSignal): Promise<(() => void) | undefined> =>
    hold(world.locks!, `${memory}:${place}`, patience)

  const createPlace = (database: Database, claimed: Key, kept: Kept | undefined, unlock: () => void): StoragePlace => {
    const [, id, generation] = claimed
    let [, , , at, count] = claimed
    const next = (): Key => [name, id, generation, (at = Math.max(at, clock.now())), ++count]
    /** Twice what is worth keeping: then rewriting costs each change a share that does not grow with their number. */
    const boundOf = (now: Kept | undefined): number => FEW + 2 * (now?.messages.length ?? 0)
    /** What was begun. */
    const pending = new Map<Key, StorageChange>()
    const leave = (): void => {
      if (pending.size > 0) sayLast(tab, lastWords, pending)
    }
    const stop = world.onLeave(leave)
    let changes = 0
    let bound = boundOf(kept)
    const compact = async (): Promise<void> => {
      const key = next()
      let now = kept
      changes = 0
      bound = Infinity
      try {
        now = (
          await rewrite(
            database,
            key,
            [],
            () => false,
            () => key,
          )
        )?.[1]
      } finally {
        bound = boundOf(now)
      }
    }
    return {
      id,
      kept,
      async write(change) {
        const key = next()
        pending.set(key, change)
        try {
          const written = write(database, key, change)
          if (++changes > bound) compact().catch(() => {})
          await written
        } finally {
          pending.delete(key)
        }
      },
      release(isForgotten) {
        stop()
        if (!isForgotten) leave()
        const gone = isForgotten && forget(database, claimed).catch(() => {})
        // What was begun is still done.
        database.close()
        if (gone) void gone.then(unlock)
        else unlock()
      },
    }
  }

  /** This page's, if nobody else holds it. */
  const seize = async (
    database: Database,
    id: string,
    orphan: boolean,
    patience?: AbortSignal,
  ): Promise<StoragePlace | undefined> => {
    const unlock = await lock(id, patience)
    if (!unlock) return undefined
    let place: StoragePlace | undefined
    try {
      const claimed = await rewrite(database, [name, id], hearLast(tab, lastWords), isOld, (kept, last) =>
        // A claim is no write: it makes nothing younger.
        orphan && !kept?.messages.length
          ? undefined
          : [name, id, (last?.[2] ?? 0) + 1, kept ? last![3] : clock.now(), 0],
      )
      return (place = claimed && createPlace(database, ...claimed, unlock))
    } finally {
      if (!place) unlock()
    }
  }

  const seizeOwn = async (database: Database, id: string): Promise<StoragePlace | undefined> => {
    const patience = new AbortController()
    const stop = clock.after(LONGEST_GOODBYE, () => patience.abort())
    try {
      return await seize(database, id, false, patience.signal)
    } finally {
      stop()
    }
  }

  /** Deletes those of these places that nobody holds. */
  const sweep = async (database: Database, places: readonly Key[]): Promise<void> => {
    for (const place of places) {
      const unlock = await lock(place[1])
      if (unlock) await forget(database, place).finally(unlock)
    }
  }

  const choose = async (
    database: Database,
    places: readonly Key[],
    orphan: boolean,
  ): Promise<StoragePlace | undefined> => {
    const newest = places.filter((last) => !isOld(last)).sort((a, b) => b[3] - a[3])
    const own = tab.get(memory)
    // A place that cannot be read is passed over, until it is old enough to be deleted.
    let chosen = orphan || own === null ? undefined : await seizeOwn(database, own).catch(() => undefined)
    for (const [, place, , at] of newest) {
      if (chosen) break
      // Its page may only be reloading. Pages' clocks differ, and are set back.
      if (place !== own && Math.abs(clock.now() - at) >= reloadTime)
        chosen = await seize(database, place, orphan).catch(() => undefined)
    }
    if (!orphan) {
      chosen ??= await seize(database, random.id(), false)
      if (chosen) tab.set(memory, chosen.id)
      if (tab.get(lastWords)) tab.set(lastWords, '')
    }
    const surplus = newest.filter(([, place]) => place !== chosen?.id).slice(MOST - 1)
    if (chosen) sweep(database, [...places.filter(isOld), ...surplus]).catch(() => {})
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
    claim: (orphan = false) => claimWithin(clock, LONGEST_CLAIM, () => claim(orphan)),
  }
}
