/** A client that says what no client of ours would: each is named, counted, and harms nobody, its own session least of all. */
import { describe, expect, test } from 'vitest'
import { containing, serve } from './support/backend.ts'
import { hello, rawClient, rawSession, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'
import { type Stage, stage } from './support/stage.ts'

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
    expect(now.backend.server.errors).toEqual({ 'unknown-control': 1 })
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

describe('a flood ends its own connection at worst: others are answered meanwhile, and its session goes on', () => {
  const mebibyte = (line: string): string => `${line}\n`.repeat(Math.floor(1_000_000 / (line.length + 1)))
  test.each<[what: string, packets: string | readonly string[]]>([
    ['line feeds', mebibyte('')],
    ['empty controls', mebibyte('{}')],
    ['tiny events', mebibyte('["say",1]')],
    ['volatile events', mebibyte('{"volatile":["say",1]}')],
    ['pings', mebibyte('{"ping":1}')],
    ['nonsense', mebibyte('x')],
    ['requests that nobody handles', mebibyte('["nobody",1,1]')],
    ['empty packets', Array.from({ length: 3_000 }, () => '')],
    ['events, one a packet', Array.from({ length: 3_000 }, (_, id) => `["say",${id}]`)],
  ])('%s', async (_, packets) => {
    const { backend, peer, session } = await stage({ limits: { rate: 100 } })
    const { life } = await peer.said('welcome')
    const other = await rawSession(backend.url)
    for (const packet of [packets].flat()) peer.send(packet)
    other.send(['add', [1, 2], 7])
    await other.lines.find((line) => Array.isArray(line) && line[0] === 7)
    expect(await peer.said('bye')).toMatchObject({ code: 4429, retry: { after: expect.any(Number) as unknown } })
    await peer.closed
    const next = await rawSession(backend.url, session, { attempt: 2, life })
    expect(await next.said('welcome')).toMatchObject({ life })
    expect(backend.server.sessions.size).toBe(2)
  })
})
