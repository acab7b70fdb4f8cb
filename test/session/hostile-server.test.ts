/** Servers that no server of ours would be: the client stays within bounds, says what is wrong, and is in no hurry. */
import { describe, expect, test } from 'vitest'
import type { ConnectOptions } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'
import { rawServer, type RawConnection, welcome } from '../tools/raw.ts'

const MINUTE = 60_000
/** Tries within a minute: the first waits are short, and chance may make them shorter. */
const UNHURRIED = 25

/** A tab and the hand-made server that it meets again and again. */
const meet = (greet: (connection: RawConnection, count: number) => void, options: ConnectOptions = {}) => {
  const here: World = world({ client: () => ({ transport: 'websocket', ...options }) })
  let count = 0
  const connections = rawServer(here.network, (connection) => greet(connection, ++count))
  const tab: Tab = here.tabs[0]!
  return { here, tab, connections }
}

describe('a server that is met again and again', () => {
  test.each<[string, (connection: RawConnection, count: number) => void, string]>([
    ['never welcomes', () => {}, 'timeout'],
    ['never welcomes, but pings', (one) => one.say(...Array.from({ length: 1_000 }, () => ({ ping: 1 }))), 'timeout'],
    ['closes at once', (one) => one.close(4000), 'unreachable'],
    ['welcomes and closes', (one) => (one.say(welcome()), one.close(1001)), 'unreachable'],
    ['knows no session', (one) => one.say({ bye: { code: 4410 } }), 'session-lost'],
    [
      'loses the session that it has just welcomed',
      (one) => one.say(welcome(), { bye: { code: 4410 } }),
      'session-lost',
    ],
    ['begins with a number that was not due', (one) => one.say(welcome({ from: 7 })), 'session-lost'],
    ['has got what was never sent', (one) => one.say(welcome({ got: 5 })), 'session-lost'],
    [
      'is another one each time',
      (one, count) => (one.say(welcome({ life: `the-life-of-server-${count}` })), one.close(1001)),
      'session-lost',
    ],
    [
      'says bye without end',
      (one) => one.say(...Array.from({ length: 1_000 }, () => ({ bye: { code: 4408 } }))),
      'timeout',
    ],
  ])('%s', async (_what, greet, cause) => {
    const { here, tab } = meet(greet)
    const causes = new Set<string | undefined>()
    tab.socket.status.subscribe((status) => causes.add(status.cause?.code))
    await here.clock.advance(MINUTE)
    expect(tab.network.dials).toBeLessThan(UNHURRIED)
    expect(tab.network.mostHeld).toBeLessThan(3)
    expect(causes).toContain(cause)
    expect(tab.reported).toEqual([])
    // It is still there for a server that means well.
    here.restart()
    const answered = here.clock.runUntil(() => tab.socket.status.get().state === 'open', MINUTE)
    expect(await answered).toBe(true)
  })

  const speak = (one: RawConnection, count: number): void => one.say(welcome({ from: count }), ['tick', 1])
  const atOnce = { bye: { code: 4503, retry: { after: 0 } } }

  test.each<[string, (connection: RawConnection, count: number) => void]>([
    ['says something, and breaks', (one, count) => (speak(one, count), one.close(1001))],
    ['says something, and loses the session', (one) => (speak(one, 1), one.say({ bye: { code: 4410 } }))],
    ['says something, and wants the client back at once', (one, count) => (speak(one, count), one.say(atOnce))],
    ['welcomes, and wants the client back at once', (one) => one.say(welcome(), atOnce)],
    ['wants the client back at once', (one) => one.say(atOnce)],
  ])('%s: no faster than the first range', async (_what, greet) => {
    const { here, tab } = meet(greet)
    await here.clock.advance(MINUTE)
    // Half a second each, on average.
    expect(tab.network.dials).toBeLessThan(180)
  })
})

describe('a server that does not stop', () => {
  const MANY = 2_000
  const TIMES = 2

  test.each<[string, (i: number) => unknown, errors: object]>([
    ['pinging', (i) => ({ ping: i }), {}],
    ['answering pings that nobody sent', (i) => ({ pong: i }), {}],
    ['acknowledging what is acknowledged', () => ({ ack: 0 }), {}],
    ['sending items of streams that nobody asked for', (i) => [i + 1, 'x', 1], {}],
    ['answering what nobody asked', (i) => [i + 1, 'x'], {}],
    ['withdrawing what it never asked', (i) => [i], {}],
    ['sending volatile events', (i) => ({ volatile: ['nobody', i] }), { 'unknown-event': MANY * TIMES }],
    ['sending what is no frame', () => 'nonsense', { 'malformed-frame': MANY * TIMES }],
  ])('%s', async (_what, line, errors) => {
    const { here, tab, connections } = meet((one) => one.say(welcome()))
    await here.clock.advance(500)
    const [server] = connections
    const { length } = server!.packets
    for (let time = 0; time < TIMES; time++) {
      server!.say(...Array.from({ length: MANY }, (_, i) => line(i)))
      await here.clock.advance(50)
    }
    // It says no more than once in a task what there is to say, be it pongs or acknowledgements.
    expect(server!.packets.length - length).toBeLessThan(2 * TIMES)
    expect(server!.packets.reduce((sum, packet) => sum + packet.length, 0)).toBeLessThan(10_000)
    expect(tab.socket.errors).toEqual(errors)
    const { state, queued, unacknowledged } = tab.socket.status.get()
    expect({ state, queued, unacknowledged }).toEqual({ state: 'open', queued: 0, unacknowledged: 0 })
  })

  test('asking: answers are bounded, too', async () => {
    const outbox = { maxMessages: 100, maxBytes: 10_000 }
    const { here, tab, connections } = meet((one) => one.say(welcome()), { outbox })
    let most = 0
    tab.socket.status.subscribe(({ unacknowledged, queued }) => (most = Math.max(most, unacknowledged + queued)))
    let id = 0
    for (let time = 0; time < 10; time++) {
      await here.clock.advance(500)
      connections.at(-1)!.say(...Array.from({ length: 500 }, () => ['nobody', 0, ++id]))
    }
    await here.clock.advance(500)
    expect(most).toBeLessThan(2_000)
    expect(tab.socket.status.get()).toMatchObject({ state: 'closed', cause: { code: 'protocol' } })
  })
})
