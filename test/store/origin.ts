/** Pages of one origin, which share a database: fake-indexeddb's, with clock, locks and tabs under the test's control. */
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { type TrialPage, type VirtualClock, seededRandom, virtualClock } from 'holdfast/testing'
import { createStore } from '../../src/store/store.ts'
import { type VirtualMemory, virtualMemory } from '../../src/testing/memory.ts'
import { type PageLocks, virtualLocks } from '../tools/virtual-locks.ts'

export interface Page extends TrialPage {
  readonly tab: VirtualMemory
  readonly locks: PageLocks
  /** It may go. */
  leave(): void
}

export interface OpenOptions {
  /** As in a `StoreHarness`. */
  readonly like?: Page | undefined
  /** Of the store. Default: `chat`. */
  readonly name?: string
  readonly maxAge?: number
  /** Default: none, so that a closed tab is one at once. */
  readonly reloadTime?: number
}

export interface Origin {
  readonly clock: VirtualClock
  open(options?: OpenOptions): Page
  readonly settled: ReturnType<typeof settledBy>
}

/** Lets time pass, slowly compared to what happens at once, until a promise is settled. */
export const settledBy = (clock: VirtualClock): (<T>(promise: Promise<T>) => Promise<T>) => {
  let waiting = 0
  let running = Promise.resolve()
  const run = async (): Promise<void> => {
    while (waiting > 0) {
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      await clock.advance(10)
    }
  }
  return async (promise) => {
    if (waiting++ === 0) running = running.then(run)
    try {
      return await promise
    } finally {
      waiting--
      await running
    }
  }
}

export const DAY = 86_400_000

/** An empty database for all that comes after it. */
export const createOrigin = (): Origin => {
  globalThis.indexedDB = new IDBFactory()
  // As old as the clock of a browser, so that nothing is older than time.
  const clock = virtualClock(1_800_000_000_000)
  const random = seededRandom(1)
  const locks = virtualLocks()
  const gone = new Set<Page>()

  return {
    clock,
    open({ like, name = 'chat', maxAge = DAY, reloadTime = 0 } = {}) {
      const tab = like && gone.has(like) ? like.tab : virtualMemory(...(like?.tab.kept ?? []))
      const own = locks.page()
      const listeners = new Set<() => void>()
      const page: Page = {
        tab,
        locks: own,
        store: createStore(
          name,
          { maxAge, reloadTime },
          {
            clock,
            random,
            tab,
            locks: own.locks,
            onLeave(listener) {
              listeners.add(listener)
              return () => void listeners.delete(listener)
            },
          },
        ),
        leave() {
          for (const listener of listeners) listener()
        },
        end() {
          gone.add(page)
          own.end()
          return Promise.resolve()
        },
      }
      return page
    },
    settled: settledBy(clock),
  }
}
