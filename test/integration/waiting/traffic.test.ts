/** 50 messages a second each way, while what carries them is broken, blocked or changed: nothing lost, doubled or out of order. */
import type { ConnectOptions, TransportName } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type Chatter, chatBack } from '../../chaos/chatter.ts'
import { unharmed } from '../../chaos/ledger.ts'
import { type Survival, describeSurvival, survive } from '../../chaos/survive.ts'
import type { Blockade } from '../../tools/http-faults.ts'
import { type Backend, serve } from '../support/backend.ts'
import { type Finished, load, type Page } from '../support/page.ts'

/** Messages a second, each way. */
const rate = 50

interface Counter extends Page<Chatter> {
  /** What carried the session, each change of it. */
  readonly transports: readonly (TransportName | null)[]
}

function count(url: string, options: ConnectOptions, finished: Finished): Counter {
  const page = load<Chatter>(url, options, finished)
  const transports: (TransportName | null)[] = []
  page.socket.status.subscribe(({ transport }) => {
    if (transport !== transports.at(-1)) transports.push(transport)
  })
  return { ...page, transports }
}

async function counting(latency: number, finished: Finished): Promise<Backend<Chatter, unknown>> {
  const backend = await serve<Chatter>({ session: chatBack }, finished)
  backend.proxy.latency(latency)
  backend.proxy.handshakes(true)
  return backend
}

/** Nothing was harmed, and there was enough that could have been. */
function expectUnharmed({ up, down, duration }: Survival, longestGap: number): void {
  expect({ up, down }).toMatchObject({ up: unharmed, down: unharmed })
  expect(Math.min(up.sent, down.sent)).toBeGreaterThan((duration / 1_000) * (rate / 2))
  expect(Math.max(up.longestGap, down.longestGap)).toBeLessThan(longestGap)
}

describe.concurrent('a blockade', () => {
  test.for(['403', 'stripped', 'hang', 'swallowed', 'killed'] as const satisfies readonly Blockade[])(
    '%s: the session goes on by HTTP, and nothing is tried over and over',
    async (blockade, { annotate, onTestFinished }) => {
      const { proxy, sessions, url } = await counting(50, onTestFinished)
      proxy.block(blockade)
      const { socket, transports } = count(url, {}, onTestFinished)
      const figures = await survive(socket, { cut: () => 0, duration: 14_000, rate, pause: [500, 500] })
      const [upgrades, posts] = [proxy.requests('UPGRADE'), proxy.requests('POST')]
      await annotate(
        `${describeSurvival(figures)}; ${upgrades} Upgrades, ${posts} POSTs, ${proxy.accepted} connections; ${transports.join(', ')}`,
      )
      const deaths = blockade === 'killed' ? 3 : 0
      // A connection that broke is followed by another within the first range of the backoff, a second.
      expectUnharmed(figures, deaths > 0 ? 2_500 : 1_000)
      expect(transports.slice(1).filter((transport) => transport === null)).toHaveLength(deaths)
      expect(['http-stream', 'long-polling']).toContain(transports.at(-1))
      expect([upgrades, sessions.all.length]).toEqual([Math.max(1, deaths), 1])
      // One push a round trip, and the streams.
      expect(posts).toBeLessThan(figures.duration / 100 + 20)
      expect(proxy.accepted).toBeLessThanOrEqual(upgrades + 8)
    },
  )
})

test.concurrent(
  'from WebSocket to HTTP and back, each second for 30 s: no gap of a second',
  async ({ annotate, onTestFinished }) => {
    const { proxy, sessions, url, server } = await counting(20, onTestFinished)
    // What a reconnection waits by chance is not what is measured.
    const backoff = { base: 20, factor: 1, max: 20, jitter: 0 }
    const { socket, transports, happen } = count(url, { backoff }, onTestFinished)
    const figures = await survive(socket, {
      cut() {
        if (socket.status.get().transport === 'websocket') {
          proxy.block('403')
          return proxy.cut()
        }
        proxy.unblock()
        happen('network')
        return 0
      },
      duration: 30_000,
      rate,
      pause: [1_000, 1_000],
    })
    const isHttp = (transport: TransportName | null | undefined): boolean =>
      transport === 'http-stream' || transport === 'long-polling'
    const byWebSocket = transports.filter((transport) => transport === 'websocket').length
    const byHttp = transports.filter((transport, index) => isHttp(transport) && !isHttp(transports[index - 1])).length
    await annotate(
      `${describeSurvival(figures)}; ${byWebSocket} times by WebSocket, ${byHttp} by HTTP, ${proxy.requests('POST')} POSTs`,
    )
    expectUnharmed(figures, 1_000)
    expect(Math.min(byWebSocket, byHttp)).toBeGreaterThanOrEqual(10)
    expect([sessions.all.length, socket.errors, server.errors]).toEqual([1, {}, {}])
  },
)
