/** Servers that are none: told in words that help, and tried again with growing pauses, never in a tight loop. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { ConnectOptions } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpServer } from '../tools/http-server.ts'
import { containing, open, status } from './support/backend.ts'
import { type RawServer, rawServer, welcome } from './support/raw.ts'
import { Seen } from './support/seen.ts'

/** At least the backoff's bound, without jitter, lies between two tries. */
const patient: ConnectOptions = { backoff: { base: 40, factor: 2, max: 160, jitter: 0 } }
const gaps = ({ times }: RawServer): number[] => times.slice(1).map((time, index) => time - times[index]!)

describe('a server that is none', () => {
  test.each([
    ['without our subprotocol', false],
    ['with another subprotocol', 'graphql-ws'],
  ] as const)('%s: the platform refuses it, the words help, the pauses grow', async (_what, chosen) => {
    const server = await rawServer(() => {}, { handleProtocols: () => chosen })
    const socket = open(server.url, patient)
    await server.peers.first(4)
    expect(socket.status.get().cause).toMatchObject({ code: 'unreachable', message: containing('holdfast.v1') })
    expect(gaps(server).map((gap, index) => gap > 35 * 2 ** Math.min(index, 2))).toEqual([true, true, true])
  })

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
