import { describe, expect, test } from 'vitest'
import { type Tab, type World, world } from 'holdfast/testing'
import { hello, rawClient, rawServer, type RawConnection, welcome } from '../tools/raw.ts'

/** A tab whose server is played by hand, and greets. */
const tabAlone = async (change: object = {}): Promise<{ here: World; tab: Tab; server: RawConnection[] }> => {
  const here = world()
  const server = rawServer(here.network, (connection) => connection.say(welcome(change)))
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, server }
}

/** A server whose client is played by hand, and has been welcomed. */
const serverAlone = async (serve?: Parameters<typeof world>[0]): Promise<{ here: World; client: RawConnection }> => {
  const here = world({ clients: 0, ...serve })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(100)
  return { here, client }
}

describe('the opening', () => {
  test('what was sent before travels right behind the hello, in the same packet', async () => {
    const here = world()
    const [connection] = [rawServer(here.network)]
    here.tabs[0]!.socket.send('say', 'early')
    await here.clock.advance(500)
    expect(connection[0]!.packets).toHaveLength(1)
    expect(connection[0]!.lines).toEqual([
      {
        hello: expect.objectContaining({
          attempt: 1,
          from: 1,
          got: 0,
          session: expect.stringMatching(/.{16,}/) as unknown,
        }) as unknown,
      },
      ['say', 'early'],
    ])
  })

  test('states where it stands on the next connection, and sends again what nobody acknowledged', async () => {
    const { here, tab, server } = await tabAlone({ got: 0 })
    tab.socket.on('tick', () => {})
    for (const number of [1, 2, 3]) tab.socket.send('say', number)
    await here.clock.advance(50)
    server[0]!.say({ ack: 2 }, ['tick', 1])
    await here.clock.advance(50)
    here.network.cut()
    await here.clock.advance(5_000)
    expect(server[1]!.lines.slice(0, 2)).toEqual([
      { hello: expect.objectContaining({ attempt: 2, from: 3, got: 1, life: 'the-life-of-a-raw-server' }) as unknown },
      ['say', 3],
    ])
  })

  test('repeats all that it kept, on a line that is full as well, whatever of it is acknowledged meanwhile: the other side counts', async () => {
    const here = world({ conditions: { bandwidth: 100_000 }, client: () => ({ heartbeat: { timeout: 60_000 } }) })
    const counts = [0, 10]
    const server = rawServer(here.network, (connection) => connection.say(welcome({ got: counts.shift() })))
    await here.clock.advance(500)
    const { socket } = here.tabs[0]!
    for (let number = 1; number <= 10; number++) socket.send('say', new Uint8Array(60_000).fill(number))
    await here.clock.advance(10_000)
    here.network.cut()
    await here.clock.advance(2_000)
    socket.send('say', 'the eleventh')
    await here.clock.advance(20_000)
    const { lines, packets } = server[1]!
    const repeated = packets.filter((packet) => typeof packet !== 'string').map((packet) => packet.at(-1))
    expect(repeated).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(lines.filter((line) => Array.isArray(line))).toEqual([['say', 'the eleventh']])
  })

  test('a large backlog doesn’t delay the hello: only a little shares its packet', async () => {
    const here = world()
    const connections = rawServer(here.network)
    for (let index = 0; index < 40; index++) here.tabs[0]!.socket.send('say', 'x'.repeat(1_000))
    await here.clock.advance(500)
    const [first] = connections[0]!.packets
    expect(first!.length).toBeLessThan(8_192)
    expect(connections[0]!.lines).toHaveLength(41)
  })

  test('no more than 64 Ki characters and a frame go ahead of the welcome', async () => {
    const here = world({ client: () => ({ transport: 'websocket' }) })
    const connections = rawServer(here.network)
    for (let index = 0; index < 400; index++) here.tabs[0]!.socket.send('say', 'x'.repeat(1_000))
    await here.clock.advance(500)
    const ahead = connections[0]!.packets.reduce((sum, packet) => sum + packet.length, 0)
    expect(ahead).toBeGreaterThan(65_536)
    expect(ahead).toBeLessThan(70_000)
    connections[0]!.say(welcome())
    await here.clock.advance(500)
    expect(connections[0]!.lines).toHaveLength(401)
  })

  test('a message over the first limit waits for the welcome, and the order holds', async () => {
    const here = world({ client: () => ({ transport: 'websocket' }) })
    const connections = rawServer(here.network)
    for (const data of ['a', 'x'.repeat(70_000), 'c']) here.tabs[0]!.socket.send('say', data)
    await here.clock.advance(500)
    expect(connections[0]!.lines).toHaveLength(2)
    connections[0]!.say(welcome())
    await here.clock.advance(500)
    expect(connections[0]!.lines.slice(1).map((line) => (line as string[])[1]!.length)).toEqual([1, 70_000, 1])
  })
})

describe('packets', () => {
  test('what is sent in one task travels as one, on both sides', async () => {
    const { here, tab, server } = await tabAlone()
    for (let index = 0; index < 100; index++) tab.socket.send('say', index)
    await here.clock.advance(100)
    expect(server[0]!.packets).toHaveLength(2)

    const { here: there, client } = await serverAlone()
    const before = client.packets.length
    for (const session of there.server.core.sessions)
      for (let index = 0; index < 100; index++) session.send('tick', index)
    await there.clock.advance(100)
    expect(client.packets.length - before).toBe(1)
  })

  test('are of about 64 Ki characters at most; a larger frame goes by itself', async () => {
    const { here, tab, server } = await tabAlone()
    for (let index = 0; index < 200; index++) tab.socket.send('say', 'x'.repeat(1_000))
    tab.socket.send('say', 'x'.repeat(200_000))
    for (let index = 0; index < 100; index++) tab.socket.send('say', 'x'.repeat(2_000), { volatile: true })
    await here.clock.advance(100)
    const sizes = server[0]!.packets.slice(1).map(({ length }) => length)
    expect(sizes.filter((size) => size > 65_536)).toEqual([200_010])
    expect(sizes.length).toBeGreaterThan(6)
  })

  test('bytes go as bytes, in their place', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.send('say', 1)
    tab.socket.send('file', new Uint8Array([1, 2]))
    tab.socket.send('say', 2)
    await here.clock.advance(100)
    expect(server[0]!.packets.slice(1)).toEqual([
      '["say",1]',
      new TextEncoder().encode('["file",null]\n\u0001\u0002'),
      '["say",2]',
    ])
  })
})

describe('acknowledgements', () => {
  const acks = ({ lines }: RawConnection): unknown[] =>
    lines.filter((line) => (line as { ack?: number }).ack !== undefined)

  test('go along with what is sent anyway, once they have waited for a quarter of a second', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {})
    const before = server[0]!.packets.length
    server[0]!.say(['tick', 1])
    await here.clock.advance(200)
    tab.socket.send('say', 'at once')
    await here.clock.advance(200)
    tab.socket.send('say', 'later')
    await here.clock.advance(1_000)
    expect(server[0]!.packets.slice(before)).toEqual(['["say","at once"]', '["say","later"]\n{"ack":1}'])
  })

  test('come a second after the first message, one for all', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {})
    server[0]!.say(['tick', 1], ['tick', 2])
    await here.clock.advance(600)
    server[0]!.say(['tick', 3])
    await here.clock.advance(300)
    expect(acks(server[0]!)).toEqual([])
    await here.clock.advance(200)
    expect(acks(server[0]!)).toEqual([{ ack: 3 }])
    await here.clock.advance(5_000)
    expect(acks(server[0]!)).toHaveLength(1)
  })

  test('come at once after 64 messages, or 256 Ki', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {})
    server[0]!.say(...Array.from({ length: 64 }, (_, index) => ['tick', index]))
    await here.clock.advance(100)
    expect(acks(server[0]!)).toEqual([{ ack: 64 }])
    server[0]!.say(['tick', 'x'.repeat(262_144)])
    await here.clock.advance(100)
    expect(acks(server[0]!)).toEqual([{ ack: 64 }, { ack: 65 }])
  })

  test('ride along with a pong', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {})
    server[0]!.say(['tick', 1], { ping: 7 })
    await here.clock.advance(100)
    expect(server[0]!.lines.at(-1)).toEqual({ pong: 7, ack: 1 })
  })

  test('count a message whose handler threw, and one that nobody could use: it did arrive', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {
      throw new Error('mine')
    })
    server[0]!.say(['tick', 1], '["broken', ['unheard', 1], { ping: 1 })
    await here.clock.advance(100)
    expect(server[0]!.lines.at(-1)).toEqual({ pong: 1, ack: 3 })
    expect(tab.socket.errors).toEqual({ 'handler-failed': 1, 'malformed-frame': 1, 'unknown-event': 1 })
  })

  test('for what was never sent end the connection, and the session is not trusted any more', async () => {
    const { here, tab, server } = await tabAlone()
    server[0]!.say({ ack: 1 })
    await here.clock.advance(100)
    expect(tab.socket.status.get()).toMatchObject({ state: 'closed', cause: { code: 'protocol' } })
  })
})

describe('what arrives twice', () => {
  test('is delivered once: the sender says where it starts', async () => {
    const here = world()
    const heard: unknown[] = []
    here.tabs[0]!.socket.on('tick', (data) => heard.push(data))
    // A server that has heard of no acknowledgement, and starts over each time.
    const server = rawServer(here.network, (connection) =>
      connection.say(welcome({ from: 1 }), ...heard.map((_, index) => ['tick', index]), ['tick', heard.length]),
    )
    for (let time = 0; time < 5; time++) {
      await here.clock.advance(500)
      here.network.cut()
      await here.clock.advance(40_000)
    }
    expect(server.length).toBeGreaterThan(4)
    expect(heard).toEqual(Array.from({ length: server.length }, (_, index) => index))
  })

  test('a gap is not passed over: the session is lost', async () => {
    const here = world()
    const lost: string[] = []
    here.tabs[0]!.socket.onLost(({ cause }) => lost.push(cause.code))
    const heard: unknown[] = []
    here.tabs[0]!.socket.on('tick', (data) => heard.push(data))
    rawServer(here.network, (connection, { attempt }) =>
      connection.say(welcome({ from: 4 - attempt }), ['tick', attempt]),
    )
    await here.clock.advance(140)
    expect([lost, heard]).toEqual([['session-lost'], []])
  })
})

describe('before the welcome', () => {
  test('a message is a breach of the protocol', async () => {
    const here = world()
    const heard: unknown[] = []
    here.tabs[0]!.socket.on('tick', (data) => heard.push(data))
    rawServer(here.network, (connection) => connection.say(['tick', 1], welcome()))
    await here.clock.advance(500)
    expect([heard, here.tabs[0]!.socket.status.get().cause?.code]).toEqual([[], 'protocol'])
  })

  test('a second one is a breach of the protocol: what was numbered after the first would be passed over', async () => {
    const here = world()
    const heard: unknown[] = []
    here.tabs[0]!.socket.on('tick', (data) => heard.push(data))
    rawServer(here.network, (connection) => connection.say(welcome(), ['tick', 1], welcome(), ['tick', 2]))
    await here.clock.advance(500)
    expect([heard, here.tabs[0]!.socket.status.get().cause?.code]).toEqual([[1], 'protocol'])
  })

  test('a volatile one is nothing', async () => {
    const here = world()
    const heard: unknown[] = []
    here.tabs[0]!.socket.on('tick', (data) => heard.push(data))
    rawServer(here.network, (connection) => connection.say({ volatile: ['tick', 1] }, welcome()))
    await here.clock.advance(500)
    expect([heard, here.tabs[0]!.socket.status.get().state]).toEqual([[], 'open'])
  })
})

describe('a silent line', () => {
  test('is asked after `idle`, and dead after the timeout: replaced at once, without waiting for its close', async () => {
    const here = world({ client: () => ({ heartbeat: { idle: 5_000, timeout: 3_000 } }) })
    const tab = here.tabs[0]!
    const server = rawServer(here.network, (connection) => connection.say(welcome()))
    await here.clock.advance(500)
    await here.clock.advance(5_000)
    expect(server[0]!.lines.at(-1)).toEqual({ ping: 1, ack: 0 })
    expect(tab.network.dials).toBe(1)
    await here.clock.advance(2_500)
    expect([tab.network.dials, tab.network.mostHeld]).toEqual([2, 1])
  })

  test('that answers is left in peace', async () => {
    const here = world({ client: () => ({ heartbeat: { idle: 5_000 } }) })
    await here.clock.advance(600_000)
    expect([here.tabs[0]!.network.dials, here.tabs[0]!.socket.errors]).toEqual([1, {}])
  })

  test('is not dead before it was asked, however short the timeout is beside `idle`', async () => {
    const here = world({ client: () => ({ heartbeat: { idle: 5_000, timeout: 100 } }) })
    await here.clock.advance(600_000)
    expect(here.tabs[0]!.network.dials).toBe(1)
  })

  test('is asked on every connection, not only on the first', async () => {
    const here = world({ client: () => ({ heartbeat: { idle: 5_000 } }) })
    const server = rawServer(here.network, (connection, { from }) => connection.say(welcome({ got: from - 1 })))
    await here.clock.advance(500)
    here.network.cut()
    await here.clock.advance(3_000)
    expect(server).toHaveLength(2)
    await here.clock.advance(5_000)
    expect(server[1]!.lines.at(-1)).toEqual({ ping: 1, ack: 0 })
  })

  test('no pong and no ack is ever an event of the application', async () => {
    const here = world({ client: () => ({ heartbeat: { idle: 1_000 } }) })
    await here.clock.advance(60_000)
    expect([here.tabs[0]!.socket.errors, here.server.core.errors]).toEqual([{}, {}])
  })

  test('with messages out is asked long before `idle`', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.send('say', 1)
    await here.clock.advance(2_500)
    expect(server[0]!.lines.at(-1)).toEqual({ ping: 1, ack: 0 })
    await here.clock.advance(2_500)
    expect(tab.network.dials).toBe(2)
  })

  test('that talks on, and never acknowledges, is dead, too', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.on('tick', () => {})
    tab.socket.send('say', 1)
    const talk = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        server[0]!.say(['tick', second])
        await here.clock.advance(1_000)
      }
    }
    // The answer may stand behind what is being said, for `timeout` and 30 s.
    await talk(40)
    expect(tab.network.dials).toBe(1)
    await talk(5)
    expect(tab.network.dials).toBe(2)
  })

  test('is found by the server just so', async () => {
    const { here, client } = await serverAlone({ server: { heartbeat: { idle: 5_000, timeout: 3_000 }, keep: 60_000 } })
    const [session] = here.server.core.sessions
    await here.clock.advance(5_100)
    expect(client.lines.at(-1)).toEqual({ ping: 1, ack: 0 })
    expect(session!.transport).toBe('websocket')
    await here.clock.advance(3_000)
    expect(session!.transport).toBeNull()
  })
})

describe('flush()', () => {
  test('resolves when all that was sent before it is acknowledged, and does not wait for the usual second', async () => {
    const { clock, tabs } = world({ serve: (core) => void core.on('session', (s) => void s.on('say', () => {})) })
    const { socket } = tabs[0]!
    await clock.advance(500)
    socket.send('say', 1)
    let flushedAt = 0
    const before = clock.now()
    void socket.flush().then(() => (flushedAt = clock.now()))
    await clock.advance(5_000)
    expect(flushedAt - before).toBeLessThan(100)
  })

  test('with nothing on its way resolves at once', async () => {
    const { tabs } = world()
    await expect(tabs[0]!.socket.flush()).resolves.toBeUndefined()
  })

  test('waits while the network is away', async () => {
    const { clock, network, tabs } = world()
    const { socket } = tabs[0]!
    await clock.advance(500)
    network.fate('refuse')
    network.cut()
    socket.send('say', 1)
    let flushed = false
    void socket.flush().then(() => (flushed = true))
    await clock.advance(30_000)
    expect(flushed).toBe(false)
    network.fate('open')
    socket.reconnect()
    // Two round trips to connect, one for the welcome, one for the answer: not the usual second on top.
    await clock.advance(250)
    expect(flushed).toBe(true)
  })

  test('does not wait for what was withdrawn, replaced or expired meanwhile', async () => {
    const { clock, network, tabs } = world()
    const { socket } = tabs[0]!
    await clock.advance(500)
    network.fate('refuse')
    network.cut()
    await clock.advance(100)
    const controller = new AbortController()
    void socket.request('ask', 1, { signal: controller.signal }).catch(() => {})
    socket.send('say', 1, { ttl: 50 })
    socket.send('say', 2, { latest: 'k' })
    let flushed = false
    void socket.flush().then(() => (flushed = true))
    socket.send('say', 3, { latest: 'k' })
    controller.abort()
    await clock.advance(200)
    network.fate('open')
    await clock.advance(60_000)
    expect(flushed).toBe(true)
  })

  test('resolves though nothing of what it waited for was ever sent, on either side', async () => {
    const { clock, network, tabs, server } = world()
    const { socket } = tabs[0]!
    await clock.advance(500)
    const [session] = server.core.sessions
    network.fate('refuse')
    network.cut()
    await clock.advance(100)
    const flushed: string[] = []
    socket.send('say', 'brief', { ttl: 50 })
    void socket.flush().then(() => flushed.push('client'))
    session!.send('tick', 'brief', { ttl: 50 })
    void session!.flush().then(() => flushed.push('server'))
    await clock.advance(5_000)
    network.fate('open')
    await clock.advance(60_000)
    expect(flushed.toSorted()).toEqual(['client', 'server'])
  })

  test('outlives a lost session', async () => {
    const here = world()
    const { socket } = here.tabs[0]!
    await here.clock.advance(500)
    here.network.stall('down')
    socket.send('say', 1)
    let flushed = false
    void socket.flush().then(() => (flushed = true))
    await here.clock.advance(100)
    here.restart()
    here.network.heal()
    await here.clock.advance(60_000)
    expect(flushed).toBe(true)
  })

  test('of a server’s session rejects with its end', async () => {
    const { here } = await serverAlone()
    const [session] = here.server.core.sessions
    session!.send('tick', 1)
    const flushed = session!.flush()
    session!.close()
    await expect(flushed).rejects.toMatchObject({ code: 'closed' })
    await expect(session!.flush()).rejects.toMatchObject({ code: 'closed' })
  })
})
