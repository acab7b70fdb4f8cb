import { HoldfastError } from '../kernel/errors.ts'
import type { Message } from '../kernel/message.ts'
import type { OutboxStore, StoragePlace } from '../platform/storage.ts'
import type { Journal, JournalHost, Persistence } from '../session/legacy.ts'
import { claimWithin } from './claim.ts'
import { type Found, readKept, stateOf } from './inheritance.ts'

/** Milliseconds that a store may take before the socket goes on without it. */
const PATIENCE = 2_500

/**
 * Writes ahead: a message gets its number, that is kept, and only then does it leave. So whoever goes on with the session knows
 * every number that the server may have seen, and what stood behind it. docs/architecture.md#journal
 */
const createJournal = (store: OutboxStore, { clock, outbox, legacy, kept, fault }: JournalHost): Journal => {
  let place: StoragePlace | undefined
  let keys = new Map<Message, number>()
  let lastKey = 0
  /** What is not written yet: messages to keep, each with its number if it has one, and keys to delete. */
  let puts = new Map<Message, number | undefined>()
  let drops: number[] = []
  /** The state that was written last. */
  let written = ''
  let writing = 0
  let isDue = false
  /** Why something is not kept that was written as the page froze. */
  let spoilt: unknown
  /** It is of no use: nothing is kept any more. */
  let isBroken = false
  /** Counts openings and closings: what a former one comes to is not looked at. */
  let turn = 0
  outbox.sealed = 0

  const write = (isLast = false): void => {
    isDue = false
    const state = stateOf(legacy())
    const text = JSON.stringify(state)
    if (!place || (!isLast && puts.size + drops.length === 0 && text === written)) return
    const last = outbox.acknowledged + outbox.sent.length
    const put = [...puts].map(([message, number]) => {
      if (!keys.has(message)) keys.set(message, ++lastKey)
      const { latest, expiresAt, blobs } = message
      // A later page cannot send Blobs of this one: in the place of what is theirs, it withdraws them.
      const frame = blobs ? '[null]' : message.frame
      return { key: keys.get(message)!, frame, number, latest, expiresAt }
    })
    const change = { state, put, drop: drops }
    puts.clear()
    drops = []
    written = text
    writing++
    const into = place
    into.write(change).then(
      () => {
        writing--
        // Another session counts anew.
        if (legacy().session === state.session) outbox.sealed = Math.max(outbox.sealed, last)
        kept()
        journal.touch()
      },
      (error: unknown) => {
        writing--
        if (into.id === place?.id) breakDown(error)
        else spoilt = error
      },
    )
  }

  /** Storage never stops the socket: it goes on, and the next page knows nothing. */
  const breakDown = (error: unknown): void => {
    const why = 'Messages do not outlive this page: the store failed.'
    isBroken = true
    // What stands there is not what was sent: nobody may go on with it.
    place?.release(true)
    place = undefined
    keys = new Map()
    puts = new Map()
    drops = []
    outbox.sealed = Infinity
    fault(new HoldfastError('storage-failed', `${why} ${(error as Error | undefined)?.message ?? ''}`.trim(), error))
    kept()
  }

  /** A place that can be gone on with; what cannot is deleted. */
  const claimUsable = async (): Promise<[StoragePlace | undefined, Found | undefined]> => {
    for (;;) {
      const claimed = await claimWithin(clock, PATIENCE, () => store.claim())
      if (!claimed?.kept) return [claimed, undefined]
      const found = readKept(claimed.kept)
      if (found) return [claimed, found]
      claimed.release(true)
      fault(new HoldfastError('storage-failed', 'What was kept for this page made no sense, and was deleted.'))
    }
  }

  const journal: Journal = {
    enter(message, number) {
      if (!isBroken) puts.set(message, number)
    },
    strike(message) {
      const key = keys.get(message)
      if (key !== undefined) drops.push(key)
      keys.delete(message)
      puts.delete(message)
    },
    async open(inherit) {
      if (isBroken) return
      const mine = ++turn
      const own = legacy()
      const hasLeft = written !== ''
      try {
        const [claimed, found] = await claimUsable()
        if (mine !== turn) return claimed?.release(false)
        const { session, generation } = found?.legacy ?? {}
        // It is as it was left when the page froze.
        if (hasLeft && session === own.session && generation === own.generation) {
          place = claimed
          if (spoilt !== undefined) return breakDown(spoilt)
        } else {
          const next = found && { ...found.legacy, generation: found.legacy.generation + 1 }
          if (next) {
            // Before anything is said in its name: a page that is not quite gone must be behind.
            await claimed!.write({ state: stateOf(next), put: [], drop: found.stale })
            if (mine !== turn) return claimed!.release(false)
            lastKey = [...found.keys.values(), ...found.stale].reduce((a, b) => Math.max(a, b), 0)
          }
          // Not before: whoever is frozen again meanwhile has still left what it had.
          keys = new Map(found?.keys)
          drops = []
          written = ''
          spoilt = undefined
          // Said on or not yet, it has gone to another page.
          if (hasLeft) inherit(undefined)
          if (next) inherit({ ...found, legacy: next })
          place = claimed
        }
        kept()
        journal.touch()
      } catch (error) {
        if (mine !== turn) return
        breakDown(error)
        if (hasLeft) inherit(undefined)
      }
    },
    touch() {
      if (isDue || !place || writing > 0) return
      isDue = true
      // Behind what the same task sends: then its messages have their numbers, and one write does.
      clock.soon(() => clock.soon(() => write()))
    },
    // Even of what is kept already: that it was left just now is news, too.
    flush: () => write(true),
    close(forget) {
      turn++
      if (!forget) write()
      place?.release(forget)
      place = undefined
    },
  }
  return journal
}

/** Makes of a store what `connect`'s `outbox.store` takes: for stores of one's own. */
export const persist = <S extends OutboxStore>(store: S): S & Persistence => ({
  ...store,
  create: (host) => createJournal(store, host),
  async left() {
    let place = await store.claim(true)
    if (!place) return undefined
    const claim = async (): Promise<StoragePlace | undefined> => {
      const claimed = place
      place = undefined
      return claimed
    }
    return {
      create(host) {
        const journal = createJournal({ claim }, host)
        const close = (forget: boolean): void => {
          journal.close(forget)
          place?.release(false)
        }
        return { ...journal, close }
      },
    }
  },
})
