/** Sessions that outlive their pages, on a virtual disk. */
import { describe, expect, test } from 'vitest'
import type { ConnectOptions, HoldfastError, Lost, Socket } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import { persist } from 'holdfast/store'
import { type Tab, type VirtualStore, type World, type WorldOptions, seededRandom, world } from 'holdfast/testing'

interface Page {
  readonly tab: Tab
  readonly socket: Socket
  readonly lost: Lost[]
  readonly errors: HoldfastError[]
  readonly heard: unknown[]
  /** It goes, and has its last words. */
  leave(): void
}
interface Life {
  readonly here: World
  readonly store: VirtualStore
  /** What the server heard, with a mark for each session that began. */
  readonly heard: unknown[]
  readonly sessions: ServerSession[]
  /** Opens a page of that tab. */
  open(tab?: string, options?: ConnectOptions): Page
}

const live = (options: WorldOptions = {}): Life => {
  const heard: unknown[] = []
  const sessions: ServerSession[] = []
  const here = world({
    clients: 0,
    client: (_, store) => ({ outbox: { store: persist(store) } }),
    serve: (core) =>
      void core.on('session', (session) => {
        heard.push('session')
        sessions.push(session)
        session.on('say', (data) => heard.push(data))
        session.handle('ask', (data) => (heard.push(data), `answer to ${String(data)}`))
      }),
    ...options,
  })
  return {
    here,
    store: here.store,
    heard,
    sessions,
    open: (name = 'a', own = {}) => {
      const tab = here.open(name, own)
      const [lost, errors, news]: [Lost[], HoldfastError[], unknown[]] = [[], [], []]
      tab.socket.onLost((loss) => lost.push(loss))
      tab.socket.onError((error) => errors.push(error))
      tab.socket.on('news', (data) => news.push(data))
      const leave = (): void => {
        tab.lifecycle.happen('leave')
        tab.view.stop()
        tab.network.vanish()
        // What was written before it went is the disk's business now.
        here.clock.after(50, tab.kill)
      }
      return { tab, socket: tab.socket, lost, errors, heard: news, leave }
    },
  }
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('a page that is reloaded', () => {
  test('goes on with the session: nothing twice, nothing lost, in order, and the server sees one session', async () => {
    const { here, heard, open } = live()
    const first = open()
    await here.clock.advance(500)
    for (const number of range(1, 20)) first.socket.send('say', number)
    await here.clock.advance(60)
    for (const number of range(21, 30)) first.socket.send('say', number)
    await here.clock.advance(10)
    first.leave()
    await here.clock.advance(100)
    const second = open()
    second.socket.send('say', 31)
    await here.clock.advance(5_000)
    expect(heard).toEqual(['session', ...range(1, 31)])
    expect([second.socket.status.get().resumed, second.lost, second.errors, first.errors]).toEqual([true, [], [], []])
  })

  test('hears what the page before had not heard, and not what it had', async () => {
    const { here, sessions, open } = live()
    const first = open()
    await here.clock.advance(500)
    sessions[0]!.send('news', 1)
    await here.clock.advance(100)
    first.leave()
    sessions[0]!.send('news', 2)
    await here.clock.advance(100)
    const second = open()
    await here.clock.advance(2_000)
    expect([first.heard, second.heard, second.errors]).toEqual([[1], [2], []])
  })

  test('finds its session before the server ever welcomed it', async () => {
    const { here, heard, open } = live()
    here.network.fate('refuse')
    const first = open()
    first.socket.send('say', 1)
    await here.clock.advance(3_000)
    first.leave()
    await here.clock.advance(100)
    here.network.fate('open')
    open().socket.send('say', 2)
    await here.clock.advance(5_000)
    expect(heard).toEqual(['session', 1, 2])
  })

  test('costs no round trip more: what was left and what is new go right behind the hello', async () => {
    const { here, heard, open } = live({ conditions: { latency: 100, jitter: 0 } })
    const first = open()
    await here.clock.advance(1_000)
    first.socket.send('say', 1)
    await here.clock.advance(20)
    first.leave()
    await here.clock.advance(500)
    heard.length = 0
    const second = open()
    second.socket.send('say', 2)
    // Four flights to open a WebSocket and one for the hello; and three times what the disk takes.
    await here.clock.advance(500 + 20)
    expect(heard).toEqual([1, 2])
  })

  test('again and again, at any instant: each message arrives once', async () => {
    const { here, heard, store, open } = live()
    const said: number[] = []
    const random = seededRandom(7)
    for (let life = 0; life < 60; life++) {
      const page = open()
      // Before it has its place in the store, nothing can be kept.
      await here.clock.advance(20)
      for (let step = random.int(0, 6); step > 0; step--) {
        page.socket.send('say', said.push(said.length + 1))
        await here.clock.advance(random.pick([0, 1, 30, 200, 900]))
      }
      page.leave()
      await here.clock.advance(random.pick([60, 300]))
    }
    open()
    await here.clock.advance(10_000)
    expect(heard).toEqual(['session', ...said])
    expect(store.places).toHaveLength(1)
  })
})

describe('a page that crashes', () => {
  test('loses no more than the disk had not taken yet, and nothing arrives twice or out of order', async () => {
    let missing = 0
    for (const seed of range(1, 40)) {
      const { here, heard, open } = live({ seed })
      const random = seededRandom(seed)
      const page = open()
      let said = 0
      for (let step = 0; step < 30; step++) {
        page.socket.send('say', ++said)
        await here.clock.advance(random.pick([0, 0, 1, 5, 20]))
      }
      // Older than the slowest write, younger than any answer.
      const safe = said
      await here.clock.advance(12)
      for (const number of [said + 1, said + 2]) page.socket.send('say', number)
      page.tab.kill()
      await here.clock.advance(200)
      open().socket.send('say', 'after')
      await here.clock.advance(10_000)
      const numbers = heard.filter((data) => typeof data === 'number')
      expect(numbers, `seed ${seed}`).toEqual(range(1, numbers.length))
      expect(numbers.length, `seed ${seed}`).toBeGreaterThanOrEqual(safe)
      expect([heard[0], heard.at(-1), heard.filter((data) => data === 'session').length]).toEqual([
        'session',
        'after',
        1,
      ])
      missing += said + 2 - numbers.length
    }
    // Something was at stake.
    expect(missing).toBeGreaterThan(5)
  })
})

describe('a closed tab', () => {
  test('what it could not send goes out when the application is opened again, in whatever tab', async () => {
    const { here, heard, open } = live()
    here.network.fate('refuse')
    const first = open('a')
    for (const number of [1, 2, 3]) first.socket.send('say', number)
    await here.clock.advance(1_000)
    first.leave()
    await here.clock.advance(3_600_000)
    here.network.fate('open')
    open('b')
    await here.clock.advance(5_000)
    expect(heard).toEqual(['session', 1, 2, 3])
  })

  test('what it had sent, and nobody knows of any more, is told to the next page', async () => {
    const { here, heard, open } = live({ server: { keep: 1_000 } })
    const first = open('a', { inDoubt: 'reject' })
    await here.clock.advance(500)
    for (const link of here.network.links) link.halfOpen('up')
    first.socket.send('say', 1)
    first.socket.request('ask', 'question').catch(() => {})
    await here.clock.advance(100)
    first.leave()
    here.restart()
    await here.clock.advance(60_000)
    const second = open('a', { inDoubt: 'reject' })
    second.socket.send('say', 2)
    await here.clock.advance(5_000)
    expect(second.lost.map(({ cause, inDoubt, unsent }) => [cause.code, inDoubt, unsent])).toEqual([
      [
        'session-lost',
        [
          { name: 'say', data: 1, request: false, resent: false },
          { name: 'ask', data: 'question', request: true, resent: false },
        ],
        [],
      ],
    ])
    expect(heard).toEqual(['session', 'session', 2])
  })

  test('messages that may expire do so, and a newer one of the same key takes their place', async () => {
    const { here, heard, open } = live()
    here.network.fate('refuse')
    const first = open('a', { transport: 'websocket' })
    first.socket.send('say', 'brief', { ttl: 5_000 })
    first.socket.send('say', 'old', { latest: 'k' })
    await here.clock.advance(100)
    first.leave()
    await here.clock.advance(10_000)
    here.network.fate('open')
    const second = open()
    second.socket.send('say', 'new', { latest: 'k' })
    await here.clock.advance(5_000)
    expect([heard, second.socket.errors]).toEqual([['session', 'new'], { expired: 1 }])
  })
})

describe('a page that is frozen', () => {
  const freeze = (page: Page): void => page.tab.view.enter(() => page.tab.lifecycle.happen('freeze'))
  const wake = (page: Page): void => page.tab.view.enter(() => page.tab.lifecycle.happen('wake'))

  test('holds no place, and goes on with its session when it is back', async () => {
    const { here, store, heard, sessions, open } = live()
    const page = open()
    await here.clock.advance(500)
    for (let round = 1; round <= 5; round++) {
      page.socket.send('say', round)
      freeze(page)
      page.socket.send('say', round + 0.5)
      await here.clock.advance(1_000)
      expect(store.places.map(({ holder }) => holder)).toEqual([undefined])
      sessions[0]!.send('news', round)
      wake(page)
      await here.clock.advance(2_000)
      expect(store.places.map(({ holder, kept }) => [holder, kept?.messages])).toEqual([['a', []]])
    }
    expect(heard).toEqual(['session', 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5])
    expect([page.heard, page.lost, page.errors]).toEqual([[1, 2, 3, 4, 5], [], []])
  })

  test.each([0, 1, 3, 8, 30, 90, 200])('%i ms after it was opened: the same', async (pause) => {
    const { here, heard, open } = live()
    const page = open()
    page.socket.send('say', 1)
    await here.clock.advance(pause)
    freeze(page)
    await here.clock.advance(pause)
    wake(page)
    page.socket.send('say', 2)
    await here.clock.advance(5_000)
    expect([heard, page.lost, page.errors]).toEqual([['session', 1, 2], [], []])
  })

  test.each(['frozen', 'back'])(
    'whose last write fails when it is %s goes on without its store, and loses nothing',
    async (when) => {
      const { here, store, heard, open } = live({ storeLatency: 40 })
      const page = open()
      await here.clock.advance(500)
      page.socket.send('say', 1)
      freeze(page)
      store.refuse('writes')
      if (when === 'frozen') await here.clock.advance(100)
      wake(page)
      await here.clock.advance(60)
      store.refuse('nothing')
      page.socket.send('say', 2)
      await here.clock.advance(5_000)
      expect([heard, page.lost, page.socket.errors]).toEqual([['session', 1, 2], [], { 'storage-failed': 1 }])
    },
  )

  test('that froze while it wrote has sent what it wrote when it is back, though nothing else happens', async () => {
    for (const pause of [0, 1, 5, 20, 39, 45, 80]) {
      const { here, heard, open } = live({ storeLatency: 40 })
      const page = open()
      await here.clock.advance(2_000)
      page.socket.send('say', 1)
      await here.clock.advance(pause)
      freeze(page)
      await here.clock.advance(10)
      wake(page)
      await here.clock.advance(5_000)
      expect([heard, page.errors], `${pause} ms`).toEqual([['session', 1], []])
    }
  })

  test('may find that another tab has gone on with its session: it is told, and begins anew', async () => {
    const { here, heard, sessions, open } = live()
    const first = open('a')
    await here.clock.advance(500)
    for (const link of here.network.links) link.halfOpen('up')
    const fate = first.socket.send('say', 1).delivered.catch((error: unknown) => (error as HoldfastError).code)
    await here.clock.advance(100)
    freeze(first)
    await here.clock.advance(1_000)
    const second = open('b')
    await here.clock.advance(1_000)
    wake(first)
    await here.clock.advance(500)
    first.socket.send('say', 2)
    second.socket.send('say', 3)
    await here.clock.advance(2_000)
    expect([heard.slice(0, 3), new Set(heard.slice(3))]).toEqual([['session', 1, 'session'], new Set([2, 3])])
    expect(first.lost.map(({ cause, inDoubt }) => [cause.code, inDoubt.map(({ data }) => data)])).toEqual([
      ['superseded', [1]],
    ])
    expect([await fate, second.lost, sessions.length]).toEqual(['in-doubt', [], 2])
    expect([first, second].map(({ socket }) => socket.status.get().state)).toEqual(['open', 'open'])
  })
})

describe('several closed tabs', () => {
  const closeThree = async (life: Life): Promise<void> => {
    const { here, open } = life
    here.network.fate('refuse')
    const pages = ['a', 'b', 'c'].map((name) => ({ name, page: open(name, { transport: 'websocket' }) }))
    await here.clock.advance(500)
    for (const { name, page } of pages) for (const number of [1, 2, 3]) page.socket.send('say', `${name}${number}`)
    await here.clock.advance(500)
    for (const { page } of pages) page.leave()
    await here.clock.advance(500)
    here.network.fate('open')
  }
  const sorted = ({ heard }: Life): string[] =>
    heard
      .filter((data) => data !== 'session')
      .map(String)
      .toSorted((one, other) => one.localeCompare(other))
  const all = ['a', 'b', 'c'].flatMap((name) => [1, 2, 3].map((number) => `${name}${number}`))

  test('what they left goes out when one page comes back: each in order, once, and their sessions end', async () => {
    const life = live()
    await closeThree(life)
    const page = life.open('d')
    await life.here.clock.advance(10_000)
    expect(sorted(life)).toEqual(all)
    for (const name of ['a', 'b', 'c'])
      expect(life.heard.filter((data) => String(data).startsWith(name))).toEqual(
        [1, 2, 3].map((number) => name + number),
      )
    expect([life.here.server.core.sessions.size, life.store.places.length, page.errors, page.lost]).toEqual([
      1,
      1,
      [],
      [],
    ])
  })

  test('what a connection that breaks leaves undone is done over the next, and what the page leaves undone by the next page', async () => {
    for (const pause of [20, 60, 100, 140, 180, 220, 260, 300]) {
      const life = live()
      await closeThree(life)
      const page = life.open('d')
      await life.here.clock.advance(pause)
      life.here.network.cut()
      await life.here.clock.advance(pause)
      page.leave()
      await life.here.clock.advance(500)
      life.open('e')
      await life.here.clock.advance(30_000)
      expect(sorted(life), `after ${pause} ms`).toEqual(all)
      expect(
        life.store.places.flatMap(({ kept }) => kept?.messages ?? []),
        `after ${pause} ms`,
      ).toEqual([])
    }
  })

  test('what a tab left just now is looked for again, once: the tab may only be reloading', async () => {
    const life = live()
    const page = life.open('a')
    const other = life.open('b')
    await life.here.clock.advance(500)
    for (const link of life.here.network.links) if (link.client === 'b') link.halfOpen('up')
    other.socket.send('say', 'left')
    await life.here.clock.advance(100)
    other.leave()
    await life.here.clock.advance(8_000)
    expect(life.heard).toEqual(['session', 'session'])
    await life.here.clock.advance(10_000)
    expect([life.heard, page.lost, page.errors]).toEqual([['session', 'session', 'left'], [], []])
  })

  test('a socket that is closed takes nobody’s with it', async () => {
    const life = live()
    await closeThree(life)
    const page = life.open('d')
    page.socket.status.subscribe(({ state }) => state === 'open' && void page.socket.close({ timeout: 0 }))
    await life.here.clock.advance(10_000)
    life.open('e')
    await life.here.clock.advance(10_000)
    // Its own place is forgotten with it, that of one of the three: what had not arrived is told.
    const told = page.lost.flatMap(({ inDoubt, unsent }) => [inDoubt, unsent].flat())
    expect(sorted(life).length).toBeGreaterThanOrEqual(6)
    expect(sorted(life).length + told.length).toBeGreaterThanOrEqual(9)
  })
})

describe('requests of a page that is gone', () => {
  test('are not answered to the next one, though its own have begun', async () => {
    const { here, heard, open } = live()
    const first = open()
    await here.clock.advance(500)
    const outcomes: unknown[] = []
    first.socket
      .request('ask', 'old')
      .then((answer) => outcomes.push(answer))
      .catch(() => {})
    await here.clock.advance(30)
    first.leave()
    await here.clock.advance(60)
    const second = open()
    expect(await Promise.race([second.socket.request('ask', 'new'), here.clock.advance(5_000)])).toBe('answer to new')
    expect([heard, outcomes, second.errors]).toEqual([['session', 'old', 'new'], [], []])
  })

  test('that were never sent are not sent: nobody waits for them', async () => {
    const { here, heard, open } = live()
    here.network.fate('refuse')
    const first = open('a', { transport: 'websocket' })
    first.socket.request('ask', 'vain').catch(() => {})
    first.socket.send('say', 1)
    await here.clock.advance(100)
    first.leave()
    await here.clock.advance(100)
    here.network.fate('open')
    open()
    await here.clock.advance(5_000)
    expect(heard).toEqual(['session', 1])
  })

  test('streams are stopped', async () => {
    const stopped: string[] = []
    const { here, open } = live({
      serve: (core) =>
        void core.on(
          'session',
          (session) =>
            void session.handleStream('count', async function* (_, { signal }) {
              signal.addEventListener('abort', () => stopped.push('stopped'))
              for (let item = 0; ; item++) {
                await new Promise<void>((resolve) => here.clock.after(100, () => here.server.view.enter(resolve)))
                yield item
              }
            }),
        ),
    })
    const first = open()
    void first.socket.stream('count').next()
    await here.clock.advance(1_000)
    first.leave()
    await here.clock.advance(100)
    open()
    await here.clock.advance(1_000)
    expect(stopped).toEqual(['stopped'])
  })
})

describe('a duplicated tab', () => {
  test('has a session of its own, and neither hears of the other', async () => {
    const { here, store, heard, sessions, open } = live()
    const first = open('a')
    await here.clock.advance(500)
    store.duplicate('a', 'b')
    const second = open('b')
    await here.clock.advance(500)
    first.socket.send('say', 'first')
    await here.clock.advance(200)
    second.socket.send('say', 'second')
    await here.clock.advance(2_000)
    expect(heard).toEqual(['session', 'session', 'first', 'second'])
    expect([sessions.length, first.errors, second.errors]).toEqual([2, [], []])
    expect([first, second].map(({ socket }) => socket.status.get().state)).toEqual(['open', 'open'])
  })
})

describe('another user', () => {
  test('does not say what the one before left unsaid: it is told, and the socket goes on', async () => {
    const { here, heard, open } = live({ server: { authenticate: ({ auth }) => auth } })
    const first = open('a', { auth: 'ann' })
    await here.clock.advance(500)
    for (const link of here.network.links) link.halfOpen('up')
    first.socket.send('say', 'by ann')
    await here.clock.advance(100)
    first.leave()
    await here.clock.advance(500)
    const second = open('a', { auth: 'bob' })
    second.socket.send('say', 'by bob')
    await here.clock.advance(10_000)
    expect(heard).toEqual(['session', 'session', 'by bob'])
    expect(second.lost.map(({ inDoubt, unsent }) => [...inDoubt, ...unsent].map(({ data }) => data))).toEqual([
      ['by ann'],
    ])
    expect(second.socket.status.get().state).toBe('open')
  })
})

describe('a store that fails', () => {
  const heardFrom = async (life: Life, page: Page): Promise<unknown[]> => {
    for (const number of [1, 2, 3]) page.socket.send('say', number)
    await life.here.clock.advance(10_000)
    return life.heard
  }

  test.each(['claims', 'everything'] as const)(
    'at once (%s): the socket works, and says once that nothing is kept',
    async (what) => {
      const life = live()
      life.store.refuse(what)
      const page = life.open()
      expect(await heardFrom(life, page)).toEqual(['session', 1, 2, 3])
      expect(page.socket.errors).toEqual({ 'storage-failed': 1 })
    },
  )

  test('later: what was written ahead of it goes out all the same, and no page goes on with what is stale', async () => {
    const life = live()
    const page = life.open()
    page.socket.send('say', 0)
    await life.here.clock.advance(500)
    life.store.refuse('writes')
    expect(await heardFrom(life, page)).toEqual(['session', 0, 1, 2, 3])
    expect(page.socket.errors).toEqual({ 'storage-failed': 1 })
    page.leave()
    life.store.refuse('nothing')
    await life.here.clock.advance(100)
    const next = life.open()
    next.socket.send('say', 4)
    await life.here.clock.advance(5_000)
    expect(life.heard).toEqual(['session', 0, 1, 2, 3, 'session', 4])
    expect([next.errors, next.lost]).toEqual([[], []])
  })

  test('by being full: the same', async () => {
    const life = live()
    life.store.quota = 1_000
    const page = life.open()
    life.here.network.fate('refuse')
    await life.here.clock.advance(100)
    page.socket.send('say', 'x'.repeat(2_000))
    await life.here.clock.advance(100)
    life.here.network.fate('open')
    await life.here.clock.advance(10_000)
    expect([life.heard.length, page.socket.errors]).toEqual([2, { 'storage-failed': 1 }])
  })

  test('by never answering: the socket does not wait for long', async () => {
    const life = live()
    const socket = life.here.open('a', {
      outbox: { store: persist({ claim: () => new Promise(() => {}) }) },
    }).socket
    socket.send('say', 1)
    await life.here.clock.advance(4_000)
    expect([life.heard, socket.errors]).toEqual([['session', 1], { 'storage-failed': 1 }])
  })

  test.each<[string, (kept: { state: unknown; messages: readonly object[] }) => unknown]>([
    ['no state', ({ messages }) => ({ state: undefined, messages })],
    [
      'a state of another version',
      ({ state, messages }) => ({ state: { ...(state as object), version: 0 }, messages }),
    ],
    ['a session that is no id', ({ state, messages }) => ({ state: { ...(state as object), session: 'x' }, messages })],
    ['a life that is no id', ({ state, messages }) => ({ state: { ...(state as object), life: '' }, messages })],
    ['numbers that are none', ({ state, messages }) => ({ state: { ...(state as object), got: -1 }, messages })],
    [
      'a frame that is none',
      ({ state, messages }) => ({ state, messages: messages.map((message) => ({ ...message, frame: 'hello' })) }),
    ],
    [
      'two frames in one',
      ({ state, messages }) => ({
        state,
        messages: messages.map((message) => ({ ...message, frame: '["a"]\n["b"]' })),
      }),
    ],
    ['a message that is none', ({ state }) => ({ state, messages: [{ key: 1 }] })],
    [
      'a number that is missing',
      ({ state, messages }) => ({ state, messages: messages.map((message) => ({ ...message, number: 7 })) }),
    ],
  ])('by keeping nonsense (%s): it is deleted, told, and the socket begins anew', async (_, corrupt) => {
    const life = live()
    life.here.network.fate('refuse')
    const first = life.open()
    first.socket.send('say', 1)
    await life.here.clock.advance(200)
    first.leave()
    await life.here.clock.advance(100)
    life.store.corrupt(life.store.places[0]!.id, corrupt)
    life.here.network.fate('open')
    const second = life.open()
    second.socket.send('say', 2)
    await life.here.clock.advance(5_000)
    expect(life.heard).toEqual(['session', 2])
    expect(second.socket.errors).toEqual({ 'storage-failed': 1 })
    expect(life.store.places).toHaveLength(1)
  })
})

describe('a server that got more than was ever sent under these numbers', () => {
  test('belongs to somebody else’s session: it is lost, and nothing is passed over in silence', async () => {
    const { here, heard, open, store } = live()
    const first = open('a')
    await here.clock.advance(500)
    for (const number of [1, 2, 3]) first.socket.send('say', number)
    await here.clock.advance(10)
    // The disk is set back to where it stood before, as by somebody's hand.
    const [place] = store.places
    await here.clock.advance(2_000)
    first.leave()
    await here.clock.advance(100)
    store.corrupt(place!.id, ({ state }) => ({ state: { ...(state as object), acknowledged: 0 }, messages: [] }))
    const second = open('a')
    second.socket.send('say', 4)
    await here.clock.advance(10_000)
    expect(heard).toEqual(['session', 1, 2, 3, 'session', 4])
    expect(second.lost.map(({ inDoubt }) => inDoubt.map(({ data }) => data))).toEqual([[4]])
  })
})

describe('closing', () => {
  test('leaves nothing behind: what is not sent by then was told', async () => {
    const { here, store, open } = live()
    const { socket } = open()
    socket.send('say', 1)
    await here.clock.advance(500)
    await Promise.all([socket.close(), here.clock.advance(5_000)])
    await here.clock.advance(100)
    expect(store.places).toEqual([])
  })
})

test('what is kept is bounded by what is not acknowledged', async () => {
  const { here, store, open } = live()
  const { socket } = open()
  for (let number = 0; number < 500; number++) {
    socket.send('say', number)
    if (number % 10 === 0) await here.clock.advance(20)
  }
  await here.clock.advance(3_000)
  expect(store.places.map(({ kept }) => kept?.messages)).toEqual([[]])
})
