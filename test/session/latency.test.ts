/** `status.latency`: how true it is while messages go, and what that costs. */
import { describe, expect, test } from 'vitest'
import type { ConnectOptions, TraceEntry } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'

interface Line {
  readonly here: World
  readonly tab: Tab
  /** Pings of the client so far. */
  pings(): number
  /** Packets of the client so far. */
  packets(): number
  latency(): number
  /** One message a second in this direction. */
  talk(direction: 'up' | 'down', seconds: number): Promise<void>
}

/** A client 40 ms away and back, that is open. */
const line = async (options: ConnectOptions = {}): Promise<Line> => {
  const up: string[] = []
  const trace = (entry: TraceEntry): void => {
    if (entry.type === 'packet' && entry.direction === 'up') up.push(String(entry.data))
  }
  const here = world({
    client: () => ({ ...options, trace }),
    conditions: { latency: 20, jitter: 0 },
    serve: (core) => void core.on('session', (session) => void session.on('say', () => {})),
  })
  const tab = here.tabs[0]!
  tab.socket.on('tick', () => {})
  await here.clock.advance(1_000)
  return {
    here,
    tab,
    pings: () => up.filter((packet) => packet.includes('"ping"')).length,
    packets: () => up.length,
    latency: () => tab.socket.status.get().latency!,
    async talk(direction, seconds) {
      const [session] = here.server.core.sessions
      for (let second = 0; second < seconds; second++) {
        if (direction === 'up') tab.socket.send('say', second)
        else session!.send('tick', second)
        await here.clock.advance(1_000)
      }
    },
  }
}

describe.each(['up', 'down'] as const)('latency, while messages go %s', (direction) => {
  test('follows the line', async () => {
    const { here, latency, talk } = await line()
    expect(latency()).toBeCloseTo(40, -1)
    here.network.slow({ latency: 500 })
    await talk(direction, 60)
    expect(latency()).toBeGreaterThan(950)
    here.network.slow({ latency: 20 })
    await talk(direction, 60)
    expect(latency()).toBeLessThan(100)
  })

  test('takes a ping in five seconds, in packets that go anyway', async () => {
    const { packets, pings, talk } = await line()
    const before = packets()
    await talk(direction, 30)
    expect(pings()).toBeGreaterThan(4)
    expect(pings()).toBeLessThan(8)
    expect(packets() - before).toBeLessThanOrEqual(30)
  })
})

test('latency is another one on another connection', async () => {
  const { here, tab, latency, talk } = await line()
  here.network.slow({ latency: 300 })
  here.network.cut()
  expect(await here.clock.runUntil(() => tab.socket.status.get().state === 'waiting', 5_000)).toBe(true)
  expect(await here.clock.runUntil(() => tab.socket.status.get().state === 'open', 20_000)).toBe(true)
  await talk('up', 7)
  expect(latency()).toBeCloseTo(600, -1)
})

test('latency is not that of what waits before the ping', async () => {
  const { here, tab, latency, talk } = await line()
  here.network.slow({ latency: 20, bandwidth: 10_000 })
  tab.socket.send('say', 'x'.repeat(150_000))
  await talk('up', 12)
  expect(await here.clock.runUntil(() => tab.socket.status.get().unacknowledged === 0, 60_000)).toBe(true)
  await here.clock.advance(1_000)
  expect(latency()).toBeLessThan(100)
})

test('where nothing goes, nothing is asked but for a sign of life', async () => {
  const { here, pings } = await line()
  await here.clock.advance(60_000)
  expect(pings()).toBe(2)
})

test('over HTTP, where an answer may take a request, nothing is asked but for a sign of life', async () => {
  const { pings, talk } = await line({ transport: 'long-polling' })
  await talk('up', 20)
  expect(pings()).toBe(0)
})
