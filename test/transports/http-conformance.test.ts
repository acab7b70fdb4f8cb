/** The HTTP carrier against the suite that every transport has to pass, with what stands between it and its server. */
import { describe, expect, test } from 'vitest'
import {
  type Fate,
  type FarEnd,
  type Packet,
  seededRandom,
  type TransportHarness,
  transportCases,
  virtualClock,
  virtualNetwork,
} from 'holdfast/testing'
import { createBudgets } from '../../src/server/budget.ts'
import { createHttpCarriers } from '../../src/server/http-carrier.ts'
import { createHttpTransport } from '../../src/transports/http.ts'

interface Circumstances {
  readonly mayStream?: boolean
  /** What becomes of an exchange; those that are repeated when they fail are counted from 0. */
  readonly fate?: (count: number) => Fate
}

const createHarness = ({ fate = () => 'open', mayStream = true }: Circumstances): TransportHarness => {
  const clock = virtualClock()
  const random = seededRandom(1)
  const network = virtualNetwork({ clock, random: random.fork() })
  let count = 0
  network.fate((_, host, __, body = '') => {
    if (host === 'hanging') return 'hang'
    // What opens a carrier and what closes it is posted once.
    return /"push":1,|"close":true/.test(body) ? 'open' : fate(count++)
  })
  const accepted: FarEnd[] = []
  /** A server that knows no carrier of the one before. */
  const start = (): void => {
    const carriers = createHttpCarriers({
      clock: clock.view(),
      messageBytes: 2 ** 20,
      bufferedBytes: 2 ** 24,
      budgets: createBudgets(Infinity),
      carriers: 100,
      accept: (carrier) => {
        const received: Packet[] = []
        let closed: number | undefined
        accepted.push({
          received,
          get closed() {
            return closed
          },
          send: carrier.send,
          close: carrier.close,
          drop: start,
        })
        return {
          message: (packet) => received.push(packet),
          fault: (error) => {
            throw error
          },
          close: () => (closed = 1006),
        }
      },
      isAllowed: () => true,
    })
    network.listen('host', { exchange: carriers.exchange })
  }
  start()
  return {
    transport: createHttpTransport({ post: network.client('a').post, clock: clock.view(), random }, mayStream),
    url: 'wss://host/',
    refusingUrl: 'wss://refusing/',
    hangingUrl: 'wss://hanging/',
    accepted,
    until: async (condition) => {
      if (!(await clock.runUntil(condition, 60_000))) throw new Error('it did not happen within 60 s')
    },
    settle: () => clock.advance(10_000),
  }
}

describe.each<[string, Circumstances]>([
  ['with answers that go on', {}],
  ['by long polling', { mayStream: false }],
  ['behind a proxy that buffers', { fate: () => 'buffer' }],
  ['behind a proxy that is impatient', { fate: () => ({ patience: 3_000 }) }],
  ['behind a proxy that cuts what takes long', { fate: () => ({ patience: 3_000, cut: true }) }],
  ['where answers are lost', { fate: (count) => (count % 3 === 2 ? 'lose-answer' : 'open') }],
  ['where proxies fail', { fate: (count) => (count % 3 === 2 ? { status: 502 } : 'open') }],
  ['where requests are lost', { mayStream: false, fate: (count) => (count % 3 === 2 ? 'drop' : 'open') }],
])('the HTTP carrier is a conforming transport, %s', (_, circumstances) => {
  test.each(transportCases)('$name', async ({ run }) => {
    await expect(run(createHarness(circumstances))).resolves.toBeUndefined()
  })
})
