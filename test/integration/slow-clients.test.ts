/** Clients that do not read, or do not say what they came to say: their share of the server is bounded, and nobody else notices. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import type { EndReason } from 'holdfast/server'
import { createServer } from 'holdfast/server'
import { expect, onTestFinished, test } from 'vitest'
import { type HttpBackend, opened, serveHttp } from './support/http-backend.ts'
import { TYPE, carrierId, envelope } from './support/post.ts'
import { hello, rawClient, rawSession, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

interface Slow extends HttpBackend {
  /** The server's ends of all connections. */
  readonly connections: Seen<Socket>
}
const serveSlow = async (options: Parameters<typeof serveHttp>[0]): Promise<Slow> => {
  const connections = new Seen<Socket>()
  const backend = await serveHttp(options, (http) => http.on('connection', connections.add))
  return { ...backend, connections }
}
/** Nothing leaves the server's end any more, as if its client never read: what the kernel would hold does not blur the test. */
const stopReading = ({ connections }: Slow): Socket => {
  const socket = connections.all.at(-1)!
  const never = (): void => {}
  Object.assign(socket, { _write: never, _writev: never })
  return socket
}
const webSocketUrl = ({ url }: Slow): string => url.replace('http', 'ws')
const used = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a WebSocket that is not read from costs its session, and nobody else; it is told when it comes back', async () => {
  const backend = await serveSlow({ limits: { bufferedBytes: 2_000_000 } })
  const id = sessionId()
  const slow = await rawSession(webSocketUrl(backend), id)
  const { life } = await slow.said('welcome')
  slow.send(['say', 'hi'])
  await slow.lines.find((line) => Array.isArray(line))
  const ends = new Seen<EndReason>()
  backend.sessions.all[0]!.onEnd(ends.add)
  backend.sessions.all[0]!.join('lobby')
  const socket = stopReading(backend)
  const fast = await rawSession(webSocketUrl(backend))
  const [, session] = await backend.sessions.first(2)
  session!.join('lobby')
  const before = used()
  let most = 0
  for (let count = 0; count < 150; count++) {
    backend.server.to('lobby').send('tick', `${count} `.padEnd(200_000, 'x'))
    await fast.lines.first(2 + count)
    fast.send({ ack: count + 1 })
    // What a closing connection still has is let go after five seconds.
    most = Math.max(most, socket.writableLength)
  }
  expect(ends.all).toEqual(['overflow'])
  expect(most).toBeLessThan(2_500_000)
  // Thirty megabytes went to the fast one.
  expect(used() - before).toBeLessThan(100_000_000)
  expect(backend.server.sessions.size).toBe(1)
  const again = await rawClient(webSocketUrl(backend))
  again.send(hello(id, { attempt: 2, life, from: 2, got: 1 }))
  expect(await again.said('bye')).toMatchObject({ code: 4410, got: 1 })
}, 60_000)

test('a stream or a poll that is not read is cut off; the session is over for it, and the others go on', async () => {
  const backend = await serveSlow({ limits: { bufferedBytes: 50_000, totalBytes: 50_000, helloTimeout: 500 } })
  const ends = new Seen<EndReason>()
  for (const stream of [true, false]) {
    const { carrier } = await opened(backend)
    const session = backend.sessions.all.at(-1)!
    session.onEnd(ends.add)
    const body = envelope(carrier, { got: 1, poll: 60_000, stream })
    const client = connect(Number(backend.host.split(':')[1]), '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.write(`POST /live HTTP/1.1\r\nHost: x\r\nAccept: ${TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    if (stream) await once(client, 'data')
    else await new Promise((resolve) => setTimeout(resolve, 100))
    const socket = stopReading(backend)
    const cut = once(socket, 'close')
    let most = 0
    for (let count = 0; count < 30; count++) {
      if (ends.all.length <= (stream ? 0 : 1)) session.send('tick', 'x'.repeat(5_000))
      await new Promise(setImmediate)
      most = Math.max(most, socket.writableLength)
    }
    expect(most).toBeLessThan(70_000)
    await cut
    await ends.first(stream ? 1 : 2)
  }
  expect(ends.all).toEqual(['overflow', 'overflow'])
  const { post } = await opened(backend)
  const push = await post({ push: 2, poll: 1_000, got: 1 }, ['say', 'hi'])
  expect(await push.body).toContain('["said","hi"]')
}, 30_000)

test('pings of the platform’s own kind cost what others do, and are not answered where answers pile up', async () => {
  const backend = await serveSlow({ limits: { rate: 100 } })
  const peer = await rawSession(webSocketUrl(backend))
  const pong = once(peer.socket, 'pong')
  peer.socket.ping('here?')
  expect(String((await pong)[0])).toBe('here?')
  const socket = stopReading(backend)
  for (let count = 0; count < 3_000; count++) peer.socket.ping('x'.repeat(120))
  const errors = new Seen<string>()
  backend.server.on('error', ({ code }) => errors.add(code))
  await errors.first(1)
  expect(errors.all).toEqual(['try-later'])
  expect(socket.writableLength).toBeLessThan(70_000)
})

test('answers to pings that nobody reads are bounded: the connection is cut, and the session waits for another', async () => {
  const backend = await serveSlow({ limits: { bufferedBytes: 100_000 } })
  const peer = await rawSession(webSocketUrl(backend))
  const errors = new Seen<string>()
  backend.server.on('error', ({ code }) => errors.add(code))
  const socket = stopReading(backend)
  // In the place of fifty thousand answers.
  socket.write(Buffer.alloc(1_000_000))
  peer.send({ ping: 1 })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(errors.all).toEqual([])
  socket.write(Buffer.alloc(200_000))
  peer.send({ ping: 2 })
  await errors.first(1)
  expect([errors.all, backend.server.sessions.size, socket.destroyed]).toEqual([['overflow'], 1, true])
})

test('heads that dribble are Node’s to cut off: of a POST, and of an Upgrade', async () => {
  const http = createHttpServer({ connectionsCheckingInterval: 50, headersTimeout: 200, requestTimeout: 400 })
  const server = createServer()
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => {
    http.close()
    void server.close()
  })
  for (const head of [
    'POST /live HTTP/1.1\r\nHost: x\r\n',
    'GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n',
  ]) {
    const client = connect((http.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => {})
    client.write(head)
    const dribble = setInterval(() => client.write('x'), 50)
    const [data] = (await once(client, 'data')) as [Buffer]
    clearInterval(dribble)
    client.destroy()
    expect(data.toString()).toMatch(/^HTTP\/1\.1 408 /)
  }
})

test('bodies that are sent by many at once are bounded together: the largest has to come again', async () => {
  // An eighth of it is for what strangers send.
  const limits = { totalBytes: 1_600_000, bufferedBytes: 1_000_000, messageBytes: 65_536 }
  const backend = await serveSlow({ limits })
  const start = (bytes: number): Socket => {
    const client = connect(Number(backend.host.split(':')[1]), '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.on('error', () => {})
    client.write(`POST /live HTTP/1.1\r\nHost: x\r\nAccept: ${TYPE}\r\nContent-Length: ${bytes + 1}\r\n\r\n`)
    client.write('x'.repeat(bytes))
    return client
  }
  const large = start(120_000)
  const answer = once(large, 'data')
  const small = Array.from({ length: 20 }, () => start(5_000))
  expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n/i)
  for (const client of small) client.end('x')
  for (const client of small) expect(String(((await once(client, 'data')) as [Buffer])[0])).toMatch(/^HTTP\/1\.1 400 /)
  const { post } = await opened(backend)
  expect(await (await post({ push: 2, got: 1 }, ['say', carrierId()])).body).toContain('"push":2')
})
