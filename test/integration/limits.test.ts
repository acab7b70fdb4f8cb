/** More than the server takes, or the page: refused by name, within bounds, and nobody else notices. */
import { describe, expect, test } from 'vitest'
import { isOpen, open, rejection, serve, status } from './support/backend.ts'
import { hello, rawClient, rawServer, rawSession, sessionId, welcome } from './support/raw.ts'
import { Seen } from './support/seen.ts'
import { stage } from './support/stage.ts'

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

describe('the limit that the server states', () => {
  test('a message over it throws at the call, and is not sent', async () => {
    const server = await rawServer((peer) => peer.send(welcome({ limit: 70_000 })))
    const socket = open(server.url)
    await status(socket, isOpen)
    expect(() => socket.send('say', 'x'.repeat(70_000))).toThrow('70000')
    expect(await rejection(socket.request('add', 'x'.repeat(70_000) as never))).toMatchObject({ code: 'too-large' })
    expect(socket.status.get()).toMatchObject({ queued: 0, unacknowledged: 0 })
  })

  test('a message that waited and turns out to be over it is dropped, counted, and told to its asker', async () => {
    const server = await rawServer((peer) => peer.send(welcome({ limit: 70_000 })))
    const socket = open(server.url)
    socket.send('say', 'x'.repeat(80_000))
    const asked = rejection(socket.request('add', 'x'.repeat(80_000) as never))
    socket.send('say', 'small')
    expect(await asked).toMatchObject({ code: 'too-large' })
    expect(socket.errors).toEqual({ 'too-large': 2 })
    await server.peers.all[0]!.lines.find((line) => Array.isArray(line) && line[1] === 'small')
    expect(socket.status.get().state).toBe('open')
  })
})
