/**
 * What the first message costs, in round trips: read from the proxy's log as flights (who waited for whom), not from a
 * clock. The measure is a bare WebSocket through the same proxy.
 */
import { once } from 'node:events'
import type { ConnectOptions } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { startHttpServer } from '../tools/http-server.ts'
import { isOpen, open, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

/** Enough for what was not waited for to share a flight. */
const latency = 25

const directions = (proxy: FaultProxy, connection: number): string[] =>
  proxy.flights(connection).map(({ direction }) => direction)

/** The flights of a bare WebSocket: until its first message is there, and until the answer to it is back. */
async function bare(): Promise<{ there: string[]; back: string[] }> {
  const messages = new WebSocketServer({ noServer: true })
  const there = new Seen<string[]>()
  messages.on('connection', (socket) =>
    socket.on('message', () => {
      there.add(directions(proxy, 1))
      socket.send('answer')
    }),
  )
  const server = await startHttpServer(
    (http) =>
      void http.on('upgrade', (request, socket, head) =>
        messages.handleUpgrade(request, socket, head, (websocket) => messages.emit('connection', websocket)),
      ),
  )
  await using proxy = await FaultProxy.start({ target: { port: server.port } })
  proxy.latency(latency)
  const socket = new WebSocket(`ws://${proxy.host}`)
  await once(socket, 'open')
  socket.send('first message')
  await once(socket, 'message')
  const back = directions(proxy, 1)
  socket.close()
  await server.kill()
  return { there: there.all[0]!, back }
}

test('a bare WebSocket: upgrade, accepted, message, answer', async () => {
  expect(await bare()).toEqual({ there: ['up', 'down', 'up'], back: ['up', 'down', 'up', 'down'] })
})

describe('the first message is delivered after one TCP and one upgrade round trip', () => {
  const stage = async (options: ConnectOptions = {}) => {
    const there = new Seen<string[]>()
    const back = new Seen<string[]>()
    const backend = await serve({
      session(session) {
        session.on('say', (text) => {
          there.add(directions(backend.proxy, backend.proxy.accepted))
          session.send('said', text)
        })
      },
    })
    backend.proxy.latency(latency)
    const socket = open(backend.url, { auth: () => Promise.resolve('token'), ...options })
    socket.on('said', () => back.add(directions(backend.proxy, backend.proxy.accepted)))
    return { backend, socket, there, back }
  }

  test('on first connect', async () => {
    const { socket, there, back } = await stage()
    socket.send('say', 'first message')
    await back.first(1)
    expect({ there: there.all[0], back: back.all[0] }).toEqual(await bare())
  })

  test('on resume', async () => {
    const { backend, socket, there, back } = await stage()
    await status(socket, isOpen)
    backend.proxy.cut()
    socket.send('say', 'first message')
    await back.first(1)
    expect(backend.proxy.accepted).toBe(2)
    expect({ there: there.all[0], back: back.all[0] }).toEqual(await bare())
  })

  test('and what the server kept meanwhile comes with the answer to the hello', async () => {
    // Where nothing can be reached, HTTP is tried beside, and may be there first, a round trip sooner.
    const { backend, socket, back } = await stage({ transport: 'websocket' })
    await status(socket, isOpen)
    await backend.proxy.refuse(true)
    backend.proxy.cut()
    const [session] = backend.sessions.all
    await expect.poll(() => session!.transport).toBe(null)
    session!.send('said', 'kept')
    await backend.proxy.refuse(false)
    await back.first(1)
    expect(back.all[0]).toEqual(['up', 'down', 'up', 'down'])
  })
})
