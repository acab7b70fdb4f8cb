import { describe, expect, test } from 'vitest'
import type { EndReason, ServerSession } from 'holdfast/server'
import { type Tab, type World, world, type WorldOptions } from 'holdfast/testing'
import { hello, rawClient, type RawConnection } from '../tools/raw.ts'

interface Life {
  readonly here: World
  readonly tab: Tab
  readonly session: ServerSession
  readonly ends: EndReason[]
  readonly said: unknown[]
}
/** A tab and its session. */
const live = async (options: WorldOptions = {}): Promise<Life> => {
  const said: unknown[] = []
  const here = world({
    serve: (core) => void core.on('session', (each) => void each.on('say', (data) => said.push(data))),
    ...options,
  })
  await here.clock.advance(500)
  const [session] = here.server.core.sessions
  const ends: EndReason[] = []
  session!.onEnd((reason) => ends.push(reason))
  return { here, tab: here.tabs[0]!, session: session!, ends, said }
}
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** The same, with a client that is played by hand. */
const played = async (options: WorldOptions = {}): Promise<Omit<Life, 'tab' | 'ends'> & { client: RawConnection }> => {
  const said: unknown[] = []
  const serve: WorldOptions['serve'] = (core) =>
    void core.on('session', (each) => void each.on('say', (data) => said.push(data)))
  const here = world({ clients: 0, serve, ...options })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(100)
  const [session] = here.server.core.sessions
  return { here, session: session!, said, client }
}

describe('a session outlives its connection', () => {
  test('by `keep`, and goes on if the client comes back in time', async () => {
    const { here, session, ends, tab } = await live({ server: { keep: 30_000 } })
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(20_000)
    expect(session.transport).toBeNull()
    session.send('tick', 1)
    const heard: unknown[] = []
    tab.socket.on('tick', (data) => heard.push(data))
    here.network.fate('open')
    tab.socket.reconnect()
    await here.clock.advance(20_000)
    expect([session.transport, ends, heard]).toEqual(['websocket', [], [1]])
  })

  test('not longer', async () => {
    const { here, session, ends } = await live({ server: { keep: 30_000 } })
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(31_000)
    expect([ends, here.server.core.sessions.size, here.server.view.pending]).toEqual([['expired'], 0, 0])
    expect(() => session.send('tick')).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})

describe('its end is told once, and why', () => {
  test.each<[EndReason, (life: Life) => void]>([
    ['client-closed', ({ tab }) => void tab.socket.close()],
    ['closed', ({ session }) => session.close()],
    ['server-closed', ({ here }) => here.server.core.close()],
    [
      'overflow',
      ({ session }) => {
        for (let n = 0; n < 11; n++) session.send('tick', n)
      },
    ],
  ])('%s', async (reason, end) => {
    const life = await live({ server: { limits: { bufferedMessages: 10 } } })
    end(life)
    await life.here.clock.advance(500)
    life.session.close()
    expect(life.ends).toEqual([reason])
    const late: EndReason[] = []
    life.session.onEnd((each) => late.push(each))
    expect([late, life.here.server.core.sessions.has(life.session)]).toEqual([[reason], false])
  })

  test('a listener that throws is reported, and the others hear it', async () => {
    const { here, session, ends } = await live()
    const error = new Error('mine')
    const listener = (): never => {
      throw error
    }
    session.onEnd(listener)
    session.onEnd((reason) => ends.push(reason))
    session.close()
    session.onEnd(listener)
    expect([ends, here.server.reported]).toEqual([
      ['closed', 'closed'],
      [error, error],
    ])
  })
})

describe('close()', () => {
  test('sends what was sent before, then closes the client’s socket for good', async () => {
    const { here, session, tab } = await live()
    const heard: unknown[] = []
    tab.socket.on('tick', (data) => heard.push(data))
    session.send('tick', 'last words')
    session.close()
    await here.clock.advance(60_000)
    expect([heard, tab.socket.status.get().state, tab.network.dials]).toEqual([['last words'], 'closed', 1])
    expect(tab.socket.status.get().cause).toMatchObject({
      code: 'closed',
      message: 'The server closed the session (code 1000).',
    })
  })

  test('says code and reason', async () => {
    const { here, session, tab } = await live()
    session.close({ code: 4403, reason: 'Banned' })
    await here.clock.advance(60_000)
    expect(tab.socket.status.get()).toMatchObject({
      state: 'closed',
      cause: { code: 'forbidden', message: 'Banned (code 4403).' },
    })
  })

  test('with `retry` brings the client back, to a new session', async () => {
    const { here, session, tab } = await live()
    session.close({ retry: { after: 3_000 } })
    await here.clock.advance(2_900)
    expect(tab.network.dials).toBe(1)
    await here.clock.advance(500)
    expect([tab.socket.status.get().state, tab.network.dials]).toEqual(['open', 2])
    expect([...here.server.core.sessions]).not.toContain(session)
  })

  test('a reason of any length can be said: a native close would throw', async () => {
    const { here, session, tab } = await live()
    session.close({ code: 4403, reason: 'ä'.repeat(500) })
    await here.clock.advance(500)
    expect(tab.socket.status.get().cause?.message).toBe(`${'ä'.repeat(500)} (code 4403).`)
  })
})

test('reauthenticate() asks `auth` again and goes on with the session: nothing is lost', async () => {
  let token = 0
  const { here, session, tab, said } = await live({
    client: () => ({ auth: () => ++token }),
    server: { authenticate: ({ auth }) => ({ auth }), sameIdentity: () => true },
  })
  tab.socket.send('say', 'before')
  session.reauthenticate('expired')
  tab.socket.send('say', 'after')
  await here.clock.advance(5_000)
  expect([token, session.identity, said]).toEqual([2, { auth: 2 }, ['before', 'after']])
  expect([...here.server.core.sessions]).toEqual([session])
})

describe('what a client may take', () => {
  test('more messages a second than the limit: counted, sent away, told when to come back; nothing is lost', async () => {
    const { here, tab, said } = await live({ server: { limits: { rate: 10 } } })
    for (let number = 0; number < 150; number++) tab.socket.send('say', number)
    await here.clock.advance(1_000)
    expect(here.server.core.errors).toEqual({ 'try-later': 1 })
    expect(tab.socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'try-later' } })
    await here.clock.advance(60_000)
    expect(said).toEqual(Array.from({ length: 150 }, (_, number) => number))
    expect(tab.socket.status.get().state).toBe('open')
  })

  test('packets without messages count, too', async () => {
    const { here, client } = await played({ server: { limits: { rate: 10 } } })
    for (let number = 0; number < 200; number++) client.say({ ping: number })
    await here.clock.advance(100)
    expect(client.closed).toBe(4429)
  })

  test.each<[what: string, line: string, errors: object]>([
    ['nothing', '', {}],
    ['nothing in braces', '{}', {}],
    ['events', '["say",1]', {}],
    ['acknowledgements', '{"ack":0}', {}],
    ['pings', '{"ping":1}', {}],
    ['withdrawals of nothing', '[7]', {}],
    ['volatile events', '{"volatile":["say",1]}', {}],
    ['nonsense', 'x', { 'malformed-frame': 1_000 }],
    ['arrays that are no frames', '[]', { 'malformed-frame': 1_000 }],
    ['unknown controls', '{"a":1}', { 'unknown-control': 1_000 }],
    ['unknown events', '["nobody"]', { 'unknown-event': 2_000 }],
    ['unknown requests', '["nobody",1,1]', { 'unknown-request': 2_000 }],
    ['the same request', '["hang",1,1]', { protocol: 999 }],
  ])('a packet full of %s is looked at for as long as the rate lasts, and no further', async (_, line, errors) => {
    const serve: WorldOptions['serve'] = (core) =>
      void core.on('session', (each) => {
        each.on('say', () => {})
        each.handle('hang', () => new Promise(() => {}))
      })
    const { here, client } = await played({ server: { limits: { rate: 1_100 } }, serve })
    client.send(`${line}\n`.repeat(Math.floor(1_000_000 / (line.length + 1))))
    await here.clock.advance(2_000)
    expect([client.closed, here.server.core.errors]).toEqual([4429, { ...errors, 'try-later': 1 }])
  })

  test('what its own listeners fail at is not held against a client', async () => {
    const serve: WorldOptions['serve'] = (core) =>
      void core.on('session', (each) =>
        each.on('say', () => {
          throw new Error('mine')
        }),
      )
    const { here, client } = await played({ server: { limits: { rate: 1_000 } }, serve })
    client.send('["say"]\n'.repeat(5_000))
    await here.clock.advance(1_000)
    expect([client.closed, here.server.core.errors]).toEqual([undefined, { 'handler-failed': 5_000 }])
  })

  test('what is nested deeper than anybody means takes its number, and reaches no listener', async () => {
    const { here, client, said } = await played()
    client.say(['say', 1], `["say",${nested(600)}]`, `{"volatile":["say",${nested(600)}]}`, ['say', 2])
    await here.clock.advance(100)
    client.say({ ping: 1 })
    await here.clock.advance(100)
    expect([said, here.server.core.errors]).toEqual([[1, 2], { 'malformed-frame': 2 }])
    expect(client.lines.at(-1)).toEqual({ pong: 1, ack: 3 })
  })

  test('what is nested just less deep can be recursed over: echoed, validated, decoded, compared', async () => {
    const recurse = (value: unknown): unknown => (Array.isArray(value) ? value.map(recurse) : value)
    const deep = JSON.parse(nested(490)) as unknown
    const here = world({
      clients: 0,
      server: {
        authenticate: ({ auth }) => auth,
        codec: { encode: recurse, decode: recurse },
        schema: { say: { '~standard': { validate: (value: unknown) => ({ value: recurse(value) }) } } },
      },
      serve: (core) => void core.on('session', (each) => void each.on('say', (data) => each.send('said', data))),
    })
    for (const attempt of [1, 2]) {
      const client = rawClient(here.network)
      await here.clock.advance(100)
      client.say(hello({ attempt, auth: deep, from: attempt }), ['say', deep])
      await here.clock.advance(100)
      expect(client.lines).toContainEqual(['said', deep])
    }
    expect(here.server.core.errors).toEqual({})
  })

  test('more waiting for it than the server keeps: the session is lost, and both ends are told', async () => {
    const { here, session, tab, ends } = await live({ server: { limits: { bufferedBytes: 10_000 } } })
    const lost: string[] = []
    tab.socket.onLost(({ cause }) => lost.push(cause.message))
    here.network.stall()
    for (let number = 0; number < 20; number++) session.send('tick', 'x'.repeat(1_000))
    await here.clock.advance(0)
    expect(ends).toEqual(['overflow'])
    here.network.heal()
    await here.clock.advance(5_000)
    expect(lost).toEqual(['More messages were waiting for this client than the server keeps. (code 4410).'])
    expect(tab.socket.status.get().state).toBe('open')
  })

  test('answers count as well, to a client that asks and asks, and acknowledges nothing', async () => {
    const ends: string[] = []
    const here = world({
      clients: 0,
      server: { limits: { bufferedMessages: 100 } },
      serve: (core) => void core.on('session', (session) => session.onEnd((reason) => ends.push(reason))),
    })
    const client = rawClient(here.network)
    await here.clock.advance(100)
    client.say(hello(), ...Array.from({ length: 101 }, (_, i) => ['nobody', null, i]))
    await here.clock.advance(100)
    expect([ends, client.closed]).toEqual([['overflow'], 4410])
  })

  test('and the receipts of all that will not arrive say so', async () => {
    const { here, session } = await live({ server: { limits: { bufferedMessages: 10 } } })
    here.network.stall()
    const codes: string[] = []
    const note = (error: { code: string }): void => void codes.push(error.code)
    for (let number = 0; number < 15; number++) void session.send('tick', number).delivered.catch(note)
    await here.clock.advance(1_000)
    expect(codes).toEqual(Array.from({ length: 15 }, () => 'closed'))
  })

  test('`latest` needs no room for each', async () => {
    const { here, session, tab, ends } = await live({ server: { limits: { bufferedMessages: 5 } } })
    const heard: unknown[] = []
    tab.socket.on('at', (data) => heard.push(data))
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(100)
    for (let number = 0; number < 1_000; number++) session.send('at', number, { latest: 'at' })
    here.network.fate('open')
    await here.clock.advance(20_000)
    expect([ends, heard]).toEqual([[], [999]])
  })
})

describe('a client that breaks the protocol', () => {
  test('by an acknowledgement of what was never sent ends its session, and nobody else’s', async () => {
    const { here, client, session } = await played()
    const ends: EndReason[] = []
    session.onEnd((reason) => ends.push(reason))
    client.say({ ack: 5 })
    await here.clock.advance(100)
    expect([client.closed, ends, here.server.core.errors]).toEqual([4400, ['protocol'], { protocol: 1 }])
    expect(here.server.view.pending).toBe(0)
  })

  test('by talking on, after its end, is not heard', async () => {
    const { here, client, session, said } = await played()
    client.say({ ack: 5 }, ['say', 1])
    client.say(['say', 2])
    await here.clock.advance(100)
    expect([said, session.transport]).toEqual([[], null])
  })
})

test('`once`, and unsubscribing, work as on the other side', async () => {
  const { here, session, tab } = await live()
  const heard: unknown[] = []
  session.once('tick', (data) => heard.push(`once ${String(data)}`))
  const off = session.on('tick', (data) => heard.push(data))
  tab.socket.send('tick', 1)
  tab.socket.send('tick', 2)
  await here.clock.advance(100)
  off()
  tab.socket.send('tick', 3)
  await here.clock.advance(100)
  expect(heard).toEqual(['once 1', 1, 2])
})
