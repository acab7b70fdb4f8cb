import { describe, expect, test } from 'vitest'
import { RequestError } from 'holdfast/server'
import { type World, world, type WorldOptions } from 'holdfast/testing'
import { hello, rawClient, type RawConnection } from '../tools/raw.ts'

/** A client that is played by hand, connected and silent so far. */
const connected = async (
  options: WorldOptions = {},
): Promise<{ here: World; client: RawConnection; said: unknown[] }> => {
  const said: unknown[] = []
  const here = world({
    clients: 0,
    serve: (core) => void core.on('session', (session) => void session.on('say', (data) => said.push(data))),
    ...options,
  })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  return { here, client, said }
}
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const byes = ({ lines }: RawConnection): unknown[] => lines.flatMap((line) => (line as { bye?: unknown }).bye ?? [])

describe('a stranger', () => {
  test.each<[string, string | Uint8Array]>([
    ['nonsense', 'GET / HTTP/1.1'],
    ['an event', '["say",1]'],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['an empty control line', '{}'],
    ['a pong', '{"pong":1}'],
    ['a ping that is none', '{"ping":-1}'],
    ['an event behind a ping', '{"ping":1}\n["say",1]'],
    ['a hello that is none', '{"hello":1}'],
    ['a hello behind an event', '["say",1]\n{"hello":{}}'],
    ['a prototype', '{"__proto__":{"hello":{}}}'],
    ['a hello nested deeper than anybody means', JSON.stringify(hello({ auth: JSON.parse(nested(600)) as unknown }))],
    ...(
      [
        { session: 'short' },
        { session: 'x'.repeat(65) },
        { session: 7 },
        { session: 'with\na line break in it' },
        { nonce: undefined },
        { attempt: -1 },
        { attempt: '1' },
        { from: 0 },
        { from: 1.5 },
        { got: null },
        { life: 'short' },
      ] as const
    ).map((change): [string, string] => [`a hello with ${JSON.stringify(change)}`, JSON.stringify(hello(change))]),
  ])('that begins with %s is told so and let go', async (_, packet) => {
    const { here, client, said } = await connected()
    client.send(packet)
    client.say(hello(), ['say', 1])
    await here.clock.advance(20_000)
    expect(client.closed).toBe(4400)
    expect(byes(client)).toEqual([{ code: 4400, reason: 'The first frame must be a hello' }])
    expect(here.server.core.errors).toMatchObject({ protocol: 1 })
    expect([here.server.core.sessions.size, said, here.server.view.pending]).toEqual([0, [], 0])
  })

  test('that says nothing is let go after helloTimeout', async () => {
    const { here, client } = await connected({ server: { limits: { helloTimeout: 3_000 } } })
    await here.clock.advance(2_900)
    expect(client.closed).toBeUndefined()
    await here.clock.advance(100)
    expect([client.closed, byes(client)]).toEqual([4408, [{ code: 4408, reason: 'No session within 3000 ms' }]])
    expect(here.server.view.pending).toBe(0)
  })

  test('that leaves before it said anything leaves nothing behind', async () => {
    const { here, client } = await connected()
    client.close()
    await here.clock.advance(100)
    expect([here.server.view.pending, here.server.core.errors]).toEqual([0, {}])
  })
})

describe('a ping before the hello', () => {
  test('is answered at once, and the hello may follow behind it or later', async () => {
    const { here, client, said } = await connected()
    client.say({ ping: 7 })
    await here.clock.advance(100)
    expect([client.lines, here.server.core.sessions.size]).toEqual([[{ pong: 7 }], 0])
    client.say({ ping: 8 }, hello(), ['say', 1])
    await here.clock.advance(100)
    expect(client.lines).toMatchObject([{ pong: 7 }, { pong: 8 }, { welcome: {} }])
    expect([said, here.server.core.errors]).toEqual([[1], {}])
  })

  test('is no reason to wait longer for the hello', async () => {
    const { here, client } = await connected()
    for (let second = 1; second < 12; second++) {
      client.say({ ping: second })
      await here.clock.advance(1_000)
    }
    expect(client.closed).toBe(4408)
  })

  test('of many is answered once a packet, and too many are too much', async () => {
    const { here, client } = await connected({ server: { limits: { messageBytes: 65_536 } } })
    const many = Array.from({ length: 20_000 }, (_, ping) => `{"ping":${ping}}`).join('\n')
    client.send(many)
    await here.clock.advance(100)
    expect(client.lines).toEqual([{ pong: 19_999 }])
    client.send(many)
    await here.clock.advance(100)
    expect([client.closed, here.server.core.errors]).toEqual([4429, { overflow: 1 }])
  })
})

describe('while `authenticate` thinks', () => {
  /** An `authenticate` of which the test decides what comes of it. */
  const slow = () => {
    const asked: { auth: unknown; resolve: (identity: unknown) => void }[] = []
    const authenticate = ({ auth }: { auth: unknown }): Promise<unknown> =>
      new Promise((resolve) => void asked.push({ auth, resolve }))
    return { asked, authenticate }
  }

  test('what comes waits, and is delivered in order', async () => {
    const { asked, authenticate } = slow()
    const { here, client, said } = await connected({ server: { authenticate } })
    client.say(hello({ auth: 'token' }), ['say', 1])
    client.say(['say', 2])
    await here.clock.advance(1_000)
    expect([asked.map(({ auth }) => auth), said]).toEqual([['token'], []])
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect(said).toEqual([1, 2])
    expect([...here.server.core.sessions].map(({ identity }) => identity)).toEqual(['ann'])
  })

  test('the client is told once that its hello came through, if that takes a while', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate }, conditions: { latency: 0, jitter: 0 } })
    client.say(hello())
    await here.clock.advance(49)
    expect(client.lines).toEqual([])
    await here.clock.advance(1_000)
    expect(client.lines).toEqual([{}])
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect(client.lines).toMatchObject([{}, { welcome: {} }])
  })

  test('nobody is told who has left, or has been answered', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate }, conditions: { latency: 0, jitter: 0 } })
    client.say(hello())
    await here.clock.advance(10)
    asked[0]!.resolve('ann')
    await here.clock.advance(1)
    expect(here.server.view.pending).toBe(1)
    await here.clock.advance(1_000)
    expect(client.lines).toMatchObject([{ welcome: {} }])
  })

  test('no more than a message and a little is kept of a stranger', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate, limits: { messageBytes: 65_536 } } })
    client.say(hello())
    for (let packet = 0; packet < 5; packet++) client.say(['say', '漢'.repeat(20_000)])
    await here.clock.advance(100)
    expect(client.closed).toBeUndefined()
    client.say(['say', '漢'.repeat(20_000)])
    await here.clock.advance(100)
    expect(client.closed).toBe(4429)
    expect(here.server.core.errors).toEqual({ overflow: 1 })
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect(here.server.core.sessions.size).toBe(0)
  })

  test('signs of life are not kept, and cost nothing', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate, limits: { rate: 1 } } })
    client.say(hello())
    for (let poll = 0; poll < 100; poll++) client.send('')
    await here.clock.advance(100)
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect([client.closed, here.server.core.errors]).toEqual([undefined, {}])
  })

  test('helloTimeout goes on', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate } })
    client.say(hello())
    await here.clock.advance(10_000)
    expect(client.closed).toBe(4408)
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect([here.server.core.sessions.size, here.server.view.pending]).toEqual([0, 0])
  })

  test('a client that leaves has no session afterwards', async () => {
    const { asked, authenticate } = slow()
    const { here, client } = await connected({ server: { authenticate } })
    client.say(hello())
    await here.clock.advance(100)
    client.close()
    await here.clock.advance(100)
    asked[0]!.resolve('ann')
    await here.clock.advance(100)
    expect([here.server.core.sessions.size, here.server.view.pending]).toEqual([0, 0])
  })
})

describe('`authenticate`', () => {
  test.each([[null], [undefined], [false]])('that gives %s refuses: 4401', async (identity) => {
    const { here, client } = await connected({ server: { authenticate: () => identity } })
    client.say(hello())
    await here.clock.advance(100)
    expect(byes(client)).toEqual([{ code: 4401, reason: 'The credentials were not accepted' }])
    expect(client.closed).toBe(4401)
  })

  test.each([[0], [''], [{}], [true]])('that gives %o accepts', async (identity) => {
    const { here, client } = await connected({ server: { authenticate: () => identity } })
    client.say(hello())
    await here.clock.advance(100)
    expect(client.closed).toBeUndefined()
    expect([...here.server.core.sessions].map((session) => session.identity)).toEqual([identity])
  })

  test('that throws a RequestError refuses with its message, which is the client’s to read', async () => {
    const authenticate = (): never => {
      throw new RequestError('expired', 'Your token expired at noon')
    }
    const { here, client } = await connected({ server: { authenticate } })
    client.say(hello())
    await here.clock.advance(100)
    expect(byes(client)).toEqual([{ code: 4401, reason: 'Your token expired at noon' }])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('the password is 1234')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the password is 1234'))],
  ])('that %s anything else is the server’s fault: 4500, reported, and kept to itself', async (_, authenticate) => {
    const { here, client } = await connected({ server: { authenticate } })
    client.say(hello())
    await here.clock.advance(100)
    expect([client.closed, JSON.stringify(client.packets)]).toEqual([4500, expect.not.stringContaining('1234')])
    expect(here.server.reported).toMatchObject([{ message: 'the password is 1234' }])
    expect(here.server.core.errors).toEqual({ 'handler-failed': 1 })
  })

  test('sees the request, with its cookies', async () => {
    const seen: unknown[] = []
    const { here, client } = await connected({
      server: { authenticate: ({ request }) => seen.push(request.url, request.headers['host']) },
    })
    client.say(hello())
    await here.clock.advance(100)
    expect(seen).toEqual(['/live', 'server.test'])
  })
})
