/** What a page's first message costs in round trips, until the server's listener has it, whatever is done to WebSockets. */
import { describe, expect, test } from 'vitest'
import { type Fate, type World, world } from 'holdfast/testing'
import { type PageOptions, openPage, virtualMemory } from '../tools/virtual-page.ts'

const LATENCY = 50
const ROUND_TRIP = 2 * LATENCY

const stage = (fate: Fate) => {
  const came: number[] = []
  const here: World = world({
    clients: 0,
    // Browsers keep a connection on which nothing is asked for longer than Node does.
    conditions: { latency: LATENCY, jitter: 0, keepAlive: Infinity },
    serve: (core) => void core.on('session', (session) => void session.on('say', () => came.push(here.clock.now()))),
  })
  if (fate !== 'open') here.network.block('websocket', fate)
  return {
    here,
    /** Milliseconds until its first message is there. */
    async visit(options: PageOptions): Promise<number> {
      const start = here.clock.now()
      const { socket } = openPage(here, options)
      socket.send('say', 'hello')
      came.length = 0
      if (!(await here.clock.runUntil(() => came.length > 0, 60_000))) throw new Error('it never came')
      const took = came[0]! - start
      await here.clock.advance(5_000)
      expect(came).toHaveLength(1)
      await Promise.all([socket.close(), here.clock.advance(1_000)])
      return took
    },
  }
}
const trips = (took: number): number => took / ROUND_TRIP

/** A connection, the Upgrade, and half a round trip. */
const UNBLOCKED = 2.5
/** A connection, and half a round trip. */
const HTTP = 1.5

const blockades: [how: string, fate: Fate, most: number, blindly: number][] = [
  ['is refused', 'refuse-upgrade', 3.6, 360],
  ['is stripped of its Upgrade', { status: 400 }, 3.6, 360],
  ['hangs', 'hang-upgrade', 5.7, 2_200],
  ['is swallowed', 'swallow', 5.7, 2_200],
]

test('where nothing is in the way: two and a half', async () => {
  const { visit } = stage('open')
  expect(trips(await visit({ roundTrip: ROUND_TRIP }))).toBe(UNBLOCKED)
})

describe('where a WebSocket', () => {
  test.each(blockades)('%s: with an estimate of the round trip, and without one', async (_, fate, most, blindly) => {
    const { visit } = stage(fate)
    expect(trips(await visit({ roundTrip: ROUND_TRIP }))).toBeLessThanOrEqual(most)
    expect(await visit({})).toBeLessThanOrEqual(blindly)
  })
})

describe('with an estimate that is far off, where a WebSocket', () => {
  test.each(blockades)('%s', async (_, fate, __, blindly) => {
    const { visit } = stage(fate)
    for (const roundTrip of [0, 1, 20_000, Infinity]) expect(await visit({ roundTrip })).toBeLessThanOrEqual(blindly)
  })
})

describe('the next page knows it: where a WebSocket', () => {
  test.each(blockades)('%s', async (_, fate) => {
    const { visit } = stage(fate)
    const memory = virtualMemory()
    await visit({ memory })
    expect(trips(await visit({ memory }))).toBeLessThanOrEqual(HTTP)
  })
})

describe('with a fast start, where a WebSocket', () => {
  test.each([...blockades, ['works', 'open', 0, 0] as (typeof blockades)[number]])('%s', async (_, fate) => {
    const { visit } = stage(fate)
    for (const roundTrip of [-1, ROUND_TRIP])
      expect(trips(await visit({ fastStart: true, roundTrip }))).toBeLessThanOrEqual(HTTP)
  })
})

describe('nothing is lost', () => {
  test('where something kills WebSockets every three seconds, and the session ends on HTTP', async () => {
    const said: unknown[] = []
    const here: World = world({
      clients: 0,
      conditions: { latency: LATENCY, jitter: 0 },
      serve: (core) => void core.on('session', (session) => void session.on('say', (data) => said.push(data))),
    })
    here.network.block('websocket', { killAfter: 3_000 })
    const { socket } = openPage(here)
    const heard: unknown[] = []
    socket.on('said', (data) => heard.push(data))
    for (let index = 0; index < 600; index++) {
      socket.send('say', index)
      for (const session of here.server.core.sessions) session.send('said', index)
      await here.clock.advance(100)
    }
    await here.clock.advance(2_000)
    expect(said).toEqual(Array.from({ length: 600 }, (_, index) => index))
    expect(heard).toEqual(Array.from({ length: heard.length }, (_, index) => index + 600 - heard.length))
    expect(heard.length).toBeGreaterThan(590)
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'http-stream' })
  })
})
