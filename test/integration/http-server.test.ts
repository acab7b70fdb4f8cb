/** The server's side of HTTP carriers, on real sockets: what Node adds to the carrier that is tested by itself. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { opened, serveHttp } from './support/http-backend.ts'
import { type Answered, TYPE, carrierId, envelope, send } from './support/post.ts'
import { hello, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

describe('an exchange', () => {
  test('opens a session, says and hears', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    expect([...backend.server.sessions][0]!.transport).toBe('long-polling')
    const poll = post({ got: 1, poll: 20_000 })
    const push = await post({ push: 2, got: 1 }, ['say', 'hi'])
    expect(await push.body).toBe('{"push":2,"from":2}\n')
    expect(await (await poll).body).toBe('{"push":2,"from":2}\n["said","hi"]\n')
  })

  test('is of our type, has a length, and asks not to be stored, changed, guessed at or gathered', async () => {
    const { status, headers, body } = await send(
      (await serveHttp()).url,
      envelope(carrierId(), { push: 1, poll: 20_000 }, hello(sessionId())),
    )
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': TYPE,
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'content-length': `${(await body).length}`,
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('streams: what is said leaves at once', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    const before = performance.now()
    const stream = await post({ got: 1, poll: 20_000, stream: true })
    expect(await stream.lines.first(1)).toEqual(['{"push":1,"from":2}'])
    const [session] = backend.sessions.all
    for (let number = 1; number <= 3; number++) {
      session!.send('tick', number)
      await stream.lines.first(1 + number)
    }
    expect(performance.now() - before).toBeLessThan(2_000)
    expect([stream.lines.all.slice(1), session!.transport]).toEqual([
      ['["tick",1]', '["tick",2]', '["tick",3]'],
      'http-stream',
    ])
  })

  test('over one connection, one after another', async () => {
    const backend = await serveHttp()
    const connections = new Seen<Socket>()
    backend.http.on('connection', connections.add)
    const { post } = await opened(backend)
    for (let push = 2; push < 10; push++) await (await post({ push }, ['say', 'hi'])).body
    expect(connections.all).toHaveLength(1)
  })

  test('of HTTP/1.0, as some proxies speak it', async () => {
    const backend = await serveHttp()
    const body = envelope(carrierId(), { push: 1, poll: 20_000 }, hello(sessionId()))
    const socket = connect(Number(backend.host.split(':')[1]), '127.0.0.1')
    socket.write(`POST /live?route=x HTTP/1.0\r\nAccept: ${TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    let text = ''
    socket.on('data', (part) => (text += String(part)))
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"push":1,"from":1\}\n\{"welcome":/)
  })

  test('with Expect: 100-continue', async () => {
    for (const ownListener of [false, true]) {
      const backend = await serveHttp(
        {},
        (http) => ownListener && http.on('checkContinue', (_, response) => response.end('own')),
      )
      const body = envelope(carrierId(), { push: 1, poll: 20_000 }, hello(sessionId()))
      const going = request(backend.url, { method: 'POST', headers: { accept: TYPE, expect: '100-continue' } })
      going.flushHeaders()
      await once(going, 'continue')
      going.end(body)
      const [response] = (await once(going, 'response')) as [IncomingMessage]
      expect(response.statusCode).toBe(200)
      expect(response.headers['content-type']).toBe(TYPE)
      response.destroy()
    }
  })
})

describe('clients that go', () => {
  test('leave nothing that hangs, however many', async () => {
    const backend = await serveHttp()
    const connections = async (): Promise<number> =>
      new Promise((resolve, reject) => {
        backend.http.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      })
    const polls: Answered[] = []
    for (let client = 0; client < 100; client++) {
      const { post } = await opened(backend)
      polls.push(await post({ got: 1, poll: 60_000, stream: true }))
    }
    expect(await connections()).toBeGreaterThanOrEqual(100)
    for (const poll of polls) poll.abort()
    for (let waits = 0; waits < 100 && (await connections()) > 1; waits++) await pause(20)
    expect(await connections()).toBeLessThanOrEqual(1)
    // Each may come back, for a while.
    expect(backend.server.sessions.size).toBe(100)
  })

  test('are gone after ten seconds: the session waits for them without a carrier', async () => {
    const backend = await serveHttp()
    const sockets = new Seen<Socket>()
    backend.http.on('connection', sockets.add)
    const { post } = await opened(backend)
    const stream = await post({ got: 1, poll: 60_000, stream: true })
    const [session] = backend.sessions.all
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const gone = sockets.all.map((socket) => once(socket, 'close'))
    stream.abort()
    await Promise.race(gone)
    // The answer hears of it behind its connection.
    await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(session!.transport).toBe('http-stream')
    await vi.advanceTimersByTimeAsync(1)
    expect(session!.transport).toBeNull()
    expect((await post({ got: 1, poll: 1 })).status).toBe(410)
  })
})

describe('server.close()', () => {
  test('tells those whose polls hang, and then is over', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    const other = await opened(backend)
    const poll = post({ got: 1, poll: 60_000 })
    const stream = await other.post({ got: 1, poll: 60_000, stream: true })
    await pause(50)
    const before = performance.now()
    await backend.server.close()
    expect(performance.now() - before).toBeLessThan(1_000)
    for (const { body } of [await poll, stream]) expect(await body).toContain('"bye":{"code":4410')
  })

  test('waits for those that are between two polls, but not for new ones', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    const closing = backend.server.close()
    const late = await send(backend.url, envelope(carrierId(), { push: 1 }, hello(sessionId())))
    expect([late.status, late.headers['retry-after']]).toEqual([503, '1'])
    await pause(500)
    const last = await post({ got: 1, poll: 60_000 })
    expect(await last.body).toContain('"bye":{"code":4410')
    const before = performance.now()
    await closing
    expect(performance.now() - before).toBeLessThan(500)
  })

  test('waits two seconds at most, and answers what hangs then', async () => {
    const backend = await serveHttp({ authenticate: () => new Promise<never>(() => {}) })
    const change = { push: 1, poll: 60_000, stream: true }
    const stream = await send(backend.url, envelope(carrierId(), change, hello(sessionId())))
    const before = performance.now()
    await backend.server.close()
    expect(performance.now() - before).toBeGreaterThan(1_900)
    expect(performance.now() - before).toBeLessThan(3_000)
    // Authentication that takes its time was told of, and nothing else.
    expect(await stream.body).toBe('{"push":1,"from":1}\n{}\n')
  })
})
