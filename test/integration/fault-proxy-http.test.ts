/** What the fault proxy makes of HTTP and of WebSockets, seen by clients and servers that know nothing of Holdfast. */
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { type KillableServer, startHttpServer } from '../tools/http-server.ts'
import { Seen } from './support/seen.ts'

interface Heard {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: KillableServer
let proxy: FaultProxy
/** Requests that reached the server, and WebSockets that it accepted. */
let heard: Seen<Heard>
let accepted: Seen<WebSocket>
let agent: Agent
const sockets: WebSocket[] = []

beforeEach(async () => {
  heard = new Seen()
  accepted = new Seen()
  const websockets = new WebSocketServer({ noServer: true })
  server = await startHttpServer((http) => {
    http.removeAllListeners('request').on('request', (incoming, response) => {
      void text(incoming).then((body) => {
        heard.add({ method: incoming.method, headers: incoming.headers, body })
        // In pieces, so that it is chunked.
        if (incoming.url === '/chunked') response.write('> ')
        if (incoming.url !== '/slow') return response.end(body)
        response.write('> ')
        return setTimeout(() => response.end(body), 100)
      })
    })
    http.on('upgrade', (incoming, socket, head) => {
      websockets.handleUpgrade(incoming, socket, head, (websocket) => {
        websocket.on('message', (data, isBinary) => websocket.send(data, { binary: isBinary }))
        websocket.on('error', () => {})
        accepted.add(websocket)
      })
    })
  })
  proxy = await FaultProxy.start({ target: { port: server.port } })
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  agent.destroy()
  await proxy.close()
  await server.kill()
})

interface Answer {
  readonly status: number | undefined
  /** As far as it came. */
  readonly body: string
  readonly error?: string | undefined
}

/** One exchange through the proxy, on the one connection that is kept alive. */
async function ask(method: string, body?: string, path = '/', headers: Record<string, string> = {}): Promise<Answer> {
  const outgoing = request({ port: proxy.port, host: '127.0.0.1', method, path, headers, agent })
  // Told by the promise, or, once there is an answer, by its body.
  outgoing.on('error', () => {})
  outgoing.end(body)
  let part: Buffer = Buffer.alloc(0)
  let status: number | undefined
  try {
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    status = response.statusCode
    for await (const chunk of response) part = Buffer.concat([part, chunk as Buffer])
    return { status, body: part.toString() }
  } catch (error) {
    return { status, body: part.toString('latin1'), error: (error as NodeJS.ErrnoException).code }
  }
}

/** What becomes of an Upgrade. */
async function upgrade(): Promise<{ socket: WebSocket; outcome: 'open' | number | undefined }> {
  const socket = new WebSocket(`ws://${proxy.host}/live`)
  sockets.push(socket)
  socket.on('error', () => {})
  const outcome = new Seen<'open' | number | undefined>()
  socket.on('open', () => outcome.add('open'))
  socket.on('unexpected-response', (_request, response) => outcome.add(response.statusCode))
  await Promise.race([outcome.first(1), sleep(300)])
  return { socket, outcome: outcome.all[0] }
}

/** A message and what came back, within some time. */
async function echo(socket: WebSocket, message: string): Promise<string | undefined> {
  const answers = new Seen<string>()
  socket.on('message', (data) => answers.add((data as Buffer).toString()))
  socket.send(message)
  await Promise.race([answers.first(1), sleep(200)])
  return answers.all[0]
}

const push = (number: number, poll = false): string =>
  `{"carrier":"c","push":${number}${poll ? ',"poll":9' : ''}}\n["say","größer"]`
const poll = '{"carrier":"c","poll":9}'

describe('the book of exchanges', () => {
  test('has every request and its answer, with the bytes of both', async () => {
    await ask('POST', 'größer')
    await ask('GET')
    await ask('OPTIONS')
    await ask('POST', 'in one piece', '/chunked')
    await ask('POST', 'in pieces', '/chunked', { 'transfer-encoding': 'chunked' })
    await ask('HEAD', undefined, '/chunked')

    expect(proxy.accepted).toBe(1)
    expect([proxy.requests('POST'), proxy.requests('OPTIONS'), proxy.requests('GET')]).toEqual([3, 1, 1])
    expect(proxy.exchanges.map(({ request }) => [request.method, request.url, request.text])).toEqual([
      ['POST', '/', 'größer'],
      ['GET', '/', ''],
      ['OPTIONS', '/', ''],
      ['POST', '/chunked', 'in one piece'],
      ['POST', '/chunked', 'in pieces'],
      ['HEAD', '/chunked', ''],
    ])
    expect(proxy.exchanges.map(({ request, answer }) => [request.body, answer?.status, answer?.body])).toEqual([
      [8, 200, 8],
      [0, 200, 0],
      [0, 200, 0],
      [12, 200, '2\r\n> \r\nc\r\nin one piece\r\n0\r\n\r\n'.length],
      ['9\r\nin pieces\r\n0\r\n\r\n'.length, 200, '2\r\n> \r\n9\r\nin pieces\r\n0\r\n\r\n'.length],
      [0, 200, 0],
    ])
    expect(proxy.exchanges.every(({ request, answer }) => request.isComplete && answer?.isComplete)).toBe(true)
    const sum = (part: 'request' | 'answer'): number =>
      proxy.exchanges.reduce((total, { [part]: message }) => total + message!.head + message!.body, 0)
    expect({ up: sum('request'), down: sum('answer') }).toEqual(proxy.bytes)
  })

  test('has Upgrades, and nothing of what WebSockets carry', async () => {
    const { socket } = await upgrade()
    expect(await echo(socket, 'POST / HTTP/1.1\r\n\r\n')).toBe('POST / HTTP/1.1\r\n\r\n')
    expect([proxy.requests('UPGRADE'), proxy.requests('GET'), proxy.exchanges.length]).toEqual([1, 0, 1])
    expect(proxy.exchanges[0]).toMatchObject({ request: { body: 0 }, answer: { status: 101, body: 0 } })
  })

  test('tells an answer that is under way from one that is complete', async () => {
    proxy.holdPosts(true)
    const answer = ask('POST', 'a')
    await sleep(50)
    expect(proxy.exchanges).toEqual([])
    proxy.hold('down', true)
    proxy.holdPosts(false)
    await heard.first(1)
    expect(proxy.exchanges).toMatchObject([{ request: { isComplete: true }, answer: undefined }])
    proxy.hold('down', false)
    await answer
    expect(proxy.exchanges).toMatchObject([{ answer: { isComplete: true } }])
  })
})

describe('blockades', () => {
  test('403 at once, after one round trip, and the server hears nothing', async () => {
    proxy.block('403')
    proxy.latency(40)
    const start = performance.now()
    expect((await upgrade()).outcome).toBe(403)
    expect(performance.now() - start).toBeGreaterThanOrEqual(79)
    expect(proxy.flights(1).map(({ direction }) => direction)).toEqual(['up', 'down'])
    expect(proxy.exchanges).toMatchObject([{ answer: { status: 403, isComplete: true } }])
    expect([heard.all, accepted.all]).toEqual([[], []])
    await expect.poll(() => proxy.open).toBe(0)
  })

  test('stripped: a plain GET reaches the server, and its answer comes back', async () => {
    proxy.block('stripped')
    expect((await upgrade()).outcome).toBe(200)
    const [{ method, headers }] = (await heard.first(1)) as [Heard]
    expect([method, headers.upgrade, headers['sec-websocket-version']]).toEqual(['GET', undefined, '13'])
    expect(headers.connection).toBeUndefined()
    expect(accepted.all).toEqual([])
  })

  test('hang: no answer, nothing forwarded, and the connection ends with the client', async () => {
    proxy.block('hang')
    const { socket, outcome } = await upgrade()
    expect([outcome, proxy.bytes.down, proxy.open]).toEqual([undefined, 0, 1])
    expect([heard.all, accepted.all]).toEqual([[], []])
    socket.terminate()
    await expect.poll(() => proxy.open).toBe(0)
  })

  test('swallowed: it opens, and nothing gets through either way', async () => {
    proxy.block('swallowed')
    const { socket, outcome } = await upgrade()
    expect([outcome, await echo(socket, 'lost')]).toEqual(['open', undefined])
    const [there] = (await accepted.first(1)) as [WebSocket]
    const arrived = new Seen<string>()
    for (const end of [socket, there]) end.on('message', (data) => arrived.add((data as Buffer).toString()))
    socket.send('lost again')
    there.send('lost as well')
    await sleep(50)
    expect(arrived.all).toEqual([])
    socket.terminate()
    await once(there, 'close')
  })

  test('killed: it works, and is reset some time after it opened', async () => {
    proxy.block('killed', { after: 400 })
    const { socket } = await upgrade()
    const start = performance.now()
    const closed = once(socket, 'close').then(([code]) => [code as number, performance.now() - start])
    expect(await echo(socket, 'there')).toBe('there')
    const [code, lived] = await closed
    expect(code).toBe(1006)
    expect(lived).toBeGreaterThan(380)
    expect(lived).toBeLessThan(600)
    await expect.poll(() => proxy.open).toBe(0)
  })

  test.each(['403', 'stripped', 'hang', 'swallowed', 'killed'] as const)(
    '%s leaves plain HTTP and open WebSockets alone, and ends when it is told to',
    async (blockade) => {
      const { socket } = await upgrade()
      proxy.block(blockade, { after: 100 })
      expect(await ask('POST', 'a')).toEqual({ status: 200, body: 'a' })
      await upgrade()
      expect(await ask('POST', 'b')).toEqual({ status: 200, body: 'b' })
      expect(await echo(socket, 'still here')).toBe('still here')
      proxy.unblock()
      const later = await upgrade()
      expect([later.outcome, await echo(later.socket, 'fine')]).toEqual(['open', 'fine'])
      await sleep(150)
      expect([socket.readyState, later.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
    },
  )
})

describe('an answer', () => {
  test('is cut away whole, its request was delivered', async () => {
    const cut = proxy.cutAnswer('all', { of: 'push', nth: 2 })
    expect(await ask('POST', push(1))).toMatchObject({ status: 200 })
    expect(await ask('POST', poll)).toMatchObject({ status: 200 })
    expect(await ask('POST', push(2))).toEqual({ status: undefined, body: '', error: 'ECONNRESET' })
    expect((await cut).request.text).toBe(push(2))
    expect(heard.all.map(({ body }) => body)).toEqual([push(1), poll, push(2)])
    expect(await ask('POST', push(2))).toMatchObject({ status: 200 })
    expect(proxy.exchanges.map(({ answer }) => answer?.status)).toEqual([200, 200, undefined, 200])
  })

  test.each(['/', '/chunked'])(
    'is cut behind so many bytes of its body, whatever is around them (%s)',
    async (path) => {
      const cut = proxy.cutAnswer(5, { of: 'post' })
      expect(await ask('POST', '0123456789', path)).toEqual({
        status: 200,
        body: `${path === '/' ? '' : '> '}0123456789`.slice(0, 5),
        error: 'ECONNRESET',
      })
      expect((await cut).answer).toMatchObject({ status: 200, isComplete: false })
    },
  )

  test('is cut in its second line', async () => {
    void proxy.cutAnswer('mid-line', { of: 'poll' })
    expect(await ask('POST', push(1, true))).toEqual({
      status: 200,
      body: `${push(1, true).split('\n', 1)[0]!}\n[`,
      error: 'ECONNRESET',
    })
  })

  test('is cut inside of a character', async () => {
    void proxy.cutAnswer('mid-character')
    const { body } = await ask('POST', push(1))
    expect(body).toBe(`${push(1).split('ö', 1)[0]!}\u00c3`)
  })

  test('without such a place goes on whole, and the cut waits for the next', async () => {
    const cut = proxy.cutAnswer('mid-line', { nth: 2 })
    for (const body of ['1', '2', '3\n']) expect(await ask('POST', body)).toEqual({ status: 200, body })
    expect(await ask('POST', '4\nxyz')).toMatchObject({ body: '4\nx', error: 'ECONNRESET' })
    expect((await cut).request.text).toBe('4\nxyz')
  })

  test('that was meant is found by whatever is said of its request', async () => {
    void proxy.cutAnswer('all', { of: ({ method, text }) => method === 'PUT' && text === 'b' })
    await ask('POST', 'b')
    await ask('PUT', 'a')
    expect(await ask('PUT', 'b')).toMatchObject({ error: 'ECONNRESET' })
  })
})

describe('an answer that takes its time', () => {
  /** What is there of it first. */
  const firstPart = async (method: string): Promise<string | undefined> => {
    const { body } = await fetch(`http://${proxy.host}/slow`, { method, ...(method === 'POST' && { body: 'rest' }) })
    const parts = body!.pipeThrough(new TextDecoderStream()).getReader()
    const { value } = await parts.read()
    while (!(await parts.read()).done);
    return value
  }

  test('goes on as it comes, or whole where POSTs are gathered', async () => {
    expect(await firstPart('POST')).toBe('> ')
    proxy.gather(true)
    expect(await firstPart('POST')).toBe('> rest')
    expect(await firstPart('GET')).toBe('> ')
    proxy.gather(false)
    expect(await firstPart('POST')).toBe('> ')
  })
})

describe('POSTs', () => {
  test('wait as long as they are held, other requests do not', async () => {
    proxy.holdPosts(true)
    const held = ask('POST', 'held', '/', { 'transfer-encoding': 'chunked' })
    const other = await fetch(`http://${proxy.host}/`)
    await sleep(50)
    expect([other.status, heard.all.map(({ method }) => method)]).toEqual([200, ['GET']])
    proxy.holdPosts(false)
    expect(await held).toEqual({ status: 200, body: 'held' })
    expect(await ask('POST', 'next')).toEqual({ status: 200, body: 'next' })
    expect(proxy.accepted).toBe(2)
  })
})

describe('the handshake of a new connection', () => {
  const elapsed = async (): Promise<number> => {
    const start = performance.now()
    await ask('GET')
    return performance.now() - start
  }

  test('costs a round trip where that is asked for, and the next request none', async () => {
    proxy.handshakes(true)
    proxy.latency(60)
    const [first, second] = [await elapsed(), await elapsed()]
    expect(first).toBeGreaterThanOrEqual(239)
    expect(second).toBeGreaterThanOrEqual(119)
    expect(second).toBeLessThan(220)
    expect(proxy.accepted).toBe(1)
  })

  test('costs nothing otherwise', async () => {
    proxy.latency(60)
    expect(await elapsed()).toBeLessThan(220)
  })
})
