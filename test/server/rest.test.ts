import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { ServerSession } from 'holdfast/server'
import { type Carrier, type Tab, type World, seededRandom, virtualClock, world } from 'holdfast/testing'
import { createCore } from '../../src/server/core.ts'
import { usedHeap } from '../tools/heap.ts'
import { hello, rawClient } from '../tools/raw.ts'

/** Milliseconds in which a session comes to rest that has said nothing, and one that has. */
const SOON = 2_000
const LATER = 22_000

/** A tab that has talked, and whose session is at rest. */
const atRest = async (): Promise<{ here: World; tab: Tab; session: ServerSession; said: unknown[] }> => {
  const said: unknown[] = []
  const here = world({
    serve: (core) =>
      void core.on('session', (each) => {
        each.on('say', (data) => said.push(data))
        each.handle('next', (data) => Number(data) + 1)
        each.handleStream('count', function* count() {
          for (let i = 1; i <= 3; i++) yield i
        })
      }),
  })
  const tab = here.tabs[0]!
  tab.socket.send('say', 'before')
  await here.clock.advance(LATER)
  return { here, tab, session: [...here.server.core.sessions][0]!, said }
}

describe('a session that was at rest', () => {
  test('goes on where it was, both ways', async () => {
    const { here, tab, session, said } = await atRest()
    const heard: unknown[] = []
    tab.socket.on('tick', (data) => heard.push(data))
    tab.socket.send('say', 'after')
    await here.clock.advance(LATER)
    session.send('tick', 1)
    await here.clock.advance(LATER)
    tab.socket.send('say', 'at last')
    await here.clock.advance(1_000)
    expect([said, heard, session.transport]).toEqual([['before', 'after', 'at last'], [1], 'websocket'])
  })

  test('answers, and asks with ids that it has not used', async () => {
    const { here, tab, session } = await atRest()
    const asked: unknown[] = []
    tab.socket.handle('who', (data) => asked.push(data))
    const answers: unknown[] = []
    for (let time = 0; time < 3; time++) {
      void session.request('who', time)
      const answer = tab.socket.request('next', time)
      await here.clock.advance(LATER)
      answers.push(await answer)
    }
    expect([answers, asked]).toEqual([
      [1, 2, 3],
      [0, 1, 2],
    ])
  })

  test('streams', async () => {
    const { here, tab } = await atRest()
    const items: unknown[] = []
    const reading = (async () => {
      for await (const item of tab.socket.stream('count')) items.push(item)
    })()
    await here.clock.advance(1_000)
    await reading
    expect(items).toEqual([1, 2, 3])
  })

  test('is resumed by another connection, and has lost nothing', async () => {
    const { here, tab, session, said } = await atRest()
    here.network.fate('refuse')
    here.network.cut()
    tab.socket.send('say', 'meanwhile')
    await here.clock.advance(LATER)
    expect(session.transport).toBeNull()
    here.network.fate('open')
    await here.clock.advance(LATER)
    expect([said, here.server.core.sessions.size]).toEqual([['before', 'meanwhile'], 1])
  })

  test('expires as any other, and ends as any other', async () => {
    const { here, session } = await atRest()
    const ends: unknown[] = []
    session.onEnd((reason) => ends.push(reason))
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(119_000)
    expect(ends).toEqual([])
    await here.clock.advance(2_000)
    expect(ends).toEqual(['expired'])
  })

  test('does not listen any more to what was taken back', async () => {
    const { here, tab, session, said } = await atRest()
    const more: unknown[] = []
    const off = session.on('say', (data) => more.push(data))
    session.once('say', (data) => more.push([data]))
    await here.clock.advance(LATER)
    tab.socket.send('say', 1)
    await here.clock.advance(LATER)
    off()
    tab.socket.send('say', 2)
    await here.clock.advance(LATER)
    expect([said, more]).toEqual([
      ['before', 1, 2],
      [1, [1]],
    ])
  })

  test('asks a client that is silent for a sign of life', async () => {
    const here = world({ clients: 0 })
    const client = rawClient(here.network)
    await here.clock.advance(100)
    client.say(hello())
    await here.clock.advance(24_900)
    expect(client.lines).toHaveLength(1)
    await here.clock.advance(300)
    expect(client.lines.slice(1)).toEqual([{ ping: 1, ack: 0 }])
    await here.clock.advance(12_000)
    expect(client.closed).toBeDefined()
  })
})

test('rest does not make good what was taken too fast', async () => {
  const here = world({ clients: 0, server: { limits: { rate: 10 } } })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(SOON)
  for (const isTooMuch of [false, true]) {
    client.say(...Array.from({ length: 70 }, () => ({})))
    await here.clock.advance(SOON)
    expect(client.closed !== undefined).toBe(isTooMuch)
  }
})

describe('of many sessions', () => {
  const COUNT = 500
  /** Bytes for each, carriers included: far more than it takes, and far less than with an object of closures in it. */
  const MOST_AT_REST = 2_500
  const MOST = 20_000

  const crowd = async () => {
    const clock = virtualClock()
    let encoded = 0
    const codec = {
      encode(value: unknown) {
        encoded++
        return value
      },
      decode: (value: unknown) => value,
    }
    const core = createCore({ codec }, { clock, random: seededRandom(1), isEqual: isDeepStrictEqual, report: () => {} })
    core.on('session', (session) => {
      session.on('say', () => {})
      session.join('all')
    })
    const packets = new Set<unknown>()
    const nothing = (): void => {}
    const join = async (from: number): Promise<unknown[]> => {
      const connections = Array.from({ length: COUNT }, (_, index) => {
        const carrier: Carrier = {
          transport: 'websocket',
          bufferedAmount: 0,
          send: (packet) => void packets.add(packet),
          close: nothing,
        }
        const accepted = core.accept(carrier, { headers: {} })
        accepted.message(JSON.stringify(hello({ session: `session-number-${from + index}` })))
        return accepted
      })
      await clock.advance(10)
      return connections
    }
    return { clock, core, join, packets, encoded: () => encoded }
  }

  test('those at rest are small, and those that are not are not large', async () => {
    const { clock, join, packets } = await crowd()
    // What is compiled, and grown, once for all of them.
    const kept = [await join(0)]
    await clock.advance(SOON)
    const before = usedHeap()
    kept.push(await join(COUNT))
    packets.clear()
    const active = (usedHeap() - before) / COUNT
    await clock.advance(SOON)
    const resting = (usedHeap() - before) / COUNT
    expect(kept).toHaveLength(2)
    expect(active).toBeLessThan(MOST)
    expect(resting).toBeLessThan(MOST_AT_REST)
  })

  test('all get what was encoded once', async () => {
    const { clock, core, join, packets, encoded } = await crowd()
    await join(0)
    await clock.advance(SOON)
    packets.clear()
    core.to('all').send('tick', { at: 1 })
    await clock.advance(10)
    expect([encoded(), [...packets]]).toEqual([1, ['["tick",{"at":1}]']])
  })
})
