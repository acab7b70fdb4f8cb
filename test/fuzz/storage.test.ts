import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HoldfastError } from 'holdfast'
import { seededRandom, virtualClock, virtualLifecycle } from 'holdfast/testing'
import { createSocket } from '../../src/connect.ts'
import type { Kept, OutboxStore } from '../../src/platform/storage.ts'
import { readKept } from '../../src/store/inheritance.ts'
import { persist } from '../../src/store/journal.ts'
import { virtualMemory } from '../../src/testing/memory.ts'
import { decodeFrame } from '../../src/protocol/decode.ts'
import { bytes, line } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { createServer, dialTo } from './server.ts'

const odd = fc.constantFrom<unknown>(undefined, null, '', -1, 0.5, NaN, Infinity, 2 ** 53, {}, [], 'x'.repeat(17), true)
/** Mostly what it should be. */
const mostly = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd })
const count = fc.nat(4)

const state = fc.record(
  {
    version: mostly(fc.constant(1)),
    generation: mostly(count),
    session: mostly(fc.constant('a-session-that-was-kept')),
    life: mostly(fc.constantFrom(undefined, 'h7ieyO3LUdss5XX34B2KUg')),
    carriedAt: mostly(count),
    acknowledged: mostly(count),
    got: mostly(count),
  },
  { noNullPrototype: true },
)
const frames = fc.oneof(fc.constantFrom('["say",1]', '["add",[1,2],1]', '[1,3]', '[1]'), line, bytes)
/** Rows as a journal would write them, but for what is odd; numbers as they come after `acknowledged`, or not. */
const messages = fc.array(fc.tuple(mostly(frames), fc.boolean(), odd, fc.nat(20)), { maxLength: 5 }).map((rows) =>
  rows.map(([frame, isNumbered, other, luck], i) => ({
    key: luck === 1 ? other : i + 1,
    frame,
    number: luck === 2 ? other : isNumbered ? i + 1 : undefined,
    latest: luck === 3 ? other : undefined,
    expiresAt: luck === 4 ? other : undefined,
  })),
)
const kept = fc.record({ state: mostly(state), messages }) as unknown as fc.Arbitrary<Kept>

test('what is kept is gone on with, or it is not: it never breaks the page that finds it', async () => {
  await fuzz(kept, { usual: 500, part: 0.2 }, (found) => {
    const legacy = readKept(found)
    if (!legacy) return
    const all = [...legacy.sent, ...legacy.waiting]
    expect(all.filter(({ frame }) => decodeFrame(frame) instanceof HoldfastError)).toEqual([])
    expect(all.length + legacy.stale.length).toBe(found.messages.length)
  })
})

test('a page talks on, whatever was kept for it', async () => {
  await fuzz(kept, { usual: 100, part: 0.01 }, async (found) => {
    const clock = virtualClock(1_000)
    const { core, faults } = createServer(clock)
    const rest = [found]
    const store: OutboxStore = {
      claim: (orphan) =>
        Promise.resolve(
          orphan ? undefined : { id: 'place', kept: rest.pop(), write: () => Promise.resolve(), release: () => {} },
        ),
    }
    const reported: unknown[] = []
    const socket = createSocket(
      'wss://server.test/live',
      { transport: 'websocket', outbox: { store: persist(store) } },
      {
        clock,
        random: seededRandom(1),
        lifecycle: virtualLifecycle(),
        memory: virtualMemory(),
        network: { roundTrip: () => -1 },
        transport: dialTo(core, clock),
        post: undefined,
        report: (error) => reported.push(error),
      },
    )
    socket.on('said', () => {})
    socket.send('say', 'mine')
    await clock.advance(20_000)
    const sums: unknown[] = []
    void socket.request('add', [1, 2]).then((sum) => sums.push(sum))
    await clock.advance(20_000)
    expect([sums, faults, reported]).toEqual([[2], [], []])
    void socket.close({ timeout: 0 })
    await clock.advance(200_000)
    expect([clock.pending, core.sessions.size]).toEqual([0, 0])
  })
})
