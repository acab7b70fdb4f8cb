import { describe, expect, test } from 'vitest'
import type { ConnectionState, Lost } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { rawServer, welcome } from '../tools/raw.ts'
import { watchedSignal } from '../tools/watched-signal.ts'

/** A server that writes down what is said to it. */
const listening = (options: Parameters<typeof world>[0] = {}): { world: World; said: unknown[] } => {
  const said: unknown[] = []
  const serve = (core: World['server']['core']): void =>
    void core.on('session', (session) => void session.on('say', (data) => said.push(data)))
  return { world: world({ serve, ...options }), said }
}
const only = ({ tabs }: World) => tabs[0]!
const stateOf = (world: World): ConnectionState => only(world).socket.status.get().state

describe('close()', () => {
  test('waits until what was sent is acknowledged, then says bye', async () => {
    const { world, said } = listening()
    const { socket, view, network } = only(world)
    socket.send('say', 'first')
    const closed = socket.close().then(() => said.slice())
    await world.clock.advance(2_000)
    await expect(closed).resolves.toEqual(['first'])
    expect([view.pending, network.held, world.server.core.sessions.size]).toEqual([0, 0, 0])
  })

  test('with nothing on its way closes in this task', () => {
    const { world } = listening()
    void only(world).socket.close()
    expect(stateOf(world)).toBe('closed')
  })

  test('gives up after its timeout, and tells what never went and what is in doubt', async () => {
    const { world } = listening()
    const { socket, view } = only(world)
    const lost: Lost[] = []
    socket.onLost((told) => lost.push(told))
    await world.clock.advance(1_000)
    socket.send('say', 'out')
    await world.clock.advance(0)
    world.network.fate('refuse')
    world.network.cut()
    await world.clock.advance(1_000)
    socket.send('say', { never: 'sent' })
    let closedAt = 0
    const before = world.clock.now()
    void socket.close({ timeout: 700 }).then(() => (closedAt = world.clock.now()))
    await world.clock.advance(10_000)
    expect(closedAt - before).toBe(700)
    expect(lost).toEqual([
      {
        cause: expect.objectContaining({ code: 'closed' }) as unknown,
        inDoubt: [{ name: 'say', data: 'out', request: false, resent: false }],
        unsent: [{ name: 'say', data: { never: 'sent' }, request: false }],
      },
    ])
    expect(view.pending).toBe(0)
  })

  test('takes no more, from that moment on', async () => {
    const { world, said } = listening()
    const { socket } = only(world)
    socket.send('say', 1)
    const closing = socket.close()
    const closed = expect.objectContaining({ code: 'closed' }) as unknown
    expect(() => socket.send('say', 2)).toThrow(closed)
    expect(() => socket.send('say', 2, { volatile: true })).toThrow(closed)
    await expect(socket.request('ask')).rejects.toEqual(closed)
    await expect(socket.stream('list').next()).rejects.toEqual(closed)
    await Promise.all([closing, world.clock.advance(2_000)])
    expect(said).toEqual([1])
    await expect(socket.flush()).rejects.toEqual(closed)
  })

  test('twice is one close, whatever its timeout', async () => {
    const { world } = listening()
    const { socket } = only(world)
    const first = socket.close()
    expect(socket.close({ timeout: 0 })).toBe(first)
    await expect(first).resolves.toBeUndefined()
    await expect(socket.close()).resolves.toBeUndefined()
  })

  test('settles whatever waits for an answer', async () => {
    const { world } = listening()
    const { socket, view } = only(world)
    const codes: unknown[] = []
    const told = (error: unknown): unknown => codes.push((error as { code: unknown }).code)
    void socket.request('never answered').catch(told)
    void socket.stream('never answered').next().catch(told)
    await Promise.all([socket.close({ timeout: 0 }), world.clock.advance(0)])
    expect(codes).toEqual(['closed', 'closed'])
    expect(view.pending).toBe(0)
  })

  test('is final: neither page, network, timers nor `reconnect()` bring it back', async () => {
    const { world } = listening()
    const { socket, lifecycle, network } = only(world)
    void socket.close()
    const { dials } = network
    socket.reconnect()
    for (const event of ['offline', 'online', 'wake'] as const) lifecycle.happen(event)
    await world.clock.advance(600_000)
    expect([stateOf(world), network.dials]).toEqual(['closed', dials])
  })

  test('from a listener of the retry itself stops the retry', async () => {
    const { world } = listening()
    const { socket, network, view } = only(world)
    await world.clock.advance(1_000)
    socket.status.subscribe(({ state }) => {
      if (state === 'waiting' || state === 'connecting') void socket.close({ timeout: 0 })
    })
    world.network.cut()
    await world.clock.advance(60_000)
    expect([stateOf(world), network.dials, view.pending]).toEqual(['closed', 1, 0])
  })

  test('from a handler of a message, in the middle of a packet: the rest is not delivered', async () => {
    const { world } = listening()
    const { socket, reported } = only(world)
    const heard: unknown[] = []
    socket.on('tick', (data) => {
      heard.push(data)
      void socket.close({ timeout: 0 })
    })
    await world.clock.advance(1_000)
    for (const session of world.server.core.sessions) for (const tick of [1, 2, 3]) session.send('tick', tick)
    await world.clock.advance(1_000)
    expect([heard, reported, stateOf(world)]).toEqual([[1], [], 'closed'])
  })

  test('`await using` does it', async () => {
    const { world, said } = listening()
    const use = async (): Promise<void> => {
      await using socket = only(world).socket
      socket.send('say', 'in scope')
    }
    await Promise.all([use(), world.clock.advance(2_000)])
    expect([said, stateOf(world)]).toEqual([['in scope'], 'closed'])
  })
})

describe('the `signal` option', () => {
  test('closes at once when it is aborted, and is not listened to any more', async () => {
    const controller = new AbortController()
    const { world } = listening({ client: () => ({ signal: controller.signal }) })
    await world.clock.advance(1_000)
    controller.abort()
    expect(stateOf(world)).toBe('closed')
    await world.clock.advance(1_000)
    expect([only(world).view.pending, only(world).network.held]).toEqual([0, 0])
  })

  test('aborted beforehand: nobody is asked and nothing is dialled', async () => {
    let asked = 0
    const { world } = listening({ client: () => ({ signal: AbortSignal.abort(), auth: () => ++asked }) })
    await world.clock.advance(60_000)
    expect([stateOf(world), only(world).network.dials, asked]).toEqual(['closed', 0, 0])
    expect(() => only(world).socket.send('say')).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test('of a socket that closed otherwise has no listener left: it may live longer than a thousand sockets', () => {
    const { controller, listeners } = watchedSignal()
    const { world } = listening({ clients: 0 })
    const { socket } = world.open('a', { signal: controller.signal })
    expect(listeners).toHaveLength(1)
    void socket.close()
    expect(listeners).toEqual([])
  })
})

describe('reconnect()', () => {
  test('cuts the backoff short', async () => {
    const { world } = listening()
    world.network.fate('refuse')
    only(world).socket.reconnect()
    const isPatient = (): boolean => (only(world).socket.status.get().retryAt ?? 0) > world.clock.now() + 500
    await world.clock.advance(60_000)
    expect(await world.clock.runUntil(isPatient, 60_000)).toBe(true)
    world.network.fate('open')
    only(world).socket.reconnect()
    await world.clock.advance(500)
    expect(stateOf(world)).toBe('open')
  })

  test('replaces a try that hangs, and there are never two', async () => {
    const { world } = listening()
    world.network.fate('hang')
    only(world).socket.reconnect()
    await world.clock.advance(100)
    world.network.fate('open')
    for (let time = 0; time < 5; time++) only(world).socket.reconnect()
    await world.clock.advance(500)
    expect([stateOf(world), only(world).network.mostHeld]).toEqual(['open', 1])
  })

  test('replaces an open connection, and loses and doubles nothing', async () => {
    const { world, said } = listening()
    const { socket, network } = only(world)
    await world.clock.advance(1_000)
    for (let index = 0; index < 20; index++) {
      socket.send('say', index)
      socket.reconnect()
      await world.clock.advance(index * 5)
    }
    await world.clock.advance(5_000)
    expect(said).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(network.mostHeld).toBe(1)
  })

  test('works where there is no network in sight: the platform may be wrong', async () => {
    const { world } = listening()
    only(world).lifecycle.happen('offline')
    expect(stateOf(world)).toBe('paused')
    only(world).socket.reconnect()
    await world.clock.advance(1_000)
    expect(stateOf(world)).toBe('open')
  })
})

describe('a try', () => {
  test('that says no welcome is given up after connectTimeout, abandoned and followed by another', async () => {
    const { world } = listening({ client: () => ({ connectTimeout: 3_000 }) })
    const { socket, network } = only(world)
    world.network.fate('hang')
    socket.reconnect()
    await world.clock.advance(3_000)
    expect(socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'timeout' } })
    expect(network.held).toBe(0)
    world.network.fate('open')
    await world.clock.advance(5_000)
    expect(stateOf(world)).toBe('open')
  })

  test('that opens and is silent ends the same way', async () => {
    const { world } = listening({ client: () => ({ transport: 'websocket' }) })
    const connections = rawServer(world.network)
    await world.clock.advance(9_999)
    expect([stateOf(world), connections.length]).toEqual(['connecting', 1])
    await world.clock.advance(1)
    expect(stateOf(world)).toBe('waiting')
  })

  test('is not made while there is no network, and made as soon as there is', async () => {
    const { world } = listening()
    const { lifecycle, network } = only(world)
    await world.clock.advance(1_000)
    world.network.cut()
    lifecycle.happen('offline')
    await world.clock.advance(60_000)
    expect([stateOf(world), network.dials]).toEqual(['paused', 1])
    lifecycle.happen('online')
    lifecycle.happen('wake')
    await world.clock.advance(1_000)
    expect([stateOf(world), network.dials, network.mostHeld]).toEqual(['open', 2, 1])
  })

  test('tries go on for ever, further apart, and spread', async () => {
    const { world } = listening({ clients: 8 })
    world.network.fate('refuse')
    world.network.cut()
    await world.clock.advance(3_600_000)
    const dials = world.tabs.map(({ network }) => network.dials)
    expect(Math.min(...dials)).toBeGreaterThan(100)
    expect(Math.max(...dials)).toBeLessThan(600)
    expect(new Set(world.tabs.map(({ socket }) => socket.status.get().retryAt)).size).toBe(8)
  })

  test('a server that accepts and closes is not called at full speed', async () => {
    const { world } = listening()
    rawServer(world.network, (connection) => {
      connection.say(welcome())
      connection.close(1001)
    })
    await world.clock.advance(60_000)
    expect(only(world).network.dials).toBeLessThan(20)
  })

  test('what it once delivered buys it no patience later', async () => {
    const { world } = listening()
    const connections = rawServer(world.network, (connection, { from }) => {
      connection.say(welcome({ got: from - 1 }))
      if (connections.length === 1) connection.say({ ack: 1 })
      connection.close(1001)
    })
    only(world).socket.send('say', 1)
    await world.clock.advance(60_000)
    expect(only(world).network.dials).toBeLessThan(20)
  })

  test('a server that takes its sessions back is not called at full speed either', async () => {
    const serve = (core: World['server']['core']): void =>
      void core.on('session', (session) => void session.on('say', () => session.close({ code: 4410, reason: 'no' })))
    const { world } = listening({ serve })
    only(world).socket.onLost(() => only(world).socket.send('say', 1))
    only(world).socket.send('say', 1)
    await world.clock.advance(60_000)
    // At once it would be 600 times.
    expect(only(world).network.dials).toBeLessThan(200)
  })
})

describe('waking up', () => {
  test('asks an open line whether it is alive, and finds out soon if it isn’t', async () => {
    const { world } = listening()
    const { lifecycle, network } = only(world)
    await world.clock.advance(1_000)
    for (const link of world.network.links) link.halfOpen()
    lifecycle.happen('wake')
    await world.clock.advance(4_000)
    expect([stateOf(world), network.dials]).toEqual(['open', 2])
  })

  test('after hours of sleep keeps a line that is still good', async () => {
    const { world } = listening({ server: { heartbeat: { idle: 86_400_000 } } })
    const { view, lifecycle, network } = only(world)
    await world.clock.advance(1_000)
    view.freeze('timers')
    await world.clock.advance(3_600_000)
    view.thaw()
    lifecycle.happen('wake')
    await world.clock.advance(10_000)
    expect([stateOf(world), network.dials]).toEqual(['open', 1])
  })
})
