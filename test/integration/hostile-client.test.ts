/** A client that says what no client of ours would: each is named, counted, and harms nobody, its own session least of all. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Backend, type Chat, containing, isOpen, serve, status } from './support/backend.ts'
import { type RawPeer, hello, rawClient, rawSession, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

interface Stage {
  readonly backend: Backend<Chat, unknown>
  readonly heard: Seen<string>
  readonly peer: RawPeer
  readonly session: string
}

async function stage(options: Parameters<typeof serve<Chat>>[0] = {}): Promise<Stage> {
  const heard = new Seen<string>()
  const backend = await serve({
    ...options,
    session(session) {
      session.on('say', heard.add)
      session.handle('add', ([left, right]) => left + right)
    },
  })
  const session = sessionId()
  return { backend, heard, session, peer: await rawSession(backend.url, session) }
}

/** The connection still works, and nothing before or after was lost. */
async function expectAlive({ backend, heard, peer }: Stage): Promise<void> {
  peer.send(['say', 'still here'], ['add', [1, 2], 900])
  await peer.lines.find((line) => Array.isArray(line) && line[0] === 900)
  expect(peer.lines.all).toContainEqual([900, 3])
  expect(heard.all.at(-1)).toBe('still here')
  expect(backend.proxy.accepted).toBe(1)
  expect(backend.server.sessions.size).toBe(1)
}

describe('a line that is no frame is passed over, and the conversation goes on', () => {
  test.each([
    'nonsense',
    '[',
    '["say","unclosed]',
    'null',
    '42',
    '"text"',
    '[]',
    '[null,1]',
    '[{},1]',
    '[-1]',
    '[1.5,1]',
    '[9007199254740993,1]',
    '["say","x",-1]',
    '["say","x","1"]',
    '["say","x",1,1]',
    '[1,null,{"code":7,"message":"x"}]',
    '[1,null,{}]',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ])('%.40s', async (line) => {
    const now = await stage()
    now.peer.send(['say', 'before'], line, ['say', 'after'])
    await expectAlive(now)
    expect(now.heard.all).toEqual(['before', 'after', 'still here'])
    expect(now.backend.server.errors).toEqual({ 'malformed-frame': 1 })
    expect(now.backend.errors.all[0]!.message.length).toBeLessThan(200)
  })

  test.each([
    '{"ack"',
    '{"ack":-1}',
    '{"ack":"1"}',
    '{"ack":null}',
    '{"ping":{}}',
    '{"bye":"now"}',
    '{"bye":{"code":"1000"}}',
    '{"volatile":"say"}',
    '{"volatile":["say","x",7]}',
    '{"volatile":[7,"x"]}',
  ])('%s', async (line) => {
    const now = await stage()
    now.peer.send(line)
    await expectAlive(now)
    expect(now.heard.all).toEqual(['still here'])
    expect(now.backend.server.errors).toEqual({ 'malformed-frame': 1 })
  })

  test('a second hello', async () => {
    const now = await stage()
    now.peer.send(hello(sessionId(), { attempt: 2 }))
    await expectAlive(now)
    expect(now.backend.server.errors).toEqual({ 'unknown-control': 1 })
  })

  test('a control of another version is passed over, and what stands beside it is heard', async () => {
    const now = await stage()
    now.peer.send('{"teleport":{"to":"mars"},"volatile":["say","beside it"],"ping":77}')
    await now.peer.lines.find((line) => (line as { pong?: number }).pong === 77)
    await expectAlive(now)
    expect(now.heard.all).toEqual(['beside it', 'still here'])
    expect(now.backend.server.errors).toEqual({ 'unknown-control': 1 })
  })
})

describe('names of a prototype are names like any other', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '']

  test.each(names)('event "%s"', async (name) => {
    const now = await stage()
    now.peer.send([name, { polluted: true }], { volatile: [name, 1] })
    await expectAlive(now)
    expect(now.backend.server.errors).toEqual({ 'unknown-event': 2 })
  })

  test.each(names)('request "%s"', async (name) => {
    const now = await stage()
    now.peer.send([name, { polluted: true }, 1])
    await expectAlive(now)
    expect(now.peer.lines.all).toContainEqual([1, null, { code: 'unknown-request', message: containing(`"${name}"`) }])
    expect(now.backend.server.errors).toEqual({ 'unknown-request': 1 })
  })

  test('as keys, anywhere', async () => {
    const now = await stage()
    const poison = '{"polluted":true}'
    now.peer.send(
      `{"__proto__":${poison},"constructor":${poison}}`,
      `["say",{"__proto__":${poison},"constructor":{"prototype":${poison}}}]`,
    )
    await expectAlive(now)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(now.backend.server.errors).toEqual({ 'unknown-control': 2 })
  })

  test('in a hello', async () => {
    const { backend } = await stage()
    const session = `"session":"${'__proto__'.repeat(2)}","attempt":1,"nonce":"${sessionId()}","from":1,"got":0`
    const peer = await rawClient(backend.url)
    peer.send(`{"hello":{${session},"__proto__":{"auth":"root"}}}`)
    await peer.said('welcome')
    expect(backend.server.sessions.size).toBe(2)
    expect(({} as { auth?: string }).auth).toBeUndefined()
  })
})

describe('bytes', () => {
  test('where text is due: whatever they say is at most one frame', async () => {
    const now = await stage()
    now.peer.send(Buffer.from('no newline, no frame'))
    now.peer.send(Buffer.from('{"ping":1}\n'))
    now.peer.send(Buffer.from([0xff, 0xfe, 0x0a, 1, 2]))
    now.peer.send(Buffer.alloc(0))
    await expectAlive(now)
    expect(now.backend.server.errors).toEqual({ 'malformed-frame': 4 })
  })

  test('half a character in a binary frame', async () => {
    const now = await stage()
    now.peer.send(Buffer.concat([Buffer.from('["say'), Buffer.from('€').subarray(0, 2), Buffer.from('",null]\nx')]))
    await expectAlive(now)
    expect(now.backend.server.errors).toEqual({ 'malformed-frame': 1 })
  })

  test('half a character in a text message ends the connection, not the session', async () => {
    const { backend, peer, session, heard } = await stage()
    peer.send(['say', 'before'])
    peer.socket.send(Buffer.concat([Buffer.from('["say","'), Buffer.from('€').subarray(0, 2), Buffer.from('"]')]), {
      binary: false,
    })
    expect(await peer.closed).toMatchObject({ code: 1007 })
    const { life } = await peer.said('welcome')
    const next = await rawSession(backend.url, session, { attempt: 2, life, from: 2 })
    expect(await next.said('welcome')).toMatchObject({ got: 1, life })
    next.send(['say', 'after'])
    expect(await heard.first(2)).toEqual(['before', 'after'])
  })
})

describe('too much', () => {
  test('a message over the limit ends the connection with 1009', async () => {
    const { backend, peer, heard } = await stage({ limits: { messageBytes: 100_000 } })
    peer.send(['say', 'x'.repeat(500_000)])
    expect(await peer.closed).toMatchObject({ code: 1009 })
    expect(heard.all).toEqual([])
    // Other sessions notice nothing.
    await status(backend.connect(), isOpen)
  })

  test('more messages than the rate allows: a break, a time to come back, and nothing lost', async () => {
    const { backend, peer, session, heard } = await stage({ limits: { rate: 10 } })
    const lines = Array.from({ length: 150 }, (_, index) => ['say', String(index)])
    peer.send(...lines)
    expect(await peer.said('bye')).toMatchObject({ code: 4429, retry: { after: expect.any(Number) as unknown } })
    expect(await peer.closed).toMatchObject({ code: 4429 })
    expect(backend.server.errors).toEqual({ 'try-later': 1 })
    const { life } = await peer.said('welcome')
    const next = await rawSession(backend.url, session, { attempt: 2, life, from: 151 })
    expect(await next.said('welcome')).toMatchObject({ got: 150 })
    expect(heard.all).toEqual(lines.map(([, text]) => text))
  })

  test('before the welcome: strangers get little room', async () => {
    let admit = (): void => {}
    const backend = await serve({
      limits: { messageBytes: 65_536 },
      authenticate: () => new Promise<string>((resolve) => (admit = () => resolve('ann'))),
    })
    const peer = await rawClient(backend.url)
    peer.send(hello(sessionId()))
    for (let sent = 0; sent < 10; sent++) peer.send(['say', 'x'.repeat(60_000)])
    expect(await peer.said('bye')).toMatchObject({ code: 4429 })
    admit()
    expect(await peer.closed).toMatchObject({ code: 4429 })
    expect(backend.server.errors).toEqual({ overflow: 1 })
    expect(backend.sessions.all).toEqual([])
  })

  test('sessions: who is one too many is told to come back, and who is there stays', async () => {
    const { backend, heard, peer, session } = await stage({ limits: { sessions: 1 } })
    const late = await rawClient(backend.url)
    late.send(hello(sessionId()))
    expect(await late.said('bye')).toMatchObject({ code: 4429, retry: { after: expect.any(Number) as unknown } })
    expect(backend.server.errors).toEqual({ overflow: 1 })
    peer.send(['say', 'I was here first'])
    expect(await heard.first(1)).toEqual(['I was here first'])
    // Coming back is not one more.
    const { life } = await peer.said('welcome')
    await rawSession(backend.url, session, { attempt: 2, life, from: 2 })
  })

  test('unacknowledged messages end a session as lost, and the server stands', async () => {
    const ended = new Seen<string>()
    const backend = await serve({
      limits: { bufferedMessages: 20 },
      session: (session) => session.onEnd(ended.add),
    })
    const session = sessionId()
    const peer = await rawSession(backend.url, session)
    peer.send(['say', 'one'])
    await peer.settled()
    const [served] = backend.sessions.all
    expect(() => {
      for (let count = 0; count <= 20; count++) served!.send('said', String(count))
    }).not.toThrow()
    expect(await peer.said('bye')).toMatchObject({ code: 4410, got: 1 })
    expect(ended.all).toEqual(['overflow'])
    expect(backend.server.sessions.size).toBe(0)
  })
})

describe('a first line that is no hello', () => {
  test.each([
    ['an event', '["say","let me in"]'],
    ['another control', '{"ping":1}'],
    ['nothing', ''],
    ['no JSON', '{hello}'],
    ['a hello without a session', '{"hello":{"attempt":1,"nonce":"n","from":1,"got":0}}'],
    ['a hello with numbers that are none', '{"hello":{"session":"s","attempt":"1","nonce":"n","from":-1,"got":0.5}}'],
    ['a hello that is a list', '{"hello":[]}'],
    ['bytes', Buffer.from('{"hello":{"session":"s","attempt":1,"nonce":"n","from":1,"got":0}}')],
  ])('%s', async (_what, packet) => {
    const backend = await serve()
    const peer = await rawClient(backend.url)
    peer.send(packet)
    expect(await peer.said('bye')).toMatchObject({ code: 4400, reason: containing('hello') })
    expect(await peer.closed).toMatchObject({ code: 4400 })
    expect(backend.server.errors).toMatchObject({ protocol: 1 })
    expect(backend.sessions.all).toEqual([])
  })

  test('or none at all: turned away in time', async () => {
    const backend = await serve({ limits: { helloTimeout: 50 } })
    const peer = await rawClient(backend.url)
    expect(await peer.said('bye')).toMatchObject({ code: 4408 })
    expect(await peer.closed).toMatchObject({ code: 4408 })
  })

  test('a hello and then nothing is a session, for a while', async () => {
    const ended = new Seen<string>()
    const backend = await serve({
      keep: 50,
      heartbeat: { idle: 50, timeout: 50 },
      session: (session) => session.onEnd(ended.add),
    })
    const peer = await rawSession(backend.url)
    peer.socket.pause()
    expect(await ended.first(1)).toEqual(['expired'])
  })
})

describe('what breaks the protocol ends the session, and says so', () => {
  test('an acknowledgement of what was never sent', async () => {
    const ended = new Seen<string>()
    const backend = await serve({ session: (session) => session.onEnd(ended.add) })
    const peer = await rawSession(backend.url)
    peer.send({ ack: 1 })
    expect(await peer.said('bye')).toMatchObject({ code: 4400, reason: expect.any(String) as unknown })
    expect(await peer.closed).toMatchObject({ code: 4400 })
    expect(ended.all).toEqual(['protocol'])
    expect(backend.server.errors).toEqual({ protocol: 1 })
  })

  test.each([
    ['from beyond what was sent', { from: 5 }],
    ['got beyond what was sent', { got: 5 }],
  ])('%s: lost, never a loop', async (_what, change) => {
    const { backend, peer, session } = await stage()
    const { life } = await peer.said('welcome')
    const next = await rawClient(backend.url)
    next.send(hello(session, { attempt: 2, life, ...change }))
    expect(await next.said('bye')).toMatchObject({ code: 4410, got: 0 })
    expect(backend.server.sessions.size).toBe(0)
  })
})

describe('the door', () => {
  const refused = async (url: string, protocol?: string): Promise<number> => {
    const socket = new WebSocket(url, protocol)
    const [, { statusCode }] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    socket.on('error', () => {})
    socket.terminate()
    return statusCode
  }

  test('another path, another subprotocol, none', async () => {
    const backend = await serve()
    expect(await refused(backend.url.replace('/live', '/elsewhere'), 'holdfast.v1')).toBe(404)
    expect(await refused(backend.url, 'graphql-ws')).toBe(400)
    expect(await refused(backend.url)).toBe(400)
    expect(backend.sessions.all).toEqual([])
  })

  test.each([
    { origin: 'https://evil.example', welcome: false },
    { origin: 'null', welcome: false },
    { origin: 'http://127.0.0.1', welcome: false },
    { origin: 'the proxy', welcome: true },
    { origin: undefined, welcome: true },
  ])('a page from $origin: $welcome', async ({ origin, welcome }) => {
    const backend = await serve()
    const own = `http://${backend.proxy.host}`
    const peer = await rawClient(
      backend.url,
      origin === undefined ? {} : { origin: origin === 'the proxy' ? own : origin },
    )
    peer.send(hello(sessionId()))
    if (welcome) await peer.said('welcome')
    else await peer.said('bye')
    expect(peer.lines.all).toMatchObject([welcome ? { welcome: {} } : { bye: { code: 4403 } }])
  })

  test('origins by name', async () => {
    const backend = await serve({ origins: ['https://app.example'] })
    const friend = await rawClient(backend.url, { origin: 'https://app.example' })
    friend.send(hello(sessionId()))
    await friend.said('welcome')
    const stranger = await rawClient(backend.url, { origin: `http://${backend.proxy.host}` })
    stranger.send(hello(sessionId()))
    expect(await stranger.said('bye')).toMatchObject({ code: 4403, reason: containing('may not connect') })
    expect(await stranger.closed).toMatchObject({ code: 4403 })
  })
})
