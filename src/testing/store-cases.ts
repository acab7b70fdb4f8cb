import type { OutboxStore, StoragePlace, StoredMessage } from '../platform/storage.ts'
import { expectEqual, fail } from './trial.ts'

/** A page that keeps something in the store on trial. */
export interface TrialPage {
  readonly store: OutboxStore
  /** The page goes without a word, as when it crashes. Resolves when it is gone. */
  end(): Promise<void>
}

/** What the suite needs of the world around a store. */
export interface StoreHarness {
  /**
   * Opens a page in a tab of its own. With `like`, in the tab of a page that is gone (it was reloaded), or in a copy of the tab
   * of one that is not (it was duplicated). All pages of a harness share one store, which is empty at first.
   */
  open(like?: TrialPage): Promise<TrialPage>
}

/** One thing that a store must do. It rejects when it doesn't; each case wants a fresh harness. */
export interface StoreCase {
  readonly name: string
  run(harness: StoreHarness): Promise<void>
}

const text = (key: number, rest: Partial<StoredMessage> = {}): StoredMessage => ({
  key,
  frame: `["say",${key}]`,
  ...rest,
})
const texts = (from: number, to: number): StoredMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => text(from + index))
const put = (...messages: StoredMessage[]): { put: StoredMessage[]; drop: number[] } => ({ put: messages, drop: [] })

const claim = async ({ store }: TrialPage): Promise<StoragePlace> =>
  (await store.claim()) ?? fail('a claim got no place')

/** What is kept, as JSON can tell it apart. */
const told = ({ kept }: StoragePlace): unknown =>
  kept && {
    state: kept.state,
    messages: kept.messages.map(({ frame, ...rest }) => ({
      ...rest,
      frame: typeof frame === 'string' ? frame : `<${Object.prototype.toString.call(frame)} ${frame.join()}>`,
    })),
  }
const expectKept = (place: StoragePlace, state: unknown, ...messages: StoredMessage[]): void =>
  expectEqual(told(place), told({ ...place, kept: { state, messages } }), 'what is kept')

const expectRejected = async (promise: Promise<unknown>, what: string): Promise<void> => {
  const isKept = await promise.then(
    () => true,
    () => false,
  )
  if (isKept) fail(`${what} did not reject`)
}

/** The next page of the same tab. */
const reload = async (harness: StoreHarness, page: TrialPage): Promise<TrialPage> => {
  await page.end()
  return harness.open(page)
}

const define = (name: string, run: StoreCase['run']): StoreCase => ({ name, run })

/** What every store must do, whoever wrote it: run each case against a harness of its own. */
export const storeCases: readonly StoreCase[] = [
  define('a new place is empty, and its tab has it again after a reload', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    expectEqual([typeof place.id, place.kept], ['string', undefined], 'the first place')
    const again = await claim(await reload(harness, page))
    expectEqual([again.id, again.kept], [place.id, undefined], 'the place after a reload')
  }),

  define('keeps messages by key, and the last state', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    await place.write({ state: { session: 'one' }, ...put(text(2), text(10), text(1)) })
    await place.write({
      state: { session: 'two', sent: [1, null] },
      put: [text(2, { number: 7 }), text(3)],
      drop: [1, 99],
    })
    expectKept(
      await claim(await reload(harness, page)),
      { session: 'two', sent: [1, null] },
      text(2, { number: 7 }),
      text(3),
      text(10),
    )
  }),

  define('keeps all that a message has, bytes as bytes, as they were when they were written', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    const buffer = new Uint8Array([9, 0, 255, 10, 9])
    const messages = [
      text(1, { frame: 'zwölf Boxkämpfer 🥊\0\n' }),
      text(2, { frame: buffer.subarray(1, 4) }),
      text(3, { frame: new Uint8Array() }),
      text(4, { number: 2 ** 40, latest: '__proto__', expiresAt: 1_800_000_000_000.5 }),
    ]
    const kept = messages.map((message) => ({ ...message }))
    kept[1] = text(2, { frame: new Uint8Array([0, 255, 10]) })
    const written = place.write({ state: null, ...put(...messages) })
    buffer.fill(7)
    await written
    expectKept(await claim(await reload(harness, page)), null, ...kept)
  }),

  define('keeps what was written in the order of writes, however many there are', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 100 }, async (_, step) => {
        await place.write({ state: step, put: [text(step), text(step + 1_000)], drop: [step - 3] })
        order.push(step)
      }),
    )
    expectEqual(
      order,
      [...order].toSorted((a, b) => a - b),
      'the order in which writes were done',
    )
    expectKept(await claim(await reload(harness, page)), 99, ...texts(97, 99), ...texts(1_000, 1_099))
  }),

  define('a page that goes while it writes leaves whole changes, and none before its turn', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    await place.write({ state: 0, ...put(text(0)) })
    for (let step = 1; step <= 20; step++)
      void place.write({ state: step, put: [text(step)], drop: [step - 1] }).catch(() => {})
    const again = await claim(await reload(harness, page))
    const { state } = again.kept ?? fail('what was written before is gone')
    if (typeof state !== 'number') fail(`the state is ${String(state)}`)
    expectKept(again, state, text(state as number))
  }),

  define('a duplicated tab has a place of its own, and keeps that', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    await place.write({ state: 'first', ...put(text(1)) })
    const copy = await harness.open(page)
    const other = await claim(copy)
    if (other.id === place.id) fail('two tabs have one place')
    expectEqual(other.kept, undefined, 'what the second tab found')
    await other.write({ state: 'second', ...put(text(2)) })
    await place.write({ state: 'still first', ...put() })
    expectKept(await claim(await reload(harness, copy)), 'second', text(2))
    expectKept(await claim(await reload(harness, page)), 'still first', text(1))
  }),

  define('a new tab has what a closed one left behind', async (harness) => {
    const closed = await harness.open()
    const place = await claim(closed)
    await place.write({ state: 'left', ...put(text(1)) })
    const held = await claim(await harness.open())
    await closed.end()
    const next = await claim(await harness.open())
    expectEqual([held.id === place.id, next.id === place.id], [false, true], 'who has the place')
    expectKept(next, 'left', text(1))
    await next.write({ state: 'taken', ...put(text(2)) })
    const third = await claim(await harness.open())
    expectEqual(third.kept, undefined, 'what the third tab found')
  }),

  define('tabs that claim at once have a place each', async (harness) => {
    const closed = [await harness.open(), await harness.open()]
    for (const page of closed) await (await claim(page)).write({ state: 'left', ...put(text(1)) })
    await Promise.all(closed.map((page) => page.end()))
    const pages = await Promise.all(Array.from({ length: 5 }, () => harness.open(closed[0])))
    const places = await Promise.all(pages.map(claim))
    expectEqual(new Set(places.map(({ id }) => id)).size, 5, 'places')
  }),

  define('orphans have messages, and nobody holds them', async (harness) => {
    const [first, idle, own] = [await harness.open(), await harness.open(), await harness.open()]
    const [left, empty] = [await claim(first), await claim(idle)]
    await left.write({ state: 'left', ...put(text(1)) })
    await empty.write({ state: 'idle', ...put() })
    const place = await claim(own)
    await place.write({ state: 'own', ...put(text(2)) })
    expectEqual(await own.store.claim(true), undefined, 'an orphan while all pages are there')
    await first.end()
    await idle.end()
    const orphan = (await own.store.claim(true)) ?? fail('an orphan was not found')
    expectEqual(orphan.id, left.id, 'the orphan')
    expectKept(orphan, 'left', text(1))
    expectEqual(await own.store.claim(true), undefined, 'a second orphan')
    expectEqual((await claim(await reload(harness, own))).id, place.id, 'the place of the tab that took the orphan')
  }),

  define('a released place is free, with what was written before', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    const written = place.write({ state: 'kept', ...put(text(1)) })
    place.release(false)
    await written
    await expectRejected(place.write({ state: 'late', ...put(text(2)) }), 'a write after the release')
    place.release(false)
    place.release(true)
    const again = await claim(page)
    expectEqual(again.id, place.id, 'the place')
    expectKept(again, 'kept', text(1))
  }),

  define('a place that is to be forgotten leaves nothing', async (harness) => {
    const page = await harness.open()
    const place = await claim(page)
    await place.write({ state: 'secret', ...put(text(1)) })
    place.release(true)
    const other = await harness.open()
    expectEqual(await other.store.claim(true), undefined, 'an orphan')
    expectEqual((await claim(await reload(harness, page))).kept, undefined, 'what is kept')
    expectEqual((await claim(other)).kept, undefined, 'what another tab found')
  }),
]
