/** What sessions on HTTP cost that say little: alone, and more of them than a browser has connections to their host. */
import { describe, expect, test } from 'vitest'
import type { ConnectOptions } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { openPage, type Page, virtualMemory } from '../tools/virtual-page.ts'

type Transport = ConnectOptions['transport']

const MINUTE = 60_000

describe.each<[Transport & string, string]>([
  ['auto', 'http-stream'],
  ['long-polling', 'long-polling'],
])('an idle session, with the option `%s`', (transport, carrier) => {
  test.each([20, 150, 450])('at %i ms each way: three requests a minute at most, one at a time', async (latency) => {
    const here = world({ clients: 0, conditions: { latency, jitter: 5 } })
    here.network.block('websocket')
    const { browser, socket, view } = openPage(here, { transport })
    await here.clock.advance(MINUTE)
    for (let minute = 0; minute < 10; minute++) {
      const { posts } = browser
      let most = 0
      for (let second = 0; second < 60; second++) {
        await here.clock.advance(1_000)
        most = Math.max(most, here.network.links.filter(({ protocol, held }) => protocol === 'http' && held).length)
      }
      expect(browser.posts - posts).toBeLessThanOrEqual(3)
      expect(most).toBe(1)
    }
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: carrier })
    // The poll's own deadline, if any, and one alarm.
    expect(view.pending).toBeLessThanOrEqual(2)
  })
})

test('a server that says much is answered by twenty requests a second', async () => {
  let say = (): void => {}
  const here = world({
    clients: 0,
    conditions: { latency: 1, jitter: 0 },
    serve: (core) => void core.on('session', (session) => (say = () => session.send('said', 1))),
  })
  here.network.block('websocket')
  const { browser, socket } = openPage(here, { transport: 'http' })
  let heard = 0
  socket.on('said', () => heard++)
  await here.clock.advance(MINUTE)
  const { posts } = browser
  for (let millisecond = 0; millisecond < 1_000; millisecond++) {
    for (let time = 0; time < 10; time++) say()
    await here.clock.advance(1)
  }
  expect(heard).toBeGreaterThan(9_900)
  expect(browser.posts - posts).toBeLessThanOrEqual(22)
  expect(browser.posts - posts).toBeGreaterThanOrEqual(15)
})

describe.each<[Transport & string, number]>([
  ['auto', 0],
  ['auto', 3_000],
  ['long-polling', 0],
  ['long-polling', 3_000],
])('ten tabs with six connections, with the option `%s`, opened %i ms apart', (transport, gap) => {
  /** Ten tabs of one browser, and how long (ms) each message took. */
  const open = async () => {
    const took: number[] = []
    const opened: number[] = []
    const here: World = world({
      clients: 0,
      serve: (core) =>
        void core.on('session', (session) => {
          session.on('say', (at) => took.push(here.clock.now() - (at as number)))
        }),
    })
    here.network.block('websocket')
    const browser = here.network.client('browser', { origin: 'http://server.test' })
    const memory = virtualMemory()
    const tabs: Page[] = []
    for (let index = 0; index < 10; index++) {
      const began = here.clock.now()
      const tab = openPage(here, { browser, memory, transport })
      tab.socket.on('said', (at) => took.push(here.clock.now() - (at as number)))
      tab.socket.status.subscribe(({ state }) => {
        if (state === 'open') opened[index] ??= here.clock.now() - began
      })
      tabs.push(tab)
      await here.clock.advance(gap)
    }
    return { here, browser, tabs, took, opened }
  }

  test('all are heard, none waits for long, and holds get short', async () => {
    const { here, browser, tabs, took, opened } = await open()
    const sessions = () => [...here.server.core.sessions]
    /** For a minute each tab in its turn says something, and is told something. */
    const talk = async (): Promise<number> => {
      took.length = 0
      for (let index = 0; index < 30; index++) {
        tabs[index % 10]!.socket.send('say', here.clock.now())
        sessions()[(index + 5) % 10]?.send('said', here.clock.now())
        await here.clock.advance(2_000)
      }
      return Math.max(...took)
    }
    expect(await talk()).toBeLessThan(10_000)
    expect([opened.length, sessions().length]).toEqual([10, 10])
    expect(Math.max(...opened)).toBeLessThan(10_000)
    await here.clock.advance(5 * MINUTE)
    const { posts } = browser
    expect(await talk()).toBeLessThan(4_000)
    // In turns, and none of them in haste.
    expect(browser.posts - posts).toBeLessThan(10 * 40)
    expect(took).toHaveLength(60)
    expect(tabs.map(({ socket }) => socket.status.get().state)).toEqual(tabs.map(() => 'open'))
  })
})

test.each<[number, Transport & string]>([
  [6, 'auto'],
  [6, 'long-polling'],
  [7, 'auto'],
  [7, 'long-polling'],
  [10, 'auto'],
  [10, 'long-polling'],
])(
  '%i tabs with six connections, with the option `%s`: what they ask is answered within 4 s',
  async (count, transport) => {
    const here: World = world({
      clients: 0,
      serve: (core) => void core.on('session', (session) => void session.handle('ask', () => 'answer')),
    })
    here.network.block('websocket')
    const browser = here.network.client('browser', { origin: 'http://server.test' })
    const memory = virtualMemory()
    const tabs: Page[] = []
    for (let index = 0; index < count; index++) {
      tabs.push(openPage(here, { browser, memory, transport }))
      await here.clock.advance(20)
    }
    const took: number[] = []
    const ask = async ({ socket }: Page): Promise<void> => {
      const began = here.clock.now()
      await socket.request('ask', undefined, { timeout: MINUTE })
      took.push(here.clock.now() - began)
    }
    const asked: Promise<void>[] = tabs.map(ask)
    const takeTurns = async (pause: number): Promise<void> => {
      for (const tab of tabs) {
        await here.clock.advance(pause)
        asked.push(ask(tab))
      }
    }
    // While the holds are the first ones, when they have grown, and when they are as long as they get.
    await takeTurns(2_000)
    await takeTurns(10_000)
    await here.clock.advance(2 * MINUTE)
    await takeTurns(10_000)
    await here.clock.advance(MINUTE)
    await Promise.all(asked)
    expect(Math.max(...took)).toBeLessThan(4_000)
  },
)
