/** Requests of all kinds at a server that answers HTTP carriers: from pages, for others, and with bodies of bad will. */
import { once } from 'node:events'
import {
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
  createServer as createHttpServer,
  request,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createServer } from 'holdfast/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { opened, serveHttp } from './support/http-backend.ts'
import { type Answered, TYPE, carrierId, envelope, send } from './support/post.ts'
import { hello, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

describe('pages', () => {
  const open = (url: string, origin: string, change: object = {}): Promise<Answered> =>
    send(url, envelope(carrierId(), { push: 1, poll: 20_000, ...change }, hello(sessionId())), { origin })

  test('from the server’s own host, or named, may read answers, with cookies', async () => {
    const backend = await serveHttp()
    const own = await open(backend.url, `http://${backend.host}`)
    const named = await open((await serveHttp({ origins: ['https://friend.example'] })).url, 'https://friend.example')
    for (const [{ status, headers, body }, origin] of [
      [own, `http://${backend.host}`],
      [named, 'https://friend.example'],
    ] as const) {
      expect([status, await body]).toEqual([200, expect.stringContaining('"welcome"')])
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      })
    }
  })

  test.each(['https://evil.example', 'null'])('from %s may read that they may not come', async (origin) => {
    const backend = await serveHttp()
    const { status, headers, body } = await open(backend.url, origin)
    expect([status, await body]).toEqual([200, expect.stringContaining('"code":4403')])
    expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual([
      origin,
      undefined,
    ])
    expect(backend.server.sessions.size).toBe(0)
  })

  test('from elsewhere may not use a carrier of others', async () => {
    const backend = await serveHttp()
    const { carrier } = await opened(backend)
    const { status } = await send(backend.url, envelope(carrier, { poll: 1 }), { origin: 'https://evil.example' })
    expect(status).toBe(403)
  })

  test('may read when to come again', async () => {
    const backend = await serveHttp({ origins: ['https://friend.example'] })
    const http = createHttpServer((request, response) => backend.server.handleRequest(request, response)).listen(0)
    onTestFinished(() => void http.close())
    await backend.server.close()
    const { port } = http.address() as AddressInfo
    const { status, headers } = await open(`http://127.0.0.1:${port}/live`, 'https://friend.example')
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '1', 'access-control-expose-headers': 'Retry-After' })
    http.closeAllConnections()
  })
})

describe('other requests', () => {
  const ask = async (url: string, method: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
    const response = await fetch(url, { method, headers, ...(method === 'POST' && { body: 'hello' }) })
    return [response.status, await response.text()]
  }

  test.each(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])(
    '%s, where nobody listens, is not found',
    async (method) => {
      const { url } = await serveHttp()
      expect(await ask(url, method)).toEqual([404, method === 'HEAD' ? '' : 'Nothing is here.\n'])
      expect((await ask(url.replace('live', 'elsewhere'), method, { accept: TYPE }))[0]).toBe(404)
    },
  )

  const own: RequestListener = (_, response) => response.end('own')
  test.each<[string, (http: HttpServer, attach: () => () => void) => () => void]>([
    ['before', (http, attach) => (http.on('request', own), attach())],
    [
      'after',
      (http, attach) => {
        const detach = attach()
        http.on('request', own)
        return detach
      },
    ],
  ])('are the application’s, whose listener was added %s; ours are not', async (_, setUp) => {
    const heard = new Seen<string>()
    const http = createHttpServer()
    http.on('request', (request) => heard.add(request.method!))
    const server = createServer({ path: '/live' })
    const detach = setUp(http, () => server.attach(http))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    onTestFinished(() => void http.close())
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/live`
    expect(await ask(url, 'GET')).toEqual([200, 'own'])
    expect(await ask(url, 'POST')).toEqual([200, 'own'])
    const post = (): Promise<Answered> => send(url, envelope(carrierId(), { push: 1, poll: 9_000 }, hello(sessionId())))
    expect(await (await post()).body).toContain('"welcome"')
    expect(heard.all).toEqual(['GET', 'POST'])
    detach()
    expect(await (await post()).body).toBe('own')
    expect(http.listenerCount('request')).toBe(2)
    http.closeAllConnections()
    void server.close()
  })

  test('of two servers on one: each answers its own path, in whatever order they leave', async () => {
    const http = createHttpServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    onTestFinished(() => void http.close())
    const servers = ['/one', '/two'].map((path) => createServer({ path }))
    const detachers = servers.map((server) => server.attach(http))
    const status = async (path: string): Promise<number> =>
      (
        await send(
          `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`,
          envelope(carrierId(), { push: 1 }, hello(sessionId())),
        )
      ).status
    expect([await status('/one'), await status('/two'), await status('/three')]).toEqual([200, 200, 404])
    detachers[0]!()
    expect([await status('/one'), await status('/two')]).toEqual([404, 200])
    detachers[1]!()
    detachers[1]!()
    expect([http.listenerCount('request'), http.listenerCount('upgrade')]).toEqual([0, 0])
    http.closeAllConnections()
    for (const server of servers) void server.close()
  })
})

describe('a body', () => {
  const limits = { messageBytes: 65_536, helloTimeout: 300 }

  test('that is no UTF-8 is refused, and the next one is not the worse for it', async () => {
    const backend = await serveHttp()
    const half = Buffer.concat([Buffer.from(envelope(carrierId(), { push: 1 }, 'x')), Buffer.from('€').subarray(0, 2)])
    expect((await send(backend.url, half)).status).toBe(400)
    await opened(backend)
  })

  test('that is too large is refused, though not before the client has sent it', async () => {
    const { url } = await serveHttp({ limits })
    const { status } = await send(url, envelope(carrierId(), { push: 1 }, 'x'.repeat(5_000_000)))
    expect(status).toBe(413)
  })

  test('may be as large as what a client pushes at once', async () => {
    const { url, server } = await serveHttp({ limits, authenticate: () => 'ann' })
    const { post } = await opened({ url })
    const { status } = await post({ push: 2 }, ...Array<string>(4).fill(JSON.stringify(['say', '漢'.repeat(65_000)])))
    expect([status, server.errors]).toEqual([200, {}])
  })

  test('that is in no hurry is not waited for', async () => {
    const { host } = await serveHttp({ limits })
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1')
    socket.write(`POST /live HTTP/1.1\r\nHost: ${host}\r\nAccept: ${TYPE}\r\nContent-Length: 1000\r\n\r\n{`)
    const drip = setInterval(() => socket.write(' '), 50)
    let text = ''
    socket.on('data', (part) => (text += String(part)))
    socket.on('error', () => {})
    await once(socket, 'close')
    clearInterval(drip)
    expect(text).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close/i)
  })

  test('that never ends is not read for ever', async () => {
    const { host } = await serveHttp({ limits })
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1')
    socket.write(`POST /live HTTP/1.1\r\nHost: ${host}\r\nAccept: ${TYPE}\r\nContent-Length: 1000000000000\r\n\r\n`)
    const flood = setInterval(() => socket.write('x'.repeat(1_000_000)), 10)
    // It may be reset while it writes.
    socket.on('error', () => {})
    socket.resume()
    await new Promise((resolve) => void socket.once('close', resolve))
    clearInterval(flood)
    expect(socket.bytesWritten).toBeGreaterThan(1_000_000)
  })

  test('that comes late on a slow line is waited for', async () => {
    const { url, server } = await serveHttp({ limits })
    const text = envelope(carrierId(), { push: 1, poll: 9_000 }, hello(sessionId()), ['say', 'x'.repeat(60_000)])
    const going = request(url, { method: 'POST', headers: { accept: TYPE } })
    const answer = once(going, 'response') as Promise<[IncomingMessage]>
    for (let at = 0; at < text.length; at += 8_000) {
      going.write(text.slice(at, at + 8_000))
      await pause(80)
    }
    going.end()
    const [response] = await answer
    expect([response.statusCode, server.errors]).toEqual([200, {}])
    response.destroy()
  })

  test('of many tiny chunks is one like any other', async () => {
    const { url } = await serveHttp()
    const text = envelope(carrierId(), { push: 1, poll: 9_000 }, hello(sessionId()), '\n'.repeat(20_000))
    const going = request(url, { method: 'POST', headers: { accept: TYPE } })
    for (const character of text) going.write(character)
    going.end()
    const [response] = (await once(going, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.destroy()
  })

  test('whose client goes away amid it harms nobody', async () => {
    const backend = await serveHttp()
    for (let client = 0; client < 20; client++) {
      const socket = connect(Number(backend.host.split(':')[1]), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`POST /live HTTP/1.1\r\nHost: x\r\nAccept: ${TYPE}\r\nContent-Length: 1000\r\n\r\n{`)
      await pause(2)
      socket.resetAndDestroy()
    }
    await opened(backend)
    expect(backend.server.errors).toEqual({})
  })
})
