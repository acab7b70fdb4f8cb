/** Who comes in, and who does not: subprotocols, paths, origins, and first lines that are no hello. */
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startHttpServer } from '../tools/http-server.ts'
import { containing, serve } from './support/backend.ts'
import { hello, rawClient, rawSession, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

describe('a first line that is no hello', () => {
  test.each([
    ['an event', '["say","let me in"]'],
    ['another control', '{"pong":1}'],
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

  test.each([
    ['none at all', []],
    ['an empty one', ['']],
  ])('or %s: turned away in time', async (_what, lines) => {
    const backend = await serve({ limits: { helloTimeout: 50 } })
    const peer = await rawClient(backend.url)
    for (const line of lines) peer.send(line)
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

  test('nobody without our subprotocol, by whatever way it was let in: by that, clients know other servers', async () => {
    const backend = await serve()
    const server = await startHttpServer((http) => {
      http.on('upgrade', (request, socket, head) => backend.server.handleUpgrade(request, socket, head))
    })
    onTestFinished(() => server.kill())
    expect(await refused(`ws://127.0.0.1:${server.port}/`)).toBe(400)
    expect(await refused(`ws://127.0.0.1:${server.port}/`, 'graphql-ws')).toBe(400)
    const friend = new WebSocket(`ws://127.0.0.1:${server.port}/`, ['graphql-ws', 'holdfast.v1'])
    await once(friend, 'open')
    friend.terminate()
  })

  /** A client that asks for another protocol, and what becomes of the server's end of its connection. */
  const knock = async (path: string, otherListener: boolean): Promise<{ client: Socket; gone: Seen<boolean> }> => {
    const backend = await serve()
    const gone = new Seen<boolean>()
    const upgraded = new Seen<unknown>()
    const server = await startHttpServer((http) => {
      backend.server.attach(http)
      if (otherListener) http.on('upgrade', upgraded.add)
      http.on('connection', (socket) => socket.on('close', gone.add))
    })
    onTestFinished(() => server.kill())
    const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => {})
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    if (otherListener) await upgraded.first(1)
    else await once(client, 'data')
    return { client, gone }
  }

  test.each([
    ['/elsewhere', false],
    ['/live', false],
    ['/elsewhere', true],
  ])('a connection that is reset at %s (another listener: %s) harms nobody', async (path, otherListener) => {
    const { client, gone } = await knock(path, otherListener)
    client.resetAndDestroy()
    // An error that nobody listens for would have ended the process by now, and this test with it.
    expect(await gone.first(1)).toHaveLength(1)
  })

  test('who is turned away and will not go is shown out', async () => {
    const { client, gone } = await knock('/elsewhere', false)
    expect(await gone.first(1)).toEqual([false])
    client.destroy()
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
