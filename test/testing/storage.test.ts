import { describe, expect, test } from 'vitest'
import type { StoragePlace } from 'holdfast'
import { seededRandom, type VirtualStoreOptions, virtualClock, virtualStore } from 'holdfast/testing'

const message = (key: number, frame = `["say",${key}]`) => ({ key, frame })
const change = (state: unknown, ...keys: number[]) => ({ state, put: keys.map((key) => message(key)), drop: [] })

const setUp = (options: Partial<VirtualStoreOptions> & { seed?: number } = {}) => {
  const { seed = 1, ...rest } = options
  const clock = virtualClock(1_000)
  const store = virtualStore({ clock, random: seededRandom(seed), ...rest })
  /** What a promise comes to, after all the time that it may need. */
  const settle = async <T>(promise: Promise<T>): Promise<unknown> => {
    const settled = promise.then(
      (value) => value,
      (error: unknown) => error,
    )
    await clock.advance(100)
    return settled
  }
  const open = async (tab: string, orphan?: boolean) => {
    const view = clock.view()
    const page = store.page(tab, view)
    const place = (await settle(page.store.claim(orphan))) as StoragePlace
    return { ...page, view, place }
  }
  const keys = (place: Pick<StoragePlace, 'kept'> | undefined) => place?.kept?.messages.map(({ key }) => key)
  return { clock, store, settle, open, keys }
}

describe('what is written', () => {
  test('is kept as a whole, in order, after a while', async () => {
    const { clock, store, open, keys } = setUp({ latency: 20 })
    const { place } = await open('a')
    expect(place.kept).toBeUndefined()
    const done: string[] = []
    void place.write(change('one', 2, 1)).then(() => done.push('one'))
    void place.write({ state: 'two', put: [message(3)], drop: [1] }).then(() => done.push('two'))
    await clock.advance(0)
    expect([done, store.places[0]?.kept]).toEqual([[], undefined])
    await clock.advance(20)
    expect(done).toEqual(['one', 'two'])
    expect([store.places[0]?.kept?.state, keys(store.places[0])]).toEqual(['two', [2, 3]])
  })

  test('is a copy, and so is what is read', async () => {
    const { store, open, settle } = setUp()
    const { place, die } = await open('a')
    const frame = new Uint8Array([1, 2])
    const writing = place.write({ state: { id: 'x' }, put: [{ key: 1, frame }], drop: [] })
    frame[0] = 9
    await settle(writing)
    die()
    const again = await open('a')
    expect(again.place.kept).toEqual({ state: { id: 'x' }, messages: [{ key: 1, frame: new Uint8Array([1, 2]) }] })
    ;(again.place.kept!.state as { id: string }).id = 'y'
    expect(store.places[0]?.kept?.state).toEqual({ id: 'x' })
  })

  test('is kept while the page sleeps, which hears of it when it wakes', async () => {
    const { clock, store, open, keys } = setUp()
    const { place, view } = await open('a')
    let isDone = false
    void place.write(change(0, 1)).then(() => (isDone = true))
    view.freeze()
    await clock.advance(100)
    expect([keys(store.places[0]), isDone]).toEqual([[1], false])
    view.thaw()
    await clock.advance(0)
    expect(isDone).toBe(true)
  })
})

describe('a page that dies', () => {
  test('leaves a beginning of what it was writing, by chance, and hears nothing more', async () => {
    const left = new Set<string>()
    let heard = 0
    for (let seed = 1; seed <= 40; seed++) {
      const { store, clock, open, keys } = setUp({ seed })
      const { place, die } = await open('a')
      for (const key of [1, 2, 3])
        place.write(change(key, key)).then(
          () => heard++,
          () => heard++,
        )
      die()
      await clock.advance(100)
      void place.write(change(4, 4)).then(() => heard++)
      place.release(true)
      await clock.advance(100)
      left.add(String(keys(store.places[0]) ?? 'nothing'))
    }
    expect([...left].toSorted()).toEqual(['1', '1,2', '1,2,3', 'nothing'])
    expect(heard).toBe(0)
  })

  test('leaves its place to the next page of its tab', async () => {
    const { open, settle, keys } = setUp()
    const first = await open('a')
    await settle(first.place.write(change(0, 1)))
    first.die()
    const second = await open('a')
    expect([second.place.id, keys(second.place)]).toEqual([first.place.id, [1]])
  })

  test('claims nothing any more', async () => {
    const { clock, store } = setUp()
    const page = store.page('a')
    let claimed = false
    void page.store.claim().then(() => (claimed = true))
    page.die()
    await clock.advance(100)
    expect([claimed, store.places]).toEqual([false, []])
  })
})

describe('a place', () => {
  test('is held by one page at a time, also where a tab was duplicated', async () => {
    const { store, open, settle } = setUp()
    const a = await open('a')
    await settle(a.place.write(change(0, 1)))
    store.duplicate('a', 'b')
    const b = await open('b')
    expect(b.place.id).not.toBe(a.place.id)
    expect(store.places.map(({ holder }) => holder)).toEqual(['a', 'b'])
    b.die()
    const later = await open('b')
    expect(later.place.id).toBe(b.place.id)
  })

  test('of two claims at once goes to one', async () => {
    const { store, open } = setUp()
    const pages = await Promise.all([store.page('a').store.claim(), store.page('a').store.claim(), open('c')])
    expect(new Set(store.places.map(({ id }) => id)).size).toBe(3)
    expect(pages[0]?.id).not.toBe(pages[1]?.id)
  })

  test('that a closed tab left goes to a new tab, the newest first; as an orphan only if it has messages', async () => {
    const { clock, open, settle, keys } = setUp()
    const tabs = []
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const tab = await open(name)
      await settle(tab.place.write(index === 2 ? change('empty') : change(name, index)))
      await clock.advance(10)
      tabs.push(tab)
    }
    for (const tab of tabs) tab.die()
    const orphan = await open('d', true)
    expect(keys(orphan.place)).toEqual([1])
    const fresh = await open('e')
    expect(fresh.place.kept?.state).toBe('empty')
    const other = await open('d', true)
    expect(keys(other.place)).toEqual([0])
    expect((await open('d', true)).place).toBeUndefined()
    expect((await open('d')).place.kept).toBeUndefined()
  })

  test('is released when what was written before is kept, and forgotten if that is wanted', async () => {
    const { store, open, settle, keys } = setUp()
    const a = await open('a')
    void a.place.write(change(0, 1))
    a.place.release(false)
    a.place.release(true)
    expect(store.places[0]?.holder).toBe('a')
    expect(await settle(a.place.write(change(0, 2)))).toBeInstanceOf(Error)
    expect(store.places[0]?.holder).toBeUndefined()
    const again = await open('a')
    expect(keys(again.place)).toEqual([1])
    again.place.release(true)
    expect((await open('a')).place.id).not.toBe(a.place.id)
    expect(store.places).toHaveLength(1)
  })
})

describe('a store that refuses', () => {
  test('keeps nothing of the write, and goes on with the next', async () => {
    const { store, open, settle, keys } = setUp()
    const { place } = await open('a')
    store.refuse('writes')
    expect(await settle(place.write(change(0, 1)))).toMatchObject({ name: 'QuotaExceededError' })
    store.refuse('nothing')
    await settle(place.write(change(0, 2)))
    expect(keys(store.places[0])).toEqual([2])
  })

  test('has a quota for all places together', async () => {
    const { store, open, settle, keys } = setUp()
    const [a, b] = [await open('a'), await open('b')]
    store.quota = 25
    await settle(a.place.write(change(0, 1)))
    await settle(b.place.write(change(0, 2)))
    expect(await settle(a.place.write(change(0, 3)))).toMatchObject({ name: 'QuotaExceededError' })
    expect(await settle(a.place.write({ ...change(0, 3), drop: [1] }))).toBeUndefined()
    expect(store.places.map(keys)).toEqual([[3], [2]])
    expect(store.quota).toBe(25)
  })

  test('lets nobody claim', async () => {
    const { store, open } = setUp()
    store.refuse('claims')
    expect((await open('a')).place).toBeInstanceOf(Error)
    store.refuse('everything')
    expect((await open('a')).place).toBeInstanceOf(Error)
  })
})

test('what somebody else wrote is there', async () => {
  const { store, open, settle } = setUp()
  const { place, die } = await open('a')
  store.corrupt(place.id, () => ({ state: 'nothing to corrupt', messages: [] }))
  expect(store.places[0]?.kept).toBeUndefined()
  await settle(place.write(change(0, 1)))
  store.corrupt(place.id, ({ messages }) => ({ state: 'rubbish', messages: messages.map(() => ({ key: 7 })) }))
  die()
  expect((await open('a')).place.kept).toEqual({ state: 'rubbish', messages: [{ key: 7 }] })
})

test('the same seed keeps the same', async () => {
  const run = async (): Promise<unknown> => {
    const { store, clock, open } = setUp({ seed: 5, latency: 50 })
    const { place, die } = await open('a')
    for (const key of [1, 2, 3, 4]) void place.write(change(key, key))
    await clock.advance(20)
    die()
    return store.places
  }
  expect(await run()).toEqual(await run())
})
