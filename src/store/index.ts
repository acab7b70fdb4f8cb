/** Where sessions outlive their pages, in browsers: IndexedDB for what is kept, Web Locks for who holds it. */
import { HoldfastError } from '../kernel/errors.ts'
import { resolveOptions } from '../options.ts'
import { systemClock } from '../platform/clock.ts'
import { tabMemory } from '../platform/memory.ts'
import { systemRandom } from '../platform/random.ts'
import type { OutboxStore } from '../platform/storage.ts'
import type { Persistence } from '../session/legacy.ts'
import { persist } from './journal.ts'
import { createStore } from './store.ts'

export { persist } from './journal.ts'
export type { Persistence } from '../session/legacy.ts'
export type { Kept, OutboxStore, StorageChange, StoragePlace, StoredMessage } from '../platform/storage.ts'

/** What {@link indexedDbStore} can be told. */
export interface IndexedDbStoreOptions {
  /** Milliseconds after which what was left behind, and not written to since, is deleted. Default: 86 400 000, a day. */
  maxAge?: number
  /**
   * Milliseconds that a page may take to reload: so long after its last write, other tabs leave alone what it left. Default: 10 000.
   */
  reloadTime?: number
}

/**
 * A store for `connect`'s `outbox.store`. `name` tells apart what must not be mixed up: name the server and the user in it.
 * Does nothing before it is used, so it may be made where there is no page.
 */
export const indexedDbStore = (name: string, options: IndexedDbStoreOptions = {}): OutboxStore & Persistence => {
  if (typeof name !== 'string') throw new HoldfastError('invalid-argument', 'The name of a store must be a string.')
  const settings = resolveOptions(options, { maxAge: 86_400_000, reloadTime: 10_000 })
  const store = createStore(name, settings, {
    clock: systemClock(),
    random: systemRandom,
    tab: tabMemory,
    get locks() {
      return globalThis.navigator?.locks
    },
    onLeave(listener) {
      globalThis.addEventListener?.('pagehide', listener)
      return () => globalThis.removeEventListener?.('pagehide', listener)
    },
  })
  return persist(store)
}
