/** graphql-ws with its own server: operations are asked again on each connection, by the library. */
import { GraphQLNonNull, GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql/index.js'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { HoldfastWebSocket } from 'holdfast/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { Seen } from '../support/seen.ts'
import { type Backend, OneConnection, serve } from './support/backend.ts'

interface Stage extends Backend {
  readonly client: Client
  /** Every handshake of the protocol that reached the server. */
  readonly handshakes: Seen<unknown>
  /** One for each `double` under way: it answers when it is called. */
  readonly asked: Seen<() => void>
  /** One for each subscription: the next item of it. */
  readonly subscribed: Seen<(item: number) => void>
}

const stage = async (options: Partial<ClientOptions> = {}): Promise<Stage> => {
  const [handshakes, asked, subscribed] = [
    new Seen<unknown>(),
    new Seen<() => void>(),
    new Seen<(item: number) => void>(),
  ]
  const type = new GraphQLNonNull(GraphQLInt)
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        double: {
          type,
          args: { of: { type } },
          resolve: (_, { of }: { of: number }) => new Promise((answer) => asked.add(() => answer(of * 2))),
        },
      },
    }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        items: {
          type,
          resolve: (item: number) => item,
          subscribe: () => {
            const items = new Seen<number>()
            subscribed.add(items.add)
            return (async function* () {
              for (let count = 1; ; count++) yield (await items.first(count)).at(-1)
            })()
          },
        },
      },
    }),
  })
  const backend = await serve((server) =>
    useServer({ schema, onConnect: ({ connectionParams }) => handshakes.add(connectionParams) }, server),
  )
  const client = createClient({
    url: backend.url,
    webSocketImpl: OneConnection,
    connectionParams: { token: 'open sesame' },
    lazy: false,
    onNonLazyError: () => {},
    // What breaks says so with an `error` before its `close`, which is the end for graphql-ws unless told otherwise.
    shouldRetry: () => true,
    retryAttempts: Infinity,
    retryWait: () => Promise.resolve(),
    ...options,
  })
  onTestFinished(() => client.dispose())
  return { ...backend, client, handshakes, asked, subscribed }
}

const double = async (client: Client, of: number): Promise<unknown> => {
  for await (const { data } of client.iterate<{ double: number }>({ query: `{ double(of: ${of}) }` }))
    return data?.double
  return undefined
}

test('a subscription and queries go on over several connections, each with its own handshake', async () => {
  const { client, proxy, handshakes, asked, subscribed } = await stage()
  const items = new Seen<number | undefined>()
  const failures: unknown[] = []
  client.subscribe<{ items: number }>(
    { query: 'subscription { items }' },
    { next: ({ data }) => items.add(data?.items), error: (error) => failures.push(error), complete: () => {} },
  )
  for (let round = 1; round <= 4; round++) {
    const push = (await subscribed.first(round)).at(-1)!
    push(round)
    await items.first(round)
    // The server's answer to the first one is lost, and the library asks again.
    const answer = double(client, round)
    await asked.first(2 * round - 1)
    proxy.cut()
    const again = (await asked.first(2 * round)).at(-1)!
    again()
    expect(await answer).toBe(2 * round)
  }
  await subscribed.first(5)
  expect(items.all).toEqual([1, 2, 3, 4])
  expect(handshakes.all).toEqual(Array.from({ length: 5 }, () => ({ token: 'open sesame' })))
  expect([proxy.accepted, failures]).toEqual([5, []])
  await expect.poll(() => proxy.open).toBe(1)
})

test('a server that does not answer the Upgrade is given up, and asked again', async () => {
  const { client, proxy, asked } = await stage({
    lazy: true,
    webSocketImpl: class extends HoldfastWebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { maxRetries: 0, connectionTimeout: 500 })
      }
    },
  })
  proxy.hold('both', true)
  const answer = double(client, 21)
  await expect.poll(() => proxy.accepted, { timeout: 10_000 }).toBeGreaterThan(1)
  proxy.hold('both', false)
  const [finish] = await asked.first(1)
  finish!()
  expect(await answer).toBe(42)
})

test('a line that is dead is noticed by the heartbeat, which the library never sees', async () => {
  const pongs: unknown[] = []
  const closed = new Seen<unknown>()
  const { client, proxy, subscribed } = await stage({
    lazy: true,
    webSocketImpl: class extends HoldfastWebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, {
          maxRetries: 0,
          heartbeat: {
            message: '{"type":"ping"}',
            interval: 50,
            timeout: 300,
            isPong: (data) => data === '{"type":"pong"}',
          },
        })
      }
    },
    on: { pong: (received) => pongs.push(received), closed: closed.add },
  })
  const items = new Seen<number | undefined>()
  client.subscribe<{ items: number }>(
    { query: 'subscription { items }' },
    { next: ({ data }) => items.add(data?.items), error: () => {}, complete: () => {} },
  )
  await subscribed.first(1)
  proxy.blackHole('both', true)
  expect(await closed.first(1)).toMatchObject([{ code: 1006 }])
  // Before the next one is under way.
  proxy.blackHole('both', false)
  const push = (await subscribed.first(2)).at(-1)!
  push(7)
  expect(await items.first(1)).toEqual([7])
  expect(pongs).toEqual([])
})

test('a class that connects again under it leaves connections that nobody listens to', async () => {
  const sockets: HoldfastWebSocket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.close()
  })
  const { proxy, handshakes } = await stage({
    webSocketImpl: class extends HoldfastWebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { minReconnectionDelay: 20 })
        sockets.push(this)
      }
    },
  })
  await handshakes.first(1)
  proxy.cut()
  // The library's new one, and the old one.
  await handshakes.first(3)
  await expect.poll(() => proxy.open).toBe(2)
})
