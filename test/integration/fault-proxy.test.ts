import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { freePort } from '../tools/free-port.ts'

let server: Server
let proxy: FaultProxy
let accepted: Peer[]
const clients: Peer[] = []

/** One end of a connection, with everything it has seen. */
class Peer {
  readonly socket: Socket
  received = Buffer.alloc(0)
  ended = false
  error: NodeJS.ErrnoException | undefined
  readonly closed: Promise<void>

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])))
    socket.on('end', () => (this.ended = true))
    socket.on('error', (error) => (this.error = error))
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  get text(): string {
    return this.received.toString()
  }
}

async function dial(): Promise<Peer> {
  const peer = new Peer(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }))
  clients.push(peer)
  await once(peer.socket, 'connect')
  return peer
}

/** A client and its other end. */
async function pair(): Promise<[client: Peer, other: Peer]> {
  const known = accepted.length
  const client = await dial()
  await expect.poll(() => accepted.length).toBeGreaterThan(known)
  return [client, accepted.at(-1)!]
}

beforeEach(async () => {
  accepted = []
  server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new Peer(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await FaultProxy.start({ target: { port: (server.address() as AddressInfo).port } })
})

afterEach(async () => {
  await proxy.close()
  for (const { socket } of [...clients.splice(0), ...accepted]) socket.destroy()
  server.close()
  await once(server, 'close')
})

describe('without faults', () => {
  test('carries bytes both ways and counts them', async () => {
    const [client, other] = await pair()
    client.socket.write('hello')
    await expect.poll(() => other.text).toBe('hello')
    other.socket.write('you too')
    await expect.poll(() => client.text).toBe('you too')

    expect(proxy).toMatchObject({ accepted: 1, open: 1, bytes: { up: 5, down: 7 } })
    expect(proxy.flights(1)).toEqual([
      { direction: 'up', bytes: 5 },
      { direction: 'down', bytes: 7 },
    ])
  })

  test('carries the end of one direction and leaves the other open', async () => {
    const [client, other] = await pair()
    client.socket.end('question')
    await expect.poll(() => other.ended).toBe(true)
    other.socket.end('answer')
    await client.closed
    expect([other.text, client.text]).toEqual(['question', 'answer'])
    await expect.poll(() => proxy.open).toBe(0)
  })

  test('carries a reset', async () => {
    const [client, other] = await pair()
    other.socket.resetAndDestroy()
    await client.closed
    expect(client.error?.code).toBe('ECONNRESET')
  })

  test('pushes back on a sender whose reader is slow, and loses nothing', async () => {
    const [client, other] = await pair()
    other.socket.pause()
    const chunk = Buffer.alloc(1 << 16, 'x')
    const total = 64 << 20
    let sent = 0
    while (sent < total && client.socket.write(chunk)) sent += chunk.length
    const flood = (async () => {
      for (; sent + chunk.length < total; sent += chunk.length)
        if (!client.socket.write(chunk)) await once(client.socket, 'drain')
      client.socket.end()
    })()
    await sleep(300)
    expect(proxy.bytes.up).toBeLessThan(total / 2)

    let received = 0
    other.socket.removeAllListeners('data').on('data', (bytes: Buffer) => (received += bytes.length))
    other.socket.resume()
    await flood
    await expect.poll(() => other.ended, { timeout: 20_000 }).toBe(true)
    expect(received).toBe(client.socket.bytesWritten)
    expect(proxy.bytes.up).toBe(received)
  })

  test('a server that refuses is a reset to the client', async () => {
    proxy.retarget({ port: await freePort() })
    const client = await dial()
    await client.closed
    expect(client.error?.code).toBe('ECONNRESET')
  })
})

describe('cut', () => {
  test('resets every connection on both sides', async () => {
    const pairs = [await pair(), await pair()]
    expect(proxy.cut()).toBe(2)
    for (const peer of pairs.flat()) {
      await peer.closed
      expect(peer.error?.code).toBe('ECONNRESET')
    }
    await expect.poll(() => proxy.open).toBe(0)
    const [client, other] = await pair()
    client.socket.write('again')
    await expect.poll(() => other.text).toBe('again')
  })

  test.each([1, 3, 9, 10])('lets exactly %i of ten bytes through', async (count) => {
    const [client, other] = await pair()
    const cut = proxy.cutAfterBytes('up', count)
    client.socket.write('0123')
    await expect.poll(() => proxy.bytes.up).toBe(4)
    client.socket.write('456789')
    await cut
    await Promise.all([client.closed, other.closed])
    expect(other.text).toBe('0123456789'.slice(0, count))
    expect(other.error?.code).toBe('ECONNRESET')
  })

  test('after no bytes is before the next one', async () => {
    const [client, other] = await pair()
    const cut = proxy.cutAfterBytes('down', 0)
    client.socket.write('unharmed')
    await expect.poll(() => other.text).toBe('unharmed')
    other.socket.write('lost')
    await cut
    await client.closed
    expect(client.text).toBe('')
  })

  test('happens once', async () => {
    const [client] = await pair()
    const cut = proxy.cutAfterBytes('up', 2)
    client.socket.write('abc')
    await cut
    const [next, other] = await pair()
    next.socket.write('whole')
    await expect.poll(() => other.text).toBe('whole')
  })
})

describe('black hole', () => {
  test('swallows one direction and leaves the connection standing', async () => {
    const [client, other] = await pair()
    proxy.blackHole('up', true)
    client.socket.write('into the void')
    other.socket.write('still here')
    await expect.poll(() => client.text).toBe('still here')
    await sleep(50)
    expect(other.text).toBe('')
    expect([client.socket.destroyed, other.socket.destroyed]).toEqual([false, false])
  })

  test('swallows the end of a connection as well', async () => {
    const [client, other] = await pair()
    proxy.blackHole('both', true)
    client.socket.destroy()
    await sleep(50)
    expect([other.ended, other.socket.destroyed]).toEqual([false, false])
  })

  test('a connection that lost a byte never recovers, a new one works', async () => {
    const [client, other] = await pair()
    proxy.blackHole('both', true)
    client.socket.write('gap')
    await expect.poll(() => proxy.bytes.up).toBe(3)
    proxy.blackHole('both', false)
    client.socket.write('after the gap')
    const [next, nextOther] = await pair()
    next.socket.write('fresh')
    await expect.poll(() => nextOther.text).toBe('fresh')
    expect(other.text).toBe('')
  })
})

describe('hold', () => {
  test('keeps bytes and their order until released', async () => {
    const [client, other] = await pair()
    proxy.hold('up', true)
    client.socket.write('first ')
    await expect.poll(() => proxy.bytes.up).toBe(6)
    client.socket.end('second')
    await sleep(30)
    expect(other.text).toBe('')
    proxy.hold('up', false)
    await expect.poll(() => other.ended).toBe(true)
    expect(other.text).toBe('first second')
  })
})

describe('refuse', () => {
  test('refuses new connections, leaves open ones alone and comes back on the same port', async () => {
    const [client, other] = await pair()
    const { port } = proxy
    await proxy.refuse(true)
    await proxy.refuse(true)
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    client.socket.write('old')
    await expect.poll(() => other.text).toBe('old')

    await proxy.refuse(false)
    await proxy.refuse(false)
    expect(proxy.port).toBe(port)
    const [next, nextOther] = await pair()
    next.socket.write('new')
    await expect.poll(() => nextOther.text).toBe('new')
  })
})

describe('HTTP that ends early', () => {
  test('a head that never becomes whole goes on with the end', async () => {
    const [client, other] = await pair()
    client.socket.end('GET / HTTP/1.1\r\nHo')
    await expect.poll(() => other.ended).toBe(true)
    expect(other.text).toBe('GET / HTTP/1.1\r\nHo')
  })

  test('a POST that is held is delivered in front of the end', async () => {
    const [client, other] = await pair()
    proxy.holdPosts(true)
    const post = 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody'
    client.socket.end(post)
    await sleep(30)
    expect([other.text, other.ended]).toEqual(['', false])
    proxy.holdPosts(false)
    await expect.poll(() => other.ended).toBe(true)
    expect(other.text).toBe(post)
  })

  test('behind an accepted Upgrade nothing is taken for a head and kept back', async () => {
    const [client, other] = await pair()
    client.socket.write('GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
    await expect.poll(() => other.text).toContain('\r\n\r\n')
    other.socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    await expect.poll(() => client.text).toContain('\r\n\r\n')
    client.socket.write('POST ')
    await expect.poll(() => other.text).toMatch(/POST $/)
    other.socket.write('HTTP/')
    await expect.poll(() => client.text).toMatch(/HTTP\/$/)
  })
})

describe('latency', () => {
  test('delays each direction and keeps the order when it shrinks', async () => {
    const [client, other] = await pair()
    proxy.latency(80)
    const start = performance.now()
    client.socket.write('slow ')
    await expect.poll(() => proxy.bytes.up).toBe(5)
    proxy.latency(0)
    client.socket.write('fast')
    await expect.poll(() => other.text, { interval: 1 }).toBe('slow fast')
    expect(performance.now() - start).toBeGreaterThanOrEqual(79)
  })

  test('shows causality in the flights: what did not wait is in the flight before', async () => {
    const [client, other] = await pair()
    proxy.latency(30)
    client.socket.write('upgrade')
    await expect.poll(() => other.text, { interval: 1 }).toBe('upgrade')
    other.socket.write('switching')
    await sleep(5)
    other.socket.write('welcome')
    await expect.poll(() => client.text, { interval: 1 }).toBe('switchingwelcome')
    client.socket.write('hello')
    await expect.poll(() => other.text).toBe('upgradehello')
    expect(proxy.flights(1).map(({ direction }) => direction)).toEqual(['up', 'down', 'up'])
  })
})

test('bytes that dribble arrive one by one, all of them, in order', async () => {
  const [client, other] = await pair()
  const parts: string[] = []
  client.socket.on('data', (part: Buffer) => parts.push(part.toString()))
  proxy.dribble('down', 5)
  other.socket.write('one by one')
  client.socket.write('at once')
  await expect.poll(() => parts.join('')).toBe('one by one')
  expect(parts.length).toBeGreaterThan(2)
  expect(other.text).toBe('at once')
})

test('close ends everything, whatever is in transit', async () => {
  const [client, other] = await pair()
  proxy.hold('up', true)
  proxy.latency(10_000, 'down')
  client.socket.write('held')
  other.socket.write('late')
  await expect.poll(() => proxy.bytes.down).toBe(4)
  await proxy.close()
  await Promise.all([client.closed, other.closed])
  expect(proxy.open).toBe(0)
  await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a reset while the end of a connection is being carried on leaves nothing open', async () => {
  const [client] = await pair()
  proxy.hold('up', true)
  client.socket.end('bye')
  await expect.poll(() => proxy.bytes.up).toBe(3)
  await sleep(20)
  proxy.hold('up', false)
  proxy.cut()
  await client.closed
  await expect.poll(() => proxy.open).toBe(0)
})
