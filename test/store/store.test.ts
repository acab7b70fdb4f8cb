/** What the store of the house does beyond what every store must: age, number, broken databases, late writes. */
import { type IDBPDatabase, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StorageChange, StoragePlace } from 'holdfast'
import { indexedDbStore } from 'holdfast/store'
import { DAY, type OpenOptions, type Origin, type Page, createOrigin } from './origin.ts'

let origin: Origin
beforeEach(() => void (origin = createOrigin()))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const change = (state: unknown, ...keys: number[]): StorageChange => ({
  state,
  put: keys.map((key) => ({ key, frame: `["say",${key}]` })),
  drop: [],
})
const claim = async ({ store }: Page, orphan = false): Promise<StoragePlace> =>
  (await origin.settled(store.claim(orphan)))!

/** A page that leaves this behind, and says where. */
const leave = async (state: unknown, options?: OpenOptions): Promise<[place: string, page: Page]> => {
  const page = origin.open(options)
  const place = await claim(page)
  await place.write(change(state, 1, 2))
  await page.end()
  return [place.id, page]
}

/** Pages that have a place each, and a message there, one after the other. */
const settle = async (count: number): Promise<{ readonly page: Page; readonly place: StoragePlace }[]> => {
  const all = []
  for (let index = 0; index < count; index++) {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change(index, 1))
    await origin.clock.advance(1)
    all.push({ page, place })
  }
  return all
}

/** What a look at the database shows. */
const look = async <T>(see: (database: IDBPDatabase) => Promise<T>): Promise<T> => {
  const database = await openDB('holdfast')
  try {
    return await see(database)
  } finally {
    database.close()
  }
}
const rows = (): Promise<IDBValidKey[][]> =>
  look((database) => database.getAllKeys('changes') as Promise<IDBValidKey[][]>)
const places = async (): Promise<number> => new Set((await rows()).map(([, place]) => place)).size

describe('a claim', () => {
  test('has the abandoned place that was written to last, whenever that was opened', async () => {
    const [first, second] = [origin.open(), origin.open()]
    const [busy, idle] = [await claim(first), await claim(second)]
    await idle.write(change('idle', 1))
    await origin.clock.advance(1_000)
    await busy.write(change('busy', 1))
    await first.end()
    await second.end()
    const orphan = await claim(origin.open(), true)
    expect([orphan.id, orphan.kept?.state]).toEqual([busy.id, 'busy'])
    expect((await claim(origin.open())).id).toBe(idle.id)
  })

  test('waits a little for the page before, which takes its time to go', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('here'))
    const next = origin.open({ like: { ...page, tab: page.tab } })
    const again = claim(next)
    origin.clock.after(400, () => void page.end())
    expect(await again).toMatchObject({ id: place.id, kept: { state: 'here' } })
  })

  test('does not wait for long in a duplicated tab, and then never again', async () => {
    const page = origin.open()
    await claim(page)
    const copy = origin.open({ like: page })
    const start = origin.clock.now()
    const place = await claim(copy)
    expect(origin.clock.now() - start).toBeLessThan(700)
    await copy.end()
    expect((await claim(origin.open({ like: copy }))).id).toBe(place.id)
  })

  test('of one name knows nothing of another’s places', async () => {
    for (const name of ['chat', 'chat:ann', '__proto__', ''])
      await (await claim(origin.open({ name }))).write(change(name, 1))
    for (const name of ['cha', 'ann', 'constructor', 'chat:'])
      expect((await claim(origin.open({ name }))).kept).toBe(undefined)
    const [, page] = await leave('proto', { name: '__proto__' })
    expect((await claim(origin.open({ name: '__proto__', like: page }))).kept?.state).toBe('proto')
  })

  test('passes over what cannot be read', async () => {
    const [broken] = await leave('broken')
    const { getAll } = IDBObjectStore.prototype
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, range) {
      if ((range as IDBKeyRange).includes(['chat', broken, 1, 0, 0])) throw new DOMException('Unreadable.', 'DataError')
      return getAll.call(this, range)
    })
    const place = await claim(origin.open())
    expect([place.id === broken, place.kept]).toEqual([false, undefined])
    await place.write(change('works', 1))
  })
})

describe('age', () => {
  test('beyond the last write deletes what nobody holds, and only that', async () => {
    const [asleep, old, own, young] = await settle(4)
    const [, foreign] = await leave('of another name', { name: 'other' })
    await origin.clock.advance(DAY / 2)
    await young!.place.write(change('young', 1))
    for (const { page } of [old!, own!, young!]) await page.end()
    await origin.clock.advance(DAY / 2)
    const again = await claim(origin.open({ like: own!.page }))
    expect([again.id, again.kept]).toEqual([own!.place.id, undefined])
    expect((await claim(origin.open())).id).toBe(young!.place.id)
    // It is nobody's wait.
    await expect.poll(places).toBe(4)
    await asleep!.place.write(change('awake'))
    expect((await claim(origin.open({ name: 'other', like: foreign }))).kept).toBe(undefined)
  })

  test('has no end where the option says so, and ends at once where it is nothing', async () => {
    const [kept] = await leave('kept', { name: 'for ever' })
    await leave('nothing', { name: 'never' })
    await origin.clock.advance(1_000 * DAY)
    expect((await claim(origin.open({ name: 'for ever', maxAge: Infinity }))).id).toBe(kept)
    expect((await claim(origin.open({ name: 'never', maxAge: 0 }))).kept).toBe(undefined)
  })

  test('is not what keeps their number in bounds', async () => {
    const all = await settle(30)
    expect(await places()).toBe(30)
    // One is held, and not counted out, however old.
    for (const { page } of all.slice(1)) await page.end()
    expect((await claim(origin.open())).id).toBe(all.at(-1)!.place.id)
    await expect.poll(places).toBe(21)
    expect((await claim(origin.open({ like: all[10]!.page }))).kept?.state).toBe(10)
    expect((await claim(origin.open({ like: all[9]!.page }))).kept).toBe(undefined)
    await all[0]!.place.write(change('still there'))
  })
})

describe('a write', () => {
  test('that is late, after another page took the place, comes to nothing', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('before', 1))
    await page.end()
    const next = await claim(origin.open({ like: page }))
    await next.write(change('after', 2))
    await origin.clock.advance(1)
    await Promise.allSettled([place.write(change('late', 1, 3)), place.write(change('later', 4))])
    next.release(false)
    const last = await claim(origin.open())
    expect([last.id, last.kept?.state, last.kept?.messages.map(({ key }) => key)]).toEqual([place.id, 'after', [1, 2]])
    expect(await rows()).toHaveLength(1)
  })

  test('keeps a part of a buffer, and not the whole of it', async () => {
    const page = origin.open()
    const frame = new Uint8Array(1_000).subarray(10, 13)
    await (await claim(page)).write({ state: null, put: [{ key: 1, frame }], drop: [] })
    await page.end()
    const [message] = (await claim(origin.open({ like: page }))).kept!.messages
    expect((message!.frame as Uint8Array).buffer.byteLength).toBe(3)
  })

  test('of what cannot be kept rejects, and keeps nothing of it; the next one is kept', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('before', 1))
    const uncloneable = { key: 3, frame: 'x', latest: (() => {}) as unknown as string }
    await expect(place.write({ state: 'bad', put: [...change(0, 2).put, uncloneable], drop: [1] })).rejects.toThrow()
    await expect(place.write(change(() => {}, 4))).rejects.toThrow()
    await page.end()
    const again = await claim(origin.open({ like: page }))
    expect([again.kept?.state, again.kept?.messages.map(({ key }) => key)]).toEqual(['before', [1]])
    await again.write(change('next', 5))
  })

  test('that the browser takes back, because the disk is full, rejects with its reason', async () => {
    const place = await claim(origin.open())
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      this.abort()
    })
    await expect(place.write(change('too much', 1))).rejects.toMatchObject({ name: 'AbortError' })
    vi.restoreAllMocks()
    await place.write(change('next', 2))
    place.release(false)
    expect((await claim(origin.open())).kept?.messages.map(({ key }) => key)).toEqual([2])
  })
})

describe('last words', () => {
  const keysOf = ({ kept }: StoragePlace): unknown => kept?.messages.map(({ key }) => key)
  /** The browser drops what is written from now on. */
  const drop = (): void => {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => new IDBRequest() as IDBRequest<IDBValidKey>)
  }
  const reload = async (page: Page): Promise<[Page, StoragePlace]> => {
    await page.end()
    vi.restoreAllMocks()
    const next = origin.open({ like: page })
    return [next, await claim(next)]
  }

  test('of a page are heard by the next one of the tab, once', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('first', 1, 2))
    drop()
    const bytes = new Uint8Array([0, 255])
    void place.write({ state: 'second', put: [{ key: 3, frame: bytes, latest: 'x', number: 7 }], drop: [1] })
    void place.write(change('third', 4))
    page.leave()
    const [next, again] = await reload(page)
    expect(again.kept).toEqual({
      state: 'third',
      messages: [
        { key: 2, frame: '["say",2]' },
        { key: 3, frame: bytes, latest: 'x', number: 7 },
        { key: 4, frame: '["say",4]' },
      ],
    })
    await again.write({ state: 'fourth', put: [], drop: [2, 3] })
    expect(keysOf((await reload(next))[1])).toEqual([4])
  })

  test('are nobody else’s, and none if all was kept', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('first', 1))
    page.leave()
    expect([...page.tab.kept.keys()]).toEqual(['holdfast:chat'])
    drop()
    void place.write(change('second', 2))
    page.leave()
    vi.restoreAllMocks()
    const copy = await claim(origin.open({ like: page }))
    expect(copy.kept).toBe(undefined)
  })

  test('do not come again when they were kept after all, or when the page went on', async () => {
    const page = origin.open()
    const place = await claim(page)
    const written = place.write(change('first', 1))
    page.leave()
    await written
    for (let key = 2; key < 100; key++) await place.write({ ...change('next', key), drop: [key - 1] })
    await expect.poll(async () => (await rows()).length).toBeLessThan(64)
    expect(keysOf((await reload(page))[1])).toEqual([99])
  })

  test.each(['nonsense', '[1]', '[[[],{}]]', '{}', '[[["chat"],{"put":[null]}]]'])(
    'that are none: %s',
    async (text) => {
      const [id, page] = await leave('kept')
      page.tab.set('holdfast-last:chat', text)
      const place = await claim(origin.open({ like: page }))
      expect([place.id, place.kept?.state, keysOf(place)]).toEqual([id, 'kept', [1, 2]])
    },
  )
})

describe('changes', () => {
  const backlog = Array.from({ length: 300 }, (_, index) => index)

  test('of the past take no more room than twice what is worth keeping', async () => {
    const page = origin.open()
    const place = await claim(page)
    for (let key = 0; key < 500; key++)
      await place.write({ state: key, put: [{ key, frame: `${key}` }], drop: [key - 10] })
    await expect.poll(async () => (await rows()).length).toBeLessThan(64 + 2 * 10)
    await page.end()
    const { kept } = await claim(origin.open({ like: page }))
    expect([kept?.state, kept?.messages.map(({ frame }) => frame)]).toEqual([
      499,
      Array.from({ length: 10 }, (_, index) => `${490 + index}`),
    ])
  })

  test('are made one less often the more is kept, while others go on being written', async () => {
    const page = origin.open()
    const place = await claim(page)
    const rewritten = vi.spyOn(IDBObjectStore.prototype, 'getAll')
    await Promise.all(backlog.map((key) => place.write(change(key, key))))
    await place.write(change('more', 1_000))
    for (const key of backlog) await place.write(change(key, key + backlog.length))
    expect(rewritten).toHaveBeenCalledTimes(2)
    place.release(false)
    const again = await claim(page)
    expect([again.kept?.state, again.kept?.messages.map(({ key }) => key)]).toEqual([
      299,
      [...Array.from({ length: 600 }, (_, key) => key), 1_000],
    ])
  })

  test('stay as they are where they cannot be made one', async () => {
    const place = await claim(origin.open())
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
      throw new DOMException('Unreadable.', 'DataError')
    })
    for (const key of backlog) await place.write(change(key, key))
    vi.restoreAllMocks()
    place.release(false)
    expect((await claim(origin.open())).kept?.messages.map(({ key }) => key)).toEqual(backlog)
  })
})

describe('the database', () => {
  const other = async (version: number, ...stores: string[]): Promise<void> => {
    const upgrade = (database: IDBPDatabase): void =>
      stores.forEach((store) => void database.createObjectStore(store, { autoIncrement: true }))
    const database = await openDB('holdfast', version, { upgrade })
    for (const store of stores) await database.put(store, 'something')
    database.close()
  }

  test.each([
    ['of a later layout', 99, 'sessions'],
    ['of somebody else’s', 1, 'letters'],
  ])('%s is deleted', async (_, version, store) => {
    await other(version, store)
    const page = origin.open()
    await (await claim(page)).write(change('new', 1))
    expect(await rows()).toHaveLength(2)
  })

  test('that cannot be opened is deleted once, and only if that helps', async () => {
    await leave('kept')
    const fail = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('Internal error.', 'UnknownError')
    })
    const remove = vi.spyOn(indexedDB, 'deleteDatabase')
    await expect(claim(origin.open())).rejects.toMatchObject({ name: 'UnknownError' })
    expect(remove).toHaveBeenCalledTimes(1)
    fail.mockImplementation(() => {
      throw new DOMException('The disk is full.', 'QuotaExceededError')
    })
    await expect(claim(origin.open())).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect(remove).toHaveBeenCalledTimes(1)
  })

  test('is not deleted for a failure that passes', async () => {
    const [place] = await leave('kept')
    vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('Connection lost.', 'UnknownError')
    })
    expect((await claim(origin.open())).id).toBe(place)
  })

  test('may be deleted by somebody else at any time: writes reject, and the next claim begins anew', async () => {
    const page = origin.open()
    const place = await claim(page)
    await place.write(change('before', 1))
    const isBlocked = vi.fn<() => void>()
    const deletion = indexedDB.deleteDatabase('holdfast')
    deletion.addEventListener('blocked', isBlocked)
    await new Promise((resolve) => deletion.addEventListener('success', resolve))
    expect(isBlocked).not.toHaveBeenCalled()
    await expect(place.write(change('after', 1))).rejects.toThrow()
    place.release(true)
    expect((await claim(page)).kept).toBe(undefined)
  })

  test('has no connection to a page that holds nothing', async () => {
    const open = vi.spyOn(indexedDB, 'open')
    const connections = (): number => {
      const all = open.mock.results.map(({ value }) => (value as IDBOpenDBRequest).result)
      return all.filter((database) => {
        try {
          return database.transaction('changes')
        } catch {
          return false
        }
      }).length
    }
    const page = origin.open()
    const place = await claim(page)
    expect(await origin.settled(page.store.claim(true))).toBe(undefined)
    expect(connections()).toBe(1)
    place.release(false)
    expect(connections()).toBe(0)
    await expect.poll(() => page.locks.held()).toEqual([])
    const again = await claim(page)
    again.release(true)
    expect(connections()).toBe(0)
    await expect.poll(() => page.locks.held()).toEqual([])
    expect(await rows()).toEqual([])
  })
})

describe('a claim never hangs and never throws', () => {
  test('where another page blocks the database; what comes too late is let go', async () => {
    const blocking = await openDB('holdfast', 1)
    const deletion = indexedDB.deleteDatabase('holdfast')
    const page = origin.open()
    const start = origin.clock.now()
    await expect(claim(page)).rejects.toThrow('2000 ms')
    expect(origin.clock.now() - start).toBeLessThan(2_100)
    const close = vi.spyOn(IDBDatabase.prototype, 'close')
    blocking.close()
    await expect.poll(() => close.mock.calls.length).toBe(2)
    await expect.poll(() => page.locks.held()).toEqual([])
    expect([deletion.readyState, origin.clock.pending]).toEqual(['done', 0])
    await claim(origin.open())
  })

  test.each([
    ['no IndexedDB', (): void => void vi.stubGlobal('indexedDB', undefined)],
    ['no Web Locks', (): void => void vi.stubGlobal('navigator', {})],
    ['no navigator', (): void => void vi.stubGlobal('navigator', undefined)],
    [
      'Web Locks that refuse',
      (): void => void vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new Error('opaque')) } }),
    ],
  ])('with %s', async (_, spoil) => {
    const store = indexedDbStore('chat')
    spoil()
    await expect(store.claim()).rejects.toThrow()
  })
})

describe('indexedDbStore', () => {
  test('keeps what it is given, in a page that has no memory of its tab', async () => {
    const store = indexedDbStore('chat', { maxAge: 1_000, reloadTime: 0 })
    const place = (await store.claim())!
    await place.write(change({ session: 'a' }, 1))
    const other = (await indexedDbStore('chat', { reloadTime: 0 }).claim())!
    expect(other.id).not.toBe(place.id)
    place.release(false)
    const again = (await indexedDbStore('chat', { reloadTime: 0 }).claim())!
    expect([again.id, again.kept?.state]).toEqual([place.id, { session: 'a' }])
    again.release(true)
    other.release(true)
  })

  test('leaves alone what another tab left just now: it may be reloading', async () => {
    const place = (await indexedDbStore('chat', { reloadTime: 30 }).claim())!
    await place.write(change({ session: 'a' }, 1))
    place.release(false)
    expect(await indexedDbStore('chat').claim(true)).toBeUndefined()
    const impatient = (await indexedDbStore('chat', { reloadTime: 0 }).claim(true))!
    expect(impatient.id).toBe(place.id)
    impatient.release(true)
  })

  test.each([
    ['a millisecond, as those of two pages differ', 1, 0],
    ['an hour, since it was set', 3_600_000, 10_000],
  ])('has what was left by a clock that is ahead by %s', async (_, ahead, reloadTime) => {
    const place = (await indexedDbStore('chat').claim())!
    await place.write(change({ session: 'a' }, 1))
    place.release(false)
    const { now } = Date
    vi.spyOn(Date, 'now').mockImplementation(() => now() - ahead)
    const found = await indexedDbStore('chat', { reloadTime }).claim(true)
    expect(found?.id).toBe(place.id)
    found!.release(true)
  })

  test('checks what it is told', () => {
    expect(() => indexedDbStore('chat', { maxage: 1 } as object)).toThrow('Did you mean `maxAge`?')
    expect(() => indexedDbStore('chat', { maxAge: -1 })).toThrow('must be a number, not negative')
    expect(() => indexedDbStore(undefined as unknown as string)).toThrow('must be a string')
  })
})
