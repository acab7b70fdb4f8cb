/** Whose session is it, which connection has it, and what is still known when it is gone. */
import { describe, expect, test } from 'vitest'
import { type Chat, isClosed, isOpen, open, serve, status } from './support/backend.ts'
import { type RawPeer, hello, rawClient, rawServer, rawSession, sessionId, welcome } from './support/raw.ts'
import { Seen } from './support/seen.ts'

/** A carrier for a session that exists. */
async function resume(url: string, session: string, change: Readonly<Record<string, unknown>>): Promise<RawPeer> {
  const peer = await rawClient(url)
  peer.send(hello(session, change))
  return peer
}

describe('a session has one connection', () => {
  test('a later one takes it over, and the former is told', async () => {
    const heard = new Seen<string>()
    const backend = await serve({ session: (session) => session.on('say', heard.add) })
    const session = sessionId()
    const former = await rawSession(backend.url, session)
    const { life } = await former.said('welcome')
    former.send(['say', 'from the former'])
    await former.settled()
    const later = await resume(backend.url, session, { attempt: 2, life, from: 2 })
    expect(await later.said('welcome')).toMatchObject({ got: 1, life })
    expect(await former.said('bye')).toMatchObject({ code: 4409 })
    expect(await former.closed).toMatchObject({ code: 4409 })
    former.send(['say', 'from the grave'])
    later.send(['say', 'from the later'])
    expect(await heard.first(2)).toEqual(['from the former', 'from the later'])
    expect(backend.sessions.all).toHaveLength(1)
    expect(backend.server.errors).toEqual({})
  })

  test.each([
    ['an earlier attempt', { attempt: 1 }],
    ['the same attempt of another tab', { attempt: 2 }],
  ])('%s is turned away, and the one that has it notices nothing', async (_what, change) => {
    const backend = await serve()
    const session = sessionId()
    const owner = await rawSession(backend.url, session, { attempt: 2 })
    const { life } = await owner.said('welcome')
    const late = await resume(backend.url, session, { life, ...change })
    expect(await late.said('bye')).toMatchObject({ code: 4409 })
    expect(await late.closed).toMatchObject({ code: 4409 })
    await owner.settled()
    expect(owner.lines.all).not.toContainEqual(expect.objectContaining({ bye: expect.anything() as unknown }))
  })

  test('the same hello again, after its answer was lost, is welcome', async () => {
    const backend = await serve()
    const session = sessionId()
    const nonce = sessionId()
    await rawSession(backend.url, session, { nonce })
    const again = await resume(backend.url, session, { nonce })
    expect(await again.said('welcome')).toMatchObject({ got: 0 })
    expect(backend.sessions.all).toHaveLength(1)
  })

  test('a client that was superseded is closed for good: two tabs never duel', async () => {
    const server = await rawServer((peer) => {
      peer.send(welcome())
      peer.send({ bye: { code: 4409, reason: 'Another tab has it' } })
    })
    const socket = open(server.url)
    expect(await status(socket, isClosed)).toMatchObject({ cause: { code: 'superseded' } })
    expect(server.times).toHaveLength(1)
  })
})

describe('a session belongs to who began it', () => {
  const people = () => serve<Chat, { name: string }>({ authenticate: ({ auth }) => ({ name: String(auth) }) })

  test('somebody else is refused, and its owner notices nothing', async () => {
    const backend = await people()
    const session = sessionId()
    const owner = await rawSession(backend.url, session, { auth: 'ann' })
    const { life } = await owner.said('welcome')
    const thief = await resume(backend.url, session, { attempt: 9, life, auth: 'eve' })
    expect(await thief.said('bye')).toMatchObject({ code: 4403 })
    expect(await thief.closed).toMatchObject({ code: 4403 })
    await owner.settled()
    expect(backend.sessions.all).toMatchObject([{ identity: { name: 'ann' }, transport: 'websocket' }])
    const back = await resume(backend.url, session, { attempt: 2, life, auth: 'ann' })
    expect(await back.said('welcome')).toMatchObject({ life })
  })

  test('who is the same person is for the application to say', async () => {
    interface Person {
      readonly name: string
      readonly token: number
    }
    let token = 0
    const backend = await serve<Chat, Person>({
      authenticate: ({ auth }) => ({ name: String(auth), token: ++token }),
      sameIdentity: (previous, next) => previous.name === next.name,
    })
    const socket = backend.connect({ auth: 'ann' })
    await status(socket, isOpen)
    backend.proxy.cut()
    await status(socket, ({ state }) => state === 'waiting')
    expect(await status(socket, isOpen)).toMatchObject({ resumed: true })
    // The latest credentials are the ones that count.
    expect(backend.sessions.all).toMatchObject([{ identity: { name: 'ann', token: 2 } }])
  })
})

describe('of a session that is gone', () => {
  test('is known how far it came, whoever ended it', async () => {
    const backend = await serve({ session: (session) => session.on('say', () => {}) })
    for (const end of ['client', 'server'] as const) {
      const session = sessionId()
      const peer = await rawSession(backend.url, session)
      const { life } = await peer.said('welcome')
      peer.send(['say', 'one'], ['say', 'two'])
      await peer.settled()
      if (end === 'client') peer.send({ bye: { code: 1000 } })
      else backend.sessions.all.at(-1)!.close({ code: 4403 })
      await peer.closed
      const late = await resume(backend.url, session, { attempt: 2, life })
      expect(await late.said('bye')).toMatchObject({ code: 4410, got: 2 })
      // A hello that is older than its session: it must not begin another.
      const early = await resume(backend.url, session, { attempt: 1 })
      expect(await early.said('bye')).toMatchObject({ code: 4410, got: 2 })
    }
    expect(backend.sessions.all).toHaveLength(2)
  })

  test('after an overflow: the client splits what was out, and sends the rest again, once', async () => {
    const heard = new Seen<string>()
    const backend = await serve({
      limits: { bufferedMessages: 20 },
      session(session) {
        session.on('say', (text) => {
          heard.add(text)
          if (text === 'flood') for (let count = 0; count < 30; count++) session.send('said', String(count))
        })
      },
    })
    const socket = backend.connect()
    const lost = new Seen<unknown>()
    socket.onLost(lost.add)
    socket.on('said', () => {})
    await status(socket, isOpen)
    for (const text of ['one', 'flood', 'three', 'four']) socket.send('say', text)
    const [loss] = await lost.first(1)
    expect(loss).toMatchObject({ cause: { code: 'session-lost' }, inDoubt: [], unsent: [] })
    await socket.flush()
    expect(heard.all).toEqual(['one', 'flood', 'three', 'four'])
    expect(await status(socket, isOpen)).toMatchObject({ resumed: false })
    expect(backend.sessions.all).toHaveLength(2)
  })

  test('a handler that ends its session is not asked again', async () => {
    const heard = new Seen<string>()
    const backend = await serve({
      session(session) {
        session.on('say', (text) => {
          heard.add(text)
          if (text === 'log me out') session.close({ code: 4429, retry: { after: 0 } })
        })
      },
    })
    const socket = backend.connect()
    for (const text of ['log me out', 'hello']) socket.send('say', text)
    await socket.flush()
    expect(heard.all).toEqual(['log me out', 'hello'])
    expect(backend.sessions.all).toHaveLength(2)
  })

  test('a server that never knew it says so', async () => {
    const backend = await serve()
    const stranger = await resume(backend.url, sessionId(), { attempt: 5, life: sessionId() })
    const bye = await stranger.said('bye')
    expect(bye).toMatchObject({ code: 4410 })
    expect(bye).not.toHaveProperty('got')
    expect(await stranger.closed).toMatchObject({ code: 4410 })
  })

  test('another life of the same name is another session', async () => {
    const backend = await serve()
    const session = sessionId()
    const owner = await rawSession(backend.url, session)
    const other = await resume(backend.url, session, { attempt: 2, life: sessionId() })
    expect(await other.said('bye')).toMatchObject({ code: 4410 })
    await owner.settled()
    expect(backend.server.sessions.size).toBe(1)
  })
})
