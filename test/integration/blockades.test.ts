/**
 * What a page's first message costs where something breaks WebSockets, until the server's listener has it, in round trips. They
 * are counted in the proxy's log (who waited for whom), because a clock counts a busy machine as well; only patience is timed.
 */
import type { CarrierEntry, ConnectOptions, TransportName } from 'holdfast'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Blockade } from '../tools/http-faults.ts'
import { type Backend, type Chat, open, serve } from './support/backend.ts'
import { Seen } from './support/seen.ts'

const latency = 50
const roundTrip = 2 * latency
/** Round trips by which a timer may be late on a busy machine, and the clock's whole account differ from the log's. */
const late = 0.5
const margin = 2

const blockades = ['403', 'stripped', 'hang', 'swallowed', 'killed'] as const satisfies readonly Blockade[]

/** What the browser keeps from one page to the next. */
const kept = new Map<string, string>()

/** The round trip that a page knows of: on a busy machine it is longer than the network's, and so is what depends on it. */
function measuredRoundTrip(): number {
  const [memory = '{}'] = kept.values()
  return (JSON.parse(memory) as { roundTrip?: number }).roundTrip ?? roundTrip
}

beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

interface Visit {
  /** Round trips until the first message was there: flights, and what was waited for in vain. */
  readonly cost: number
  /** The same, by the clock alone. */
  readonly elapsed: number
  /** What carried the session when the message was acknowledged. */
  readonly transport: TransportName | null
  /** `event carrier`, and why, if there is a why. */
  readonly steps: readonly string[]
  readonly upgrades: number
  readonly posts: number
}

interface Stage {
  readonly backend: Backend<Chat, unknown>
  /** Loads a page that sends a message, and leaves it again. */
  visit(options?: ConnectOptions): Promise<Visit>
}

async function stage(): Promise<Stage> {
  /** Each message, when it came, and how long the log was then. */
  const there = new Seen<{ readonly text: string; readonly at: number; readonly logged: number }>()
  const backend = await serve({
    session(session) {
      session.on('say', (text) => there.add({ text, at: performance.now(), logged: proxy.log.length }))
    },
  })
  const { proxy } = backend
  proxy.latency(latency)
  proxy.handshakes(true)
  let pages = 0

  return {
    backend,
    async visit(options) {
      const text = `first message of page ${++pages}`
      const known = proxy.exchanges.length
      const unit = measuredRoundTrip()
      const trace: CarrierEntry[] = []
      const start = performance.now()
      const socket = open(backend.url, { ...options, trace: (entry) => entry.type === 'carrier' && trace.push(entry) })
      socket.send('say', text)
      const { at, logged } = await there.find((message) => message.text === text)
      await socket.flush()
      const { transport } = socket.status.get()
      const exchanges = proxy.exchanges.slice(known)
      await leave(backend, socket)

      /** A connection costs one round trip, and each flight on it half of one. */
      const flown = (connection: number): number => {
        const passages = proxy.log.slice(0, logged).filter((passage) => passage.connection === connection)
        return 1 + passages.filter(({ direction }, i) => direction !== passages[i - 1]?.direction).length / 2
      }
      const upgrades = exchanges.filter(({ request }) => request.isUpgrade)
      const posts = exchanges.filter(({ request }) => !request.isUpgrade)
      const bearer = posts.find(({ request }) => request.text.includes(text)) ?? upgrades[0]!
      const fallback = trace.findIndex(({ event, carrier }) => event === 'dial' && carrier === 'http')
      const isRefused = trace.slice(0, Math.max(0, fallback)).some(({ event }) => event === 'failed')
      const patience = ((trace[fallback]?.at ?? 0) - trace[0]!.at) / unit
      const before = bearer.request.isUpgrade ? 0 : isRefused ? flown(upgrades[0]!.connection) : patience
      return {
        cost: before + flown(bearer.connection),
        elapsed: (at - start) / roundTrip,
        transport,
        steps: trace.map(({ event, carrier, cause }) => [event, carrier, cause?.code].filter(Boolean).join(' ')),
        upgrades: upgrades.length,
        posts: posts.length,
      }
    },
  }
}

/** The next page finds none of this one's connections. */
async function leave({ proxy }: Stage['backend'], socket: ReturnType<typeof open>): Promise<void> {
  await socket.close()
  proxy.cut()
  // `fetch` has to notice, or it would send the next request into one of them; a timer may come before what the network brings.
  await new Promise((resolve) => setTimeout(resolve, 30))
  await new Promise(setImmediate)
}

const refused = ['dial websocket', 'failed websocket unreachable', 'dial http', 'claim http', 'heard http']
const straight = ['dial http', 'claim http', 'heard http']

/** What the first message may cost, what was tried, and why that was left. */
const expected: Readonly<Record<Blockade, readonly [most: number, steps: readonly string[]]>> = {
  '403': [3.6, refused],
  stripped: [3.6, refused],
  hang: [5.7, ['dial websocket', ...straight]],
  swallowed: [5.7, ['dial websocket', 'claim websocket', 'dial http', 'claim http', 'drop websocket', 'heard http']],
  killed: [2.6, ['dial websocket', 'claim websocket', 'heard websocket']],
}

const figures = ({ cost, elapsed }: Visit): string => `${cost.toFixed(2)} (by the clock: ${elapsed.toFixed(2)})`

describe.each(blockades)('%s', (blockade) => {
  const [most, steps] = expected[blockade]
  const isLeft = blockade !== 'killed'

  test(`with a known round trip: the first message after ${most} of them; on the next page, at once`, async ({
    annotate,
  }) => {
    const { backend, visit } = await stage()
    await visit()
    backend.proxy.block(blockade)
    const first = await visit()
    const next = await visit()
    await annotate(`first page: ${figures(first)}; next page: ${figures(next)}`)
    expect(first.steps).toEqual(steps)
    expect(first.transport).toBe(isLeft ? 'http-stream' : 'websocket')
    expect(first.cost).toBeLessThanOrEqual(most + (blockade === 'hang' || blockade === 'swallowed' ? late : 0))
    expect(first.elapsed).toBeLessThanOrEqual(most + margin)
    if (!isLeft) return
    expect(next).toMatchObject({ steps: straight, cost: 1.5, upgrades: 0 })
    expect(next.elapsed).toBeLessThanOrEqual(1.5 + margin)
    // The opening, and what it streams, and the end.
    expect(next.posts).toBeLessThanOrEqual(4)
  })

  test('with a fast start: after 1.6 round trips', async ({ annotate }) => {
    const { backend, visit } = await stage()
    backend.proxy.block(blockade)
    const fast = await visit({ fastStart: true })
    await annotate(figures(fast))
    expect(fast.steps.slice(0, 3)).toEqual(['dial http', 'dial websocket', 'claim http'])
    expect(fast.cost).toBeLessThanOrEqual(1.6)
    expect(fast.elapsed).toBeLessThanOrEqual(1.6 + margin)
    expect([fast.upgrades, fast.posts <= 5]).toEqual([1, true])
  })
})

test.each(['hang', 'swallowed'] as const)('%s, and nothing known: after 2.2 s at most', async (blockade) => {
  const { backend, visit } = await stage()
  backend.proxy.block(blockade)
  const { elapsed, steps } = await visit()
  expect(steps).toEqual(expected[blockade][1])
  expect(elapsed).toBeLessThanOrEqual(22 + margin)
})

test('nothing in the way: after 2.5 round trips by WebSocket, and 1.6 with a fast start', async () => {
  const { visit } = await stage()
  expect(await visit()).toMatchObject({ cost: 2.5, transport: 'websocket', upgrades: 1, posts: 0 })
  const fast = await visit({ fastStart: true })
  expect(fast.cost).toBeLessThanOrEqual(1.6)
  expect(fast.posts).toBeLessThanOrEqual(4)
})
