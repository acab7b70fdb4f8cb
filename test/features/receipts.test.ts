import { describe, expect, test } from 'vitest'
import type { ConnectOptions, HoldfastError, Receipt } from 'holdfast'
import { type Conditions, type Tab, type World, world } from 'holdfast/testing'
import { watchedSignal } from '../tools/watched-signal.ts'

interface Life {
  readonly here: World
  readonly tab: Tab
  readonly heard: unknown[]
}
const live = async (client: ConnectOptions = {}, conditions: Partial<Conditions> = {}): Promise<Life> => {
  const heard: unknown[] = []
  const here = world({
    conditions,
    client: () => client,
    serve: (core) => void core.on('session', (session) => void session.on('say', (data) => heard.push(data))),
  })
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, heard }
}
const goOffline = async ({ here, tab }: Life): Promise<void> => {
  tab.network.offline()
  await here.clock.advance(100)
}
const comeBack = async ({ here, tab }: Life): Promise<void> => {
  tab.network.online()
  await here.clock.advance(30_000)
}
/** `delivered`, or the code of why not, as soon as it is known. */
const fatesOf = (receipts: readonly Receipt[]): string[] => {
  const fates = receipts.map(() => 'open')
  for (const [index, { delivered }] of receipts.entries())
    void delivered.then(
      () => (fates[index] = 'delivered'),
      (error: unknown) => (fates[index] = (error as HoldfastError).code),
    )
  return fates
}
/** What was promised is told. */
const told = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

describe('delivered', () => {
  test('resolves when the listeners at the other side have returned, and not before', async () => {
    const { here, tab, heard } = await live()
    const fates = fatesOf([tab.socket.send('say', 1)])
    await here.clock.advance(20)
    expect([heard, fates]).toEqual([[], ['open']])
    await here.clock.advance(1_500)
    expect([heard, fates]).toEqual([[1], ['delivered']])
  })

  test('resolves over a connection that breaks, once, and for whoever asks late', async () => {
    const life = await live()
    await goOffline(life)
    const receipts = [1, 2, 3].map((number) => life.tab.socket.send('say', number))
    const early = fatesOf(receipts)
    await comeBack(life)
    expect(life.heard).toEqual([1, 2, 3])
    expect(early).toEqual(['delivered', 'delivered', 'delivered'])
    const late = fatesOf(receipts)
    await told()
    expect(late).toEqual(early)
  })

  test('of the server’s messages, too', async () => {
    const { here, tab } = await live()
    const [session] = here.server.core.sessions
    tab.socket.on('news', () => {})
    const fates = fatesOf([session!.send('news', 1)])
    expect(session!.bufferedAmount).toBe('["news",1]'.length)
    await here.clock.advance(2_000)
    expect([fates, session!.bufferedAmount]).toEqual([['delivered'], 0])
  })

  test('rejects with `expired` when its time has come, though there is no connection', async () => {
    const life = await live()
    await goOffline(life)
    const receipts = [100, 5_000].map((ttl) => life.tab.socket.send('say', ttl, { ttl }))
    const fates = fatesOf(receipts)
    await life.here.clock.advance(100)
    expect(fates).toEqual(['expired', 'open'])
    expect([life.tab.socket.errors, life.tab.socket.status.get().queued]).toEqual([{ expired: 1 }, 1])
    await comeBack(life)
    expect([fates, life.heard]).toEqual([['expired', 'delivered'], [5_000]])
  })

  test('rejects with `dropped` where a newer one took its place, which is no error of anybody’s', async () => {
    const life = await live()
    await goOffline(life)
    const fates = fatesOf([1, 2].map((number) => life.tab.socket.send('say', number, { latest: 'k' })))
    await comeBack(life)
    expect([fates, life.heard, life.tab.socket.errors]).toEqual([['dropped', 'delivered'], [2], {}])
  })

  test('of a volatile one nobody knows', async () => {
    const { tab } = await live()
    const fates = fatesOf([tab.socket.send('say', 1, { volatile: true })])
    await told()
    expect(fates).toEqual(['in-doubt'])
  })

  test('nobody is bothered who did not ask', async () => {
    const life = await live({ outbox: { maxMessages: 1, overflow: 'drop-oldest' } })
    await goOffline(life)
    for (let number = 0; number < 5; number++) life.tab.socket.send('say', number)
    life.tab.socket.send('say', 5, { ttl: 1 })
    await comeBack(life)
    await life.tab.socket.close()
    expect(life.tab.socket.errors).toEqual({ dropped: 5, expired: 1 })
  })
})

describe('a session that is lost', () => {
  test('`resend`: what was in doubt is delivered in the next session, and its receipt says so', async () => {
    const { here, tab, heard } = await live()
    for (const link of here.network.links) link.halfOpen('up')
    const fates = fatesOf([tab.socket.send('say', 1)])
    await here.clock.advance(100)
    here.restart()
    await here.clock.advance(60_000)
    expect([fates, heard]).toEqual([['delivered'], [1]])
  })

  test('`reject`: it is in doubt', async () => {
    const { here, tab, heard } = await live({ inDoubt: 'reject' })
    for (const link of here.network.links) link.halfOpen('up')
    const fates = fatesOf([tab.socket.send('say', 1)])
    await here.clock.advance(100)
    here.restart()
    await here.clock.advance(60_000)
    expect([fates, heard]).toEqual([['in-doubt'], []])
  })

  test('a draining server splits exactly: what it had is delivered, though it never said so before', async () => {
    const { here, tab, heard } = await live({ inDoubt: 'reject' })
    const fates = fatesOf([tab.socket.send('say', 1)])
    await here.clock.advance(60)
    expect(heard).toEqual([1])
    const more = fatesOf([tab.socket.send('say', 2)])
    here.server.core.close({ retry: { after: 100 } })
    await here.clock.advance(100)
    here.restart()
    await here.clock.advance(10_000)
    expect([fates, more, heard]).toEqual([['delivered'], ['delivered'], [1, 2]])
  })
})

describe('a socket that closes', () => {
  test('tells of each message: closed, in doubt, or delivered', async () => {
    const life = await live()
    const { here, tab } = life
    const receipts = [tab.socket.send('say', 1)]
    await here.clock.advance(2_000)
    for (const link of here.network.links) link.halfOpen('up')
    receipts.push(tab.socket.send('say', 2))
    await here.clock.advance(10)
    await goOffline(life)
    receipts.push(tab.socket.send('say', 3))
    const fates = fatesOf(receipts)
    void tab.socket.close({ timeout: 0 })
    await told()
    expect(fates).toEqual(['delivered', 'in-doubt', 'closed'])
  })
})

describe('a signal', () => {
  test('withdraws what was not sent yet', async () => {
    const life = await live()
    await goOffline(life)
    const controller = new AbortController()
    const fates = fatesOf([
      life.tab.socket.send('say', 1, { signal: controller.signal }),
      life.tab.socket.send('say', 2),
    ])
    controller.abort('changed my mind')
    await comeBack(life)
    expect([fates, life.heard, life.tab.socket.errors]).toEqual([['aborted', 'delivered'], [2], {}])
  })

  test('comes too late for what was sent', async () => {
    const { here, tab, heard } = await live()
    const controller = new AbortController()
    const fates = fatesOf([tab.socket.send('say', 1, { signal: controller.signal })])
    await here.clock.advance(1)
    controller.abort()
    await here.clock.advance(2_000)
    expect([fates, heard]).toEqual([['delivered'], [1]])
  })

  test('that has aborted sends nothing', async () => {
    const { tab } = await live()
    expect(() => tab.socket.send('say', 1, { signal: AbortSignal.abort(new Error('no')) })).toThrow('no')
    expect(tab.socket.bufferedAmount).toBe(0)
  })

  test('is not listened to any longer than there is something to withdraw', async () => {
    const { here, tab } = await live()
    const { controller, listeners } = watchedSignal()
    const { signal } = controller
    for (let number = 0; number < 5; number++) tab.socket.send('say', number, { signal })
    expect(listeners).toHaveLength(5)
    await here.clock.advance(2_000)
    expect(listeners).toHaveLength(0)
  })
})

describe('where there is no room', () => {
  const fill = async (overflow: 'reject' | 'drop-oldest' | 'drop-newest'): Promise<Life & { fates: string[] }> => {
    const life = await live({ outbox: { maxMessages: 2, overflow } })
    await goOffline(life)
    const fates = fatesOf([1, 2].map((number) => life.tab.socket.send('say', number)))
    return { ...life, fates }
  }

  test('`reject` throws at the call', async () => {
    const life = await fill('reject')
    expect(() => life.tab.socket.send('say', 3)).toThrow(expect.objectContaining({ code: 'overflow' }))
    await comeBack(life)
    expect([life.heard, life.fates]).toEqual([
      [1, 2],
      ['delivered', 'delivered'],
    ])
  })

  test.each([
    ['drop-oldest', ['dropped', 'delivered', 'delivered'], [2, 3]],
    ['drop-newest', ['delivered', 'delivered', 'dropped'], [1, 2]],
  ] as const)('`%s` tells of each drop', async (overflow, expected, heard) => {
    const life = await fill(overflow)
    const errors: HoldfastError[] = []
    life.tab.socket.onError((error) => errors.push(error))
    const third = fatesOf([life.tab.socket.send('say', 3)])
    expect(errors.map(({ code, message }) => [code, message])).toEqual([['dropped', expect.stringContaining('"say"')]])
    await comeBack(life)
    expect([[...life.fates, ...third], life.heard, life.tab.socket.errors]).toEqual([expected, heard, { dropped: 1 }])
  })

  test.each(['drop-oldest', 'drop-newest'] as const)('`%s`: a request that is dropped rejects', async (overflow) => {
    const life = await live({ outbox: { maxMessages: 1, overflow } })
    await goOffline(life)
    const outcomes = ['first', 'second'].map((name) =>
      life.tab.socket.request(name).catch((error: unknown) => (error as HoldfastError).code),
    )
    await comeBack(life)
    const order = overflow === 'drop-oldest' ? ['dropped', 'unknown-request'] : ['unknown-request', 'dropped']
    expect(await Promise.all(outcomes)).toEqual(order)
  })
})

test('a carrier that cannot keep up is not given what could still be replaced', async () => {
  // 64 kB a second: what is given to the carrier at once takes seconds to leave it.
  const { here, tab, heard } = await live({}, { bandwidth: 64_000 })
  const block = 'x'.repeat(60_000)
  for (let index = 0; index < 12; index++) tab.socket.send('say', block)
  await here.clock.advance(1)
  expect(tab.socket.status.get().queued).toBeGreaterThan(5)
  for (let number = 0; number < 100; number++) {
    tab.socket.send('say', number, { latest: 'position' })
    await here.clock.advance(10)
  }
  expect(tab.socket.status.get().queued).toBeLessThan(10)
  await here.clock.advance(30_000)
  expect(heard.filter((data) => data === block)).toHaveLength(12)
  expect(heard.filter((data) => typeof data === 'number')).toEqual([99])
})
