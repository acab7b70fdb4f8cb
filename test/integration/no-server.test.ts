/** Servers that are none, or of another kind: told in words that help, and never a tight loop. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import type { ConnectOptions, Socket } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ServerOptions, WebSocketServer } from 'ws'
import { startHttpServer } from '../tools/http-server.ts'
import { type Chat, containing, isClosed, open, status } from './support/backend.ts'
import { type RawServer, rawServer, welcome } from './support/raw.ts'
import { Seen } from './support/seen.ts'

/** At least the backoff's bound, without jitter, lies between two tries. */
const patient: ConnectOptions = { backoff: { base: 40, factor: 2, max: 160, jitter: 0 } }
const gaps = ({ times }: RawServer): number[] => times.slice(1).map((time, index) => time - times[index]!)

describe('a server of another kind', () => {
  const expectOneError = async (socket: Socket<Chat>): Promise<void> => {
    const causes = new Set<string | undefined>()
    socket.status.subscribe(({ cause }) => causes.add(cause?.code))
    expect(await status(socket, isClosed)).toMatchObject({
      cause: { code: 'protocol', message: containing('use `holdfast/wire` or `holdfast/websocket`') },
    })
    expect([...causes]).toEqual([undefined, 'protocol'])
  }

  test.each([
    ['without our subprotocol', false],
    ['with another subprotocol', 'graphql-ws'],
  ] as const)('%s, and HTTP answered with 404: one error', async (_what, chosen) => {
    const server = await rawServer(() => {}, { handleProtocols: () => chosen })
    await expectOneError(open(server.url, patient))
    const [, asked] = await server.peers.first(2)
    // Closed as it should be, and without a word.
    expect([await asked!.closed, asked!.lines.all, server.times.length]).toEqual([{ code: 1005, reason: '' }, [], 2])
  })

  /** As a `ws` server is usually made: on a port, or on an HTTP server that answers no requests. */
  const wsServer = async (
    isMute: boolean,
    options: ServerOptions = {},
  ): Promise<Pick<RawServer, 'url'> & { server: WebSocketServer }> => {
    const http = isMute ? createHttpServer().listen(0, '127.0.0.1') : undefined
    const server = new WebSocketServer({ ...(http ? { server: http } : { port: 0, host: '127.0.0.1' }), ...options })
    await once(http ?? server, 'listening')
    onTestFinished(() => {
      for (const client of server.clients) client.terminate()
      server.close()
      http?.closeAllConnections()
      http?.close()
    })
    return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  test.each([
    ['answered with 426', false],
    ['not answered', true],
  ])('and HTTP %s: one error', async (_what, isMute) => {
    const { url } = await wsServer(isMute, { handleProtocols: () => false })
    await expectOneError(open(url, { ...patient, fallbackAfter: 100 }))
  })

  test.each(['hello', '{"type":"hello"}', undefined])(
    'that takes any subprotocol, and says %s (or what it hears): one error',
    async (greeting) => {
      const { server, url } = await wsServer(true)
      server.on('connection', (peer) => {
        if (greeting === undefined) peer.on('message', (data: Buffer) => peer.send(data.toString()))
        else peer.send(greeting)
      })
      await expectOneError(open(url, patient))
    },
  )
})

describe('a server that is none', () => {
  test('that answers the upgrade with a page', async () => {
    const server = await startHttpServer((http) => {
      http.on('upgrade', (_request, socket) => {
        socket.on('error', () => {})
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
      })
    })
    onTestFinished(() => server.kill())
    const socket = open(`ws://127.0.0.1:${server.port}`, patient)
    expect(await status(socket, ({ attempt }) => attempt === 2)).toMatchObject({
      cause: { code: 'unreachable', message: containing('holdfast.v1') },
    })
  })

  test('that accepts a connection and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const accepted = new Seen<unknown>()
    server.on('connection', (socket) => {
      accepted.add(1)
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
    })
    const socket = open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { ...patient, connectTimeout: 60 })
    expect(await status(socket, ({ attempt }) => attempt === 2)).toMatchObject({ cause: { code: 'timeout' } })
    await accepted.first(2)
  })

  test('that opens and never says welcome', async () => {
    const server = await rawServer()
    const socket = open(server.url, { ...patient, connectTimeout: 60 })
    expect(await status(socket, ({ attempt }) => attempt === 2)).toMatchObject({
      cause: { code: 'timeout', message: containing('welcome') },
    })
  })

  test('that says welcome and closes, again and again: the pauses grow', async () => {
    const server = await rawServer((peer) => {
      peer.send(welcome())
      peer.socket.close(1001)
    })
    const socket = open(server.url, patient)
    await server.peers.first(5)
    expect(gaps(server).map((gap, index) => gap > 35 * 2 ** Math.min(index, 2))).toEqual([true, true, true, true])
    expect(socket.status.get().attempt).toBeGreaterThanOrEqual(4)
  })
})
