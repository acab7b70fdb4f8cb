/** `holdfast/wire` to servers that know nothing of it, over real sockets that break. */
import { type WireSocket, connect, jsonRpc, plain } from 'holdfast/wire'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocketServer } from 'ws'
import { Seen } from './support/seen.ts'
import { rejection } from './support/backend.ts'
import { serve } from './third-party/support/backend.ts'
import { JsonRpcServer } from './third-party/support/json-rpc-server.ts'

const ROUNDS = 4
const backoff = { base: 20 }

/** Resolves when the socket is in that state. */
const becomes = (socket: Pick<WireSocket, 'status'>, state: string): Promise<void> =>
  new Promise((resolve) => {
    const stop = socket.status.subscribe((status) => {
      if (status.state !== state) return
      resolve()
      queueMicrotask(() => stop())
    })
  })

interface Rpc {
  toServer: { note: { round: number } }
  requests: {
    echo(input: unknown[]): unknown[]
    add(input: [number, number]): number
    fail(input: object): never
    hang(): never
  }
  serverRequests: { confirm(input: [string]): string }
}

/** What a round says to the server: one has no method, for it is an answer. */
const EACH = ['echo', 'add', 'note', undefined, 'fail', 'hang']

test('JSON-RPC: logs in on each connection, then the queue goes; requests both ways, batches, failures', async () => {
  const server = new JsonRpcServer()
  const { proxy, url } = await serve((websockets) => server.attach(websockets))
  const socket = connect<Rpc>(url, {
    wire: jsonRpc({ ping: 'rpc.ping' }),
    backoff,
    onOpen: ({ request }) => request('echo', ['hello']),
  })
  onTestFinished(() => socket.close({ timeout: 0 }))
  socket.handle('confirm', ([question]) => `yes, ${question}`)
  for (let round = 1; round <= ROUNDS; round++) {
    // Asked while there is no connection, or none that may be used.
    const sum = socket.request('add', [round, 1])
    socket.send('note', { round })
    const peer = (await server.peers.first(round)).at(-1)!
    expect(await sum).toBe(round + 1)
    await server.notes.first(round)
    expect(await peer.request('confirm', ['really'])).toBe('yes, really')
    const failed = await rejection(socket.request('fail', { message: 'no', code: 7, data: round }))
    expect(failed).toMatchObject({ code: 'request-failed', reason: '7', message: 'no', cause: { data: round } })
    const hanging = rejection(socket.request('hang'))
    await server.heard.first(round * EACH.length)
    proxy.cut()
    expect(await hanging).toMatchObject({ code: 'in-doubt' })
  }
  const methods = server.heard.all.map((text) => (JSON.parse(text) as { method?: string }).method)
  expect(methods).toEqual(Array.from({ length: ROUNDS }, () => EACH).flat())
  expect(server.notes.all).toEqual([1, 2, 3, 4].map((n) => ({ round: n })))
})

test('JSON-RPC: what a task sends is one batch, and is answered as one', async () => {
  const server = new JsonRpcServer()
  const { url } = await serve((websockets) => server.attach(websockets))
  const socket = connect<Rpc>(url, { wire: jsonRpc({ batch: true }) })
  onTestFinished(() => socket.close({ timeout: 0 }))
  const sums = await Promise.all([1, 2, 3].map((n) => socket.request('add', [n, n])))
  expect([sums, server.heard.all.length]).toEqual([[2, 4, 6], 1])
})

interface Feed {
  toServer: { subscribe: { channel: string }; order: { n: number } }
  toClient: { trade: { channel: string; n: number } }
  requests: { login(input: { key: string }): { user: string } }
}

interface Said {
  readonly type: string
  readonly id?: number
  readonly key?: string
  readonly channel?: string
  readonly n: number
}

/** An exchange: whoever has logged in may subscribe, and is sent trades; orders are written down. Whoever has not is thrown out. */
const exchange = (websockets: WebSocketServer, orders: Seen<number>, faults: string[]): void => {
  websockets.on('connection', (socket) => {
    let user: string | undefined
    const say = (message: object): void => socket.send(JSON.stringify(message))
    socket.on('message', (data: Buffer) => {
      const { type, id, key, channel, n } = JSON.parse(data.toString()) as Said
      if (type === 'ping') return say({ type: 'pong' })
      if (type === 'login') {
        user = key
        return say({ id, user })
      }
      if (!user) {
        faults.push(`${type} before login`)
        return socket.close(4403, 'log in first')
      }
      if (type === 'subscribe') for (let trade = 1; trade <= 3; trade++) say({ type: 'trade', channel, n: trade })
      if (type === 'order') orders.add(n)
    })
  })
}

test('plain: a feed is subscribed to anew, orders keep their order and none is doubled, whatever breaks', async () => {
  const orders = new Seen<number>()
  const faults: string[] = []
  const { proxy, url } = await serve((websockets) => exchange(websockets, orders, faults))
  const trades = new Seen<number>()
  const socket = connect<Feed>(url, {
    wire: plain({ ping: { type: 'ping' }, isPong: (message) => message['type'] === 'pong' }),
    backoff,
    async onOpen({ request, send }) {
      const { user } = await request('login', { key: 'ann' })
      expect(user).toBe('ann')
      send('subscribe', { channel: 'BTC' })
    },
  })
  onTestFinished(() => socket.close({ timeout: 0 }))
  socket.on('trade', ({ n }) => trades.add(n))
  let sent = 0
  for (let round = 1; round <= ROUNDS; round++) {
    await becomes(socket, 'open')
    for (let order = 0; order < 100; order++) socket.send('order', { n: ++sent })
    await orders.find((n) => n === sent)
    await trades.first(3 * round)
    proxy.cut()
    await becomes(socket, 'waiting')
    // These wait, and are not lost.
    for (let order = 0; order < 100; order++) socket.send('order', { n: ++sent })
  }
  await orders.find((n) => n === sent)
  expect(orders.all).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
  await trades.first(3 * (ROUNDS + 1))
  expect(trades.all).toEqual(Array.from({ length: ROUNDS + 1 }, () => [1, 2, 3]).flat())
  expect([faults, socket.errors]).toEqual([[], {}])
})

test('plain: a line that has died is found by its heartbeat', async () => {
  const orders = new Seen<number>()
  const { proxy, url } = await serve((websockets) => exchange(websockets, orders, []))
  const socket = connect<Feed>(url, {
    wire: plain({ ping: { type: 'ping' }, isPong: (message) => message['type'] === 'pong' }),
    backoff,
    heartbeat: { idle: 100, timeout: 300 },
    onOpen: ({ request }) => request('login', { key: 'ann' }),
  })
  onTestFinished(() => socket.close({ timeout: 0 }))
  await becomes(socket, 'open')
  proxy.blackHole('both', true)
  await becomes(socket, 'waiting')
  expect(socket.status.get().cause).toMatchObject({ code: 'unresponsive' })
  proxy.blackHole('both', false)
  await becomes(socket, 'open')
  socket.send('order', { n: 1 })
  await orders.first(1)
})
