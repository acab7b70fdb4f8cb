import type { Kept, OutboxStore, StorageChange, StoragePlace, StoredMessage } from '../platform/storage.ts'
import type { ClockView, Timeline } from './view.ts'
import type { SeededRandom } from './random.ts'
import type { Trace } from './trace.ts'

/** A place in a virtual store, as it is on the disk. */
export interface VirtualPlace {
  readonly id: string
  /** The tab whose page holds it. */
  readonly holder: string | undefined
  /** Undefined until something was written. */
  readonly kept: Kept | undefined
}

/** The store as one page sees it. */
export interface StorePage {
  /** What `connect` is told. */
  readonly store: OutboxStore
  /**
   * The page is gone: of what it was writing, only a beginning is kept, which may be none or all of it; the rest of its promises
   * never settle, and its places are free.
   */
  die(): void
}

/** A store that outlives its pages, and whose disk does what the test wants. */
export interface VirtualStore {
  readonly places: readonly VirtualPlace[]
  /** The most bytes of messages that it keeps, of all places together: a write of more is refused. Default: any number. */
  quota: number
  /** A page in a tab: pages of one tab find their place again. */
  page(tab: string, view?: ClockView): StorePage
  /** A tab is duplicated: it believes to have the place of the other. */
  duplicate(tab: string, as: string): void
  /** What fails from now on. */
  refuse(what: 'claims' | 'writes' | 'everything' | 'nothing'): void
  /** Somebody else writes there: whatever `change` makes of what is kept. Where nothing is, nothing happens. */
  corrupt(id: string, change: (kept: Kept) => unknown): void
}

/** What a virtual store is made of. */
export interface VirtualStoreOptions {
  readonly clock: Timeline
  /** Draws how long things take, and what is kept of a page that dies. */
  readonly random: SeededRandom
  /** The most milliseconds that a claim or a write takes. Default: 5. */
  readonly latency?: number
  /** Where to write what happens. Default: nowhere. */
  readonly trace?: Trace
}

interface Writing {
  readonly apply: () => void
  /** Kept on the disk: the page may hear it. */
  readonly done: () => void
}

interface Place {
  readonly id: string
  /** The tab of the page that has its lock. */
  holder: string | undefined
  state: unknown
  readonly messages: Map<number, StoredMessage>
  /** When it was written to; undefined before that. */
  writtenAt: number | undefined
  /** What is on its way to the disk, in order. */
  readonly writing: Writing[]
  /** When the last of that is there. */
  readyAt: number
}

const sizeOf = (messages: Iterable<StoredMessage>): number => {
  let bytes = 0
  for (const { frame } of messages) bytes += frame.length
  return bytes
}

const keptIn = ({ writtenAt, state, messages }: Place): Kept | undefined =>
  writtenAt === undefined
    ? undefined
    : structuredClone({ state, messages: [...messages.values()].sort((one, other) => one.key - other.key) })

const createPlace = (id: string): Place => ({
  id,
  holder: undefined,
  state: undefined,
  messages: new Map(),
  writtenAt: undefined,
  writing: [],
  readyAt: 0,
})

const REFUSED = 'The store refuses, as it was told to.'

/** A store in which nothing is kept yet. */
export const virtualStore = ({ clock, random, latency = 5, trace }: VirtualStoreOptions): VirtualStore => {
  const places = new Map<string, Place>()
  /** What tabs remember of their places, as `sessionStorage` does. */
  const tabs = new Map<string, string>()
  let refused: Parameters<VirtualStore['refuse']>[0] = 'nothing'
  let quota = Infinity
  const refuses = (what: 'claims' | 'writes'): boolean => refused === what || refused === 'everything'
  const note = (tab: string, what: string, detail?: unknown): void => trace?.add(tab, what, detail)
  const apply = (place: Place, { state, put, drop }: StorageChange): void => {
    place.state = state
    for (const message of put) place.messages.set(message.key, message)
    for (const key of drop) place.messages.delete(key)
    place.writtenAt = clock.now()
  }
  const hasRoom = (place: Place, { put, drop }: StorageChange): boolean => {
    if (quota === Infinity) return true
    const others = [...places.values()].filter((other) => other !== place)
    const after = new Map(place.messages)
    for (const message of put) after.set(message.key, message)
    for (const key of drop) after.delete(key)
    return others.reduce((sum, { messages }) => sum + sizeOf(messages.values()), sizeOf(after.values())) <= quota
  }

  /** The place that `claim` is to find, or to make. */
  const find = (tab: string, orphan: boolean): Place | undefined => {
    const own = places.get(tabs.get(tab) ?? '')
    if (!orphan && own && !own.holder) return own
    const free = [...places.values()].filter(
      (place) =>
        !place.holder && place !== own && place.writtenAt !== undefined && (!orphan || place.messages.size > 0),
    )
    const [newest] = free.sort((one, other) => other.writtenAt! - one.writtenAt!)
    if (newest || orphan) return newest
    const made = createPlace(random.id())
    places.set(made.id, made)
    return made
  }

  const page = (tab: string, view: ClockView = clock.view()): StorePage => {
    const held = new Set<Place>()
    let isDead = false

    /** Something of the disk's own happens, whatever becomes of the page. */
    const later = (place: Place, writing: Writing): void => {
      place.writing.push(writing)
      place.readyAt = Math.max(place.readyAt, clock.now() + random.between(0, latency))
      clock.after(place.readyAt - clock.now(), () => {
        // None, if the page died meanwhile, and with it what was not kept.
        for (const due of place.writing.splice(0, place.writing.indexOf(writing) + 1)) {
          due.apply()
          due.done()
        }
      })
    }
    const free = (place: Place, forget: boolean): void => {
      held.delete(place)
      place.holder = undefined
      if (forget) places.delete(place.id)
    }

    const hold = (place: Place): StoragePlace => {
      let isReleased = false
      place.holder = tab
      held.add(place)
      return {
        id: place.id,
        kept: keptIn(place),
        write: (change) => {
          // Copied at once, as a database does.
          const copy = structuredClone(change)
          return new Promise((resolve, reject) => {
            if (isDead) return
            if (isReleased) return reject(new Error('The place was released.'))
            let isKept = false
            later(place, {
              apply: () => {
                isKept = !refuses('writes') && hasRoom(place, copy)
                if (isKept) apply(place, copy)
                const detail = { put: copy.put.map(({ key }) => key), drop: copy.drop }
                note(tab, isKept ? 'store keeps' : 'store refuses', detail)
              },
              done: () =>
                view.enter(() => (isKept ? resolve() : reject(new DOMException(REFUSED, 'QuotaExceededError')))),
            })
            return undefined
          })
        },
        release: (forget) => {
          if (isReleased || isDead) return
          isReleased = true
          later(place, { apply: () => free(place, forget), done: () => note(tab, 'store place is released') })
        },
      }
    }

    return {
      store: {
        claim: (orphan = false) =>
          new Promise((resolve, reject) => {
            const own = places.get(tabs.get(tab) ?? '')
            // What it is letting go of itself is waited for.
            const wait = !orphan && own?.holder === tab ? own.readyAt - clock.now() : 0
            clock.after(Math.max(wait, random.between(0, latency)), () => {
              if (isDead || view.stopped) return
              if (refuses('claims')) return view.enter(() => reject(new DOMException(REFUSED, 'UnknownError')))
              const found = find(tab, orphan)
              if (found && !orphan) tabs.set(tab, found.id)
              const place = found && hold(found)
              if (place) note(tab, 'store place is claimed', place.kept ? place.kept.messages.length : 'new')
              view.enter(() => resolve(place))
              return undefined
            })
          }),
      },
      die: () => {
        isDead = true
        for (const place of held) {
          const survivors = place.writing.slice(0, random.int(0, place.writing.length))
          place.writing.length = 0
          place.readyAt = 0
          for (const { apply: keep } of survivors) keep()
          free(place, false)
        }
      },
    }
  }

  return {
    get places() {
      return [...places.values()].map((place) => ({ id: place.id, holder: place.holder, kept: keptIn(place) }))
    },
    get quota() {
      return quota
    },
    set quota(bytes) {
      quota = bytes
    },
    page,
    duplicate: (tab, as) => {
      const place = tabs.get(tab)
      if (place !== undefined) tabs.set(as, place)
    },
    refuse: (what) => {
      refused = what
    },
    corrupt: (id, change) => {
      const place = places.get(id)
      const kept = place && keptIn(place)
      if (!place || !kept) return
      const { state, messages } = change(kept) as Kept
      place.messages.clear()
      apply(place, { state, put: messages, drop: [] })
    },
  }
}
