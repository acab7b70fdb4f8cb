/** tRPC over its wsLink with its own server: it connects, asks and subscribes again by itself. */
import { TRPCClientError, createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC, tracked } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { expect, onTestFinished, test } from 'vitest'
import { Seen } from '../support/seen.ts'
import { OneConnection, serve } from './support/backend.ts'

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  )

test('a subscription misses nothing and hears nothing twice; queries wait for a connection, but not over one that breaks', async () => {
  const log = new Seen<number>()
  const asked = new Seen<() => void>()
  const subscriptions = new Seen<string | undefined>()
  const { procedure, router } = initTRPC.create()
  const api = router({
    double: procedure.input((value) => value as number).query(({ input }) => input * 2),
    hang: procedure.query(() => new Promise<void>((resolve) => asked.add(resolve))),
    items: procedure
      .input((value) => value as { lastEventId?: string } | undefined)
      .subscription(async function* ({ input }) {
        subscriptions.add(input?.lastEventId)
        for (let next = Number(input?.lastEventId ?? 0) + 1; ; next++)
          yield tracked(`${next}`, (await log.first(next)).at(-1)!)
      }),
  })
  const { proxy, url } = await serve((server) => applyWSSHandler({ wss: server, router: api }))
  const client = createWSClient({ url, WebSocket: OneConnection, retryDelayMs: () => 10 })
  onTestFinished(() => client.close())
  const trpc = createTRPCClient<typeof api>({ links: [wsLink({ client })] })

  const items = new Seen<number>()
  const failures: unknown[] = []
  trpc.items.subscribe(undefined, { onData: ({ data }) => items.add(data), onError: (error) => failures.push(error) })
  const ROUNDS = 4
  for (let round = 1; round <= ROUNDS; round++) {
    await subscriptions.first(round)
    log.add(log.all.length)
    await items.first(log.all.length)
    expect(await trpc.double.query(round)).toBe(round * 2)
    const lost = rejection(trpc.hang.query())
    await asked.first(round)
    proxy.cut()
    expect(await lost).toBeInstanceOf(TRPCClientError)
    // Nobody is subscribed now.
    log.add(log.all.length)
    expect(await trpc.double.query(round)).toBe(round * 2)
  }
  expect(await items.first(2 * ROUNDS)).toEqual(log.all)
  expect(subscriptions.all).toEqual([undefined, '1', '3', '5', '7'])
  expect(items.all).toEqual(log.all)
  expect([proxy.accepted, failures]).toEqual([ROUNDS + 1, []])
  await expect.poll(() => proxy.open).toBe(1)
})
