/**
 * What nginx (1.22) and HAProxy (2.6) do to WebSockets and to answers that take their time, found out by hand-made
 * requests that know nothing of Holdfast: what the HTTP carrier is built on.
 */
import { once } from 'node:events'
import { type IncomingMessage, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type NginxOptions, type RealProxy, startHaproxy, startNginx } from '../../tools/proxies.ts'
import { Seen } from '../support/seen.ts'

interface Heard {
  readonly version: string
  readonly headers: IncomingMessage['headers']
  /** Milliseconds after which nobody could be answered any more. */
  gone?: number
}

interface Backend extends AsyncDisposable {
  readonly port: number
  readonly heard: Seen<Heard>
  close(): Promise<void>
}

const line = (number: number): string => `["say","line ${number}"]\n`

/**
 * Answers with what the query asks for: so many `lines`, one each `every` milliseconds, and `open` or not an end; with
 * `buffering` and without `X-Accel-Buffering: no`. WebSockets are told the name of the server, and what they say.
 */
async function backend(name = 'one'): Promise<Backend> {
  const heard = new Seen<Heard>()
  const server = createServer((incoming, response) => {
    const start = performance.now()
    const query = new URL(incoming.url ?? '/', 'http://localhost').searchParams
    const entry: Heard = { version: incoming.httpVersion, headers: incoming.headers }
    heard.add(entry)
    response.on('close', () => {
      if (!response.writableFinished) entry.gone = performance.now() - start
    })
    void text(incoming).then(async (body) => {
      const lines = Number(query.get('lines') ?? 0)
      if (query.has('hang')) return
      response.writeHead(200, {
        'content-type': query.get('type') ?? 'application/holdfast.v1',
        'cache-control': 'no-store, no-transform',
        ...(query.has('buffering') ? {} : { 'x-accel-buffering': 'no' }),
      })
      for (let number = 1; number <= lines; number++) {
        response.write(line(number))
        if (number < lines) await sleep(Number(query.get('every')))
      }
      if (lines === 0) response.end(`${name}:${body}`)
      else if (!query.has('open')) response.end()
    })
  })
  const websockets = new WebSocketServer({ server, handleProtocols: () => 'holdfast.v1' })
  websockets.on('connection', (websocket, incoming) => {
    heard.add({ version: incoming.httpVersion, headers: incoming.headers })
    websocket.on('message', (data) => websocket.send(`${name}:${(data as Buffer).toString()}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    for (const websocket of websockets.clients) websocket.terminate()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, heard, close, [Symbol.asyncDispose]: close }
}

type Kind = NginxOptions['kind'] | 'haproxy' | 'haproxy-no-delay'

interface Stage extends AsyncDisposable {
  readonly proxy: RealProxy
  readonly there: Backend
}

/** A backend behind such a proxy. */
async function behind(kind: Kind): Promise<Stage> {
  const there = await backend()
  const proxy =
    kind === 'haproxy' || kind === 'haproxy-no-delay'
      ? await startHaproxy({ target: there.port, noDelay: kind === 'haproxy-no-delay' })
      : await startNginx({ kind, targets: [there.port] })
  return {
    proxy,
    there,
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await there.close()
    },
  }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** When each piece of the body came, in milliseconds. */
  readonly times: readonly number[]
  /** When it ended, and how if it broke off. */
  readonly end: number
  readonly error?: string | undefined
}

interface Question {
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Gives up after so many milliseconds. */
  readonly patience?: number
}

async function post(proxy: RealProxy, path: string, question: Question = {}): Promise<Answer> {
  const { body = '{"carrier":"c"}', headers = {}, patience } = question
  const start = performance.now()
  const outgoing = request({
    port: proxy.port,
    host: '127.0.0.1',
    method: 'POST',
    path,
    headers: { 'content-type': 'text/plain;charset=UTF-8', accept: 'application/holdfast.v1', ...headers },
    agent: false,
  })
  outgoing.on('error', () => {})
  outgoing.end(body)
  if (patience !== undefined) setTimeout(() => outgoing.destroy(), patience)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const { statusCode: status, headers: told } = response
  const times: number[] = []
  let got: Buffer = Buffer.alloc(0)
  let error: string | undefined
  try {
    for await (const chunk of response) {
      times.push(performance.now() - start)
      got = Buffer.concat([got, chunk as Buffer])
    }
  } catch (thrown) {
    error = (thrown as NodeJS.ErrnoException).code
  }
  return { status, headers: told, body: got.toString(), times, end: performance.now() - start, error }
}

interface Upgraded {
  readonly socket: WebSocket
  /** Of the answer, if it was no WebSocket. */
  readonly status: number | undefined
}

async function upgrade(proxy: RealProxy, path = '/live'): Promise<Upgraded> {
  const socket = new WebSocket(`ws://${proxy.host}${path}`, 'holdfast.v1')
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('open', () => resolve({ socket, status: undefined }))
    socket.once('unexpected-response', (_request, response) => resolve({ socket, status: response.statusCode }))
  })
}

async function echo(socket: WebSocket, message: string): Promise<string> {
  socket.send(message)
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

const gzip = { 'accept-encoding': 'gzip, deflate, br' }

/** How five pieces came that were sent 200 ms apart. */
function arrival({ times, end }: Answer): string {
  if (times.length >= 3 && end - times[0]! > 400) return 'one by one'
  return end - times[0]! < 100
    ? 'at the end'
    : `in ${times.length} pieces, the first ${end - times[0]!} ms before the end`
}

describe('an Upgrade', () => {
  // nginx sends a plain GET to the server, `Connection: close`, and what the server says to that comes back.
  test.each([
    ['http-1.0', '1.0'],
    ['no-upgrade', '1.1'],
    ['buffering', '1.1'],
    ['buffering-always', '1.1'],
  ] as const)('does not get through nginx: %s', async (kind, version) => {
    await using stage = await behind(kind)
    const { proxy, there } = stage
    expect((await upgrade(proxy)).status).toBe(200)
    const [heard] = (await there.heard.first(1)) as [Heard]
    expect(heard.version).toBe(version)
    expect(heard.headers).toMatchObject({ connection: 'close', 'sec-websocket-protocol': 'holdfast.v1' })
    expect(heard.headers.upgrade).toBeUndefined()
  })

  test.each(['websocket', 'haproxy'] as const)('gets through %s', async (kind) => {
    await using stage = await behind(kind)
    const { proxy, there } = stage
    const { socket } = await upgrade(proxy)
    expect(await echo(socket, 'a')).toBe('one:a')
    expect(there.heard.all[0]!.headers.host).toBe(proxy.host)
  })

  test('nginx tells the server its own name for it in place of the Host, unless it is told not to', async () => {
    await using stage = await behind('no-upgrade')
    const { proxy, there } = stage
    await post(proxy, '/')
    expect(there.heard.all[0]!.headers.host).toBe('servers')
  })
})

describe.concurrent('an answer that comes at once', () => {
  test.each(['http-1.0', 'no-upgrade', 'buffering', 'buffering-always', 'websocket', 'haproxy'] as const)(
    'gets through %s at once',
    async (kind) => {
      await using stage = await behind(kind)
      const { proxy } = stage
      const answer = await post(proxy, '/')
      expect(answer).toMatchObject({ status: 200, body: 'one:{"carrier":"c"}', error: undefined })
      expect(answer.headers['content-type']).toBe('application/holdfast.v1')
      // nginx keeps this one to itself.
      expect(answer.headers['x-accel-buffering']).toBe(kind === 'haproxy' ? 'no' : undefined)
    },
  )
})

describe.concurrent('an answer that comes line by line', () => {
  const asked: readonly (readonly [kind: Kind, what: string, path: string, compressed: boolean, streams: boolean])[] = [
    // What has no length ends with its connection in HTTP/1.0; that is buffered, head and all, unless it asks not to be.
    ['http-1.0', 'unasked', '&buffering', false, false],
    ['http-1.0', 'asking not to be buffered', '', false, true],
    // Chunks are passed on as they come, though `proxy_buffering` is on: it only fills buffers when the client is slow.
    ['no-upgrade', 'unasked', '&buffering', false, true],
    ['no-upgrade', 'asking not to be buffered', '', false, true],
    ['websocket', 'unasked', '&buffering', false, true],
    // gzip gathers all there is, unless the answer asks not to be buffered: then it flushes with every piece.
    ['buffering', 'uncompressed', '', false, true],
    ['buffering', 'compressed, unasked', '&buffering', true, false],
    ['buffering', 'compressed, asking not to be buffered', '', true, true],
    ['buffering', 'compressed, as plain text', '&type=text/plain', true, true],
    ['buffering-always', 'uncompressed', '', false, true],
    ['buffering-always', 'compressed, asking not to be buffered', '', true, false],
    ['haproxy', 'unasked', '&buffering', false, true],
    ['haproxy-no-delay', 'unasked', '&buffering', false, true],
  ]
  test.each(asked)('%s, %s', async (kind, _what, query, compressed, streams) => {
    await using stage = await behind(kind)
    const { proxy } = stage
    const answer = await post(proxy, `/?lines=5&every=200${query}`, compressed ? { headers: gzip } : {})
    expect(answer).toMatchObject({ status: 200, error: undefined })
    // `no-transform` doesn't keep nginx from compressing.
    expect(answer.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined)
    expect(arrival(answer)).toBe(streams ? 'one by one' : 'at the end')
  })

  test('HAProxy holds every piece back for some 200 ms, waiting for more, unless it is told not to', async () => {
    const [waiting, hasty] = await Promise.all(
      (['haproxy', 'haproxy-no-delay'] as const).map(async (kind) => {
        await using stage = await behind(kind)
        const { proxy } = stage
        return await post(proxy, '/?lines=3&every=600')
      }),
    )
    for (const piece of [0, 1]) expect(waiting!.times[piece]! - hasty!.times[piece]!).toBeGreaterThan(100)
  })
})

describe.concurrent('patience of five seconds', () => {
  test.each(['buffering', 'buffering-always', 'haproxy'] as const)('%s cuts short what is silent', async (kind) => {
    await using stage = await behind(kind)
    const { proxy, there } = stage
    const [unanswered, silent, lively] = await Promise.all([
      post(proxy, '/?hang'),
      post(proxy, '/?lines=2&every=500&open'),
      post(proxy, '/?lines=7&every=900'),
    ])
    // Where no answer has begun, there is one of its own.
    expect(unanswered).toMatchObject({ status: 504, error: undefined })
    expect(unanswered.headers['content-type']).toBe('text/html')
    expect(unanswered.end).toBeGreaterThan(4_900)
    expect(unanswered.end).toBeLessThan(6_000)
    // One that has begun breaks off.
    expect(silent).toMatchObject({ status: 200, body: line(1) + line(2), error: 'ECONNRESET' })
    expect(silent.end).toBeGreaterThan(5_200)
    expect(silent.end).toBeLessThan(6_500)
    // One that says something now and then goes on.
    expect(lively).toMatchObject({ status: 200, error: undefined })
    expect(lively.end).toBeGreaterThan(5_300)
    // The server learns of both. On a busy machine, it heard of them later than the proxy.
    await expect.poll(() => there.heard.all.filter(({ gone }) => gone !== undefined && gone > 4_000).length).toBe(2)
  })

  test('HAProxy resets a WebSocket that is idle', async () => {
    await using stage = await behind('haproxy')
    const { proxy } = stage
    const { socket } = await upgrade(proxy)
    await echo(socket, 'a')
    const start = performance.now()
    expect((await once(socket, 'close'))[0]).toBe(1006)
    expect(performance.now() - start).toBeGreaterThan(4_500)
    expect(performance.now() - start).toBeLessThan(6_000)
  })

  test('HAProxy leaves a WebSocket alone on which something is said', async () => {
    await using stage = await behind('haproxy')
    const { proxy } = stage
    const { socket } = await upgrade(proxy)
    for (let times = 1; times <= 3; times++) {
      await sleep(2_000)
      expect(await echo(socket, `${times}`)).toBe(`one:${times}`)
    }
  })
})

describe.concurrent('a client that gives up', () => {
  const giveUp = async (kind: Kind, path: string): Promise<number | undefined> => {
    await using stage = await behind(kind)
    const { proxy, there } = stage
    await post(proxy, path, { patience: 300 }).catch(() => {})
    await sleep(1_500)
    return there.heard.all[0]!.gone
  }

  test.each(['http-1.0', 'buffering', 'websocket'] as const)('is told to the server by %s', async (kind) => {
    expect(await giveUp(kind, '/?hang')).toBeLessThan(1_000)
  })

  // Not before the server is to blame: 5 s later, or when it next says something. `option abortonclose` would change it.
  test('is not told by HAProxy while no answer has begun', async () => {
    expect(await giveUp('haproxy', '/?hang')).toBeUndefined()
  })
})

describe('a body of more than one megabyte', () => {
  const body = 'x'.repeat(1_100_000)

  test('is refused by nginx, with HTML of its own', async () => {
    await using stage = await behind('websocket')
    const { proxy, there } = stage
    const answer = await post(proxy, '/', { body })
    expect([answer.status, answer.headers['content-type'], there.heard.all]).toEqual([413, 'text/html', []])
  })

  test('gets through HAProxy', async () => {
    await using stage = await behind('haproxy')
    const { proxy } = stage
    expect(await post(proxy, '/', { body })).toMatchObject({ status: 200 })
  })
})

describe('several servers behind a hash of `route`', () => {
  const routes = Array.from({ length: 30 }, (_, index) => `/?route=r${index}`)

  test('all requests of a route, and its WebSockets, come to the same one', async () => {
    await using one = await backend('one')
    await using two = await backend('two')
    await using proxy = await startNginx({ kind: 'websocket', targets: [one.port, two.port] })
    const names = new Set<string>()
    for (const route of routes) {
      const { socket } = await upgrade(proxy, route)
      const [name] = (await echo(socket, '')).split(':') as [string]
      names.add(name)
      expect((await post(proxy, route, { body: 'a' })).body).toBe(`${name}:a`)
      expect((await post(proxy, route, { body: 'b' })).body).toBe(`${name}:b`)
    }
    expect(names).toEqual(new Set(['one', 'two']))
  })

  test('those of a server that is gone come to the other, POSTs as well', async () => {
    await using one = await backend('one')
    await using two = await backend('two')
    await using proxy = await startNginx({ kind: 'websocket', targets: [one.port, two.port] })
    await one.close()
    for (const route of routes) expect((await post(proxy, route, { body: 'a' })).body).toBe('two:a')
  })
})

describe('a server that is gone', () => {
  // HAProxy tries four times first, a second apart.
  test.each([
    ['websocket', 502, 0],
    ['haproxy', 503, 3_000],
  ] as const)('%s answers for it with HTML of its own: %i', async (kind, status, after) => {
    await using stage = await behind(kind)
    await stage.there.close()
    const answer = await post(stage.proxy, '/')
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'text/html' } })
    expect(answer.end).toBeGreaterThanOrEqual(after - 100)
    expect(answer.end).toBeLessThan(after + 1_500)
  })
})
