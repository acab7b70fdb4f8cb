/** A test server in the time of whoever fakes timers, from before the first connection or under one that is open. */
import { ModernFakeTimers } from '@jest/fake-timers'
import { connect } from 'holdfast'
import { createTestServer } from 'holdfast/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

interface Chat {
  toServer: { say: string }
}

interface Timers {
  /** Whose they are. */
  readonly name: string
  readonly fake: () => void
  readonly advance: (ms: number) => Promise<unknown>
  readonly real: () => void
}

const jest = new ModernFakeTimers({
  global: globalThis,
  config: { fakeTimers: {}, rootDir: '.', testEnvironment: 'node' },
} as never)

/** Then page and server agree on the time no further than their own timers tell it. */
const WITHOUT_CLOCK = 'vitest, without a clock'

const timers: readonly Timers[] = [
  { name: 'vitest', fake: () => vi.useFakeTimers() },
  { name: WITHOUT_CLOCK, fake: () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) },
  { name: 'vitest, in 1970', fake: () => vi.useFakeTimers({ now: 0 }) },
].map(({ name, fake }) => ({
  name,
  fake,
  advance: (ms) => vi.advanceTimersByTimeAsync(ms),
  real: () => vi.useRealTimers(),
}))
const all: readonly Timers[] = [
  ...timers,
  {
    name: 'jest',
    fake: () => jest.useFakeTimers(),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    real: () => jest.useRealTimers(),
  },
]

describe.each(all)('the timers of $name', ({ name, fake, advance, real }) => {
  const cases = [
    ['are there first', true, 'websocket'],
    ['are there first, over HTTP', true, 'http'],
    ['come later', false, 'websocket'],
    ['come later, over HTTP', false, 'http'],
  ] as const
  // By HTTP, a page measures how long the server held its answers.
  const possible = cases.filter(([, , transport]) => transport === 'websocket' || name !== WITHOUT_CLOCK)

  test.each(possible)('%s', async (_, isFirst, transport) => {
    onTestFinished(real)
    if (isFirst) fake()
    const server = createTestServer<Chat>()
    onTestFinished(() => server.close())
    server.install()
    const sockets = [
      connect<Chat>('wss://example.com/live', { transport, heartbeat: { timeout: 5_000 } }),
      server.connect({ transport, heartbeat: { timeout: 5_000 } }),
    ]
    const states = (): string[] => sockets.map(({ status }) => status.get().state)
    if (!isFirst) {
      await vi.waitUntil(() => states().every((state) => state === 'open'), { interval: 1 })
      fake()
    }
    await advance(100)
    expect(states()).toEqual(['open', 'open'])

    // A dead line is found out, unless that was begun in another time; and a try follows a try.
    server.network.fate(isFirst ? 'hang' : 'refuse')
    if (isFirst) server.network.stall()
    else server.network.cut()
    await advance(60_000)
    expect(states()).not.toContain('open')
    for (const socket of sockets) socket.send('say', 'hello')
    server.network.fate('open')
    server.network.heal()
    await advance(60_000)
    expect(states()).toEqual(['open', 'open'])
    expect(server.received('say')).toEqual(['hello', 'hello'])
  })
})

test('whoever waits in a time that stands still is told', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  using server = createTestServer<Chat>()
  server.connect().send('say', 'hello')
  await expect(server.next('say', { timeout: 5 })).rejects.toThrow('Timers are faked: let time pass')
  await vi.advanceTimersByTimeAsync(10)
  expect(await server.next('say')).toBe('hello')
})
