import { describe, expect, test } from 'vitest'
import { virtualClock, world } from 'holdfast/testing'
import { createAdmission } from '../../src/server/admission.ts'

/** One that wants in. */
interface Guest {
  readonly name: string
  /** How often it asked. */
  tries: number
  readonly cameAt: number
  inAt?: number
}

/** Guests who come as they are told, each with a line of its own. */
const house = (rate: number) => {
  const clock = virtualClock(1_000)
  const admission = createAdmission(rate, clock)
  const guests: Guest[] = []
  /** Instants at which somebody was let in. */
  const taken: number[] = []
  let seed = 7
  const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const come = (guest: Guest): void => {
    guest.tries++
    const retry = admission.admit(guest.name, false)
    if (!retry) {
      guest.inAt = clock.now()
      taken.push(clock.now())
    } else clock.after(retry.after + chance() * (retry.spread ?? 0) + 20 + chance() * 200, () => come(guest))
  }
  return {
    clock,
    admission,
    guests,
    taken,
    arrive() {
      const guest: Guest = { name: `guest-${guests.length}`, tries: 0, cameAt: clock.now() }
      guests.push(guest)
      come(guest)
    },
    /** The most that were let in within a second, whenever it begins. */
    most: () => {
      let most = 0
      for (let first = 0, last = 0; last < taken.length; last++) {
        while (taken[first]! <= taken[last]! - 1_000) first++
        most = Math.max(most, last - first + 1)
      }
      return most
    },
  }
}

describe('a crowd', () => {
  test('of twenty thousand at once is in after twenty seconds, never faster than the rate', async () => {
    const { clock, guests, taken, arrive, most } = house(1_000)
    for (let count = 0; count < 20_000; count++) arrive()
    expect(taken).toHaveLength(1_000)
    await clock.advance(20_000)
    expect(guests.filter(({ inAt }) => inAt === undefined)).toEqual([])
    // A second's worth of tokens, and those of that second.
    expect(most()).toBeLessThanOrEqual(2_000)
    expect(Math.max(...guests.map(({ tries }) => tries))).toBe(2)
    // Who came first is in first: nobody waits longer than its place says, and the way.
    const waited = guests.map(({ inAt, cameAt }) => inAt! - cameAt)
    expect(waited.filter((wait, index) => wait > Math.max(0, index - 999) + 250)).toEqual([])
  })

  test('that does not end starves nobody: places are kept, and who comes later waits longer', async () => {
    const { clock, guests, arrive, taken } = house(100)
    for (let tick = 0; tick < 3_000; tick++) {
      for (let count = 0; count < 3; count++) arrive()
      await clock.advance(20)
    }
    // 150 a second come and 100 are taken: after a minute the queue is half a minute long.
    const early = guests.slice(0, guests.length / 2)
    expect(early.filter(({ inAt }) => inAt === undefined)).toEqual([])
    expect(Math.max(...early.map(({ tries }) => tries))).toBe(2)
    const order = early.map(({ inAt }) => inAt!)
    expect(order.filter((inAt, index) => inAt < (order[index - 1] ?? 0) - 300)).toEqual([])
    expect(taken.length).toBeGreaterThan(5_800)
    expect(taken.length).toBeLessThanOrEqual(6_100)
  })

  test('that has gone home keeps the next ones waiting for no longer than its places are kept', async () => {
    const clock = virtualClock(1_000)
    const admission = createAdmission(100, clock)
    for (let count = 0; count < 1_000; count++) admission.admit(`gone-${count}`, false)
    await clock.advance(9_000)
    expect(admission.admit('late', false)).toEqual({ after: 10 })
    await clock.advance(10)
    expect(admission.admit('late', false)).toBeUndefined()
    await clock.advance(11_000)
    for (let count = 0; count < 100; count++) expect(admission.admit(`new-${count}`, false)).toBeUndefined()
    expect(admission.admit('one too many', false)).toEqual({ after: 10 })
  })

  test('of more than places are kept for is spread behind them', () => {
    const admission = createAdmission(1_000, virtualClock())
    for (let count = 0; count < 101_000; count++) admission.admit(`guest-${count}`, false)
    expect(admission.admit('another', false)).toEqual({ after: 100_001, spread: 100_001 })
    expect(admission.admit('and another', false)).toEqual({ after: 100_001, spread: 100_001 })
  })
})

describe('one that was told when to come', () => {
  test('and comes earlier keeps its place', async () => {
    const clock = virtualClock()
    const admission = createAdmission(1, clock)
    const [first, second] = [admission.admit('a', false), admission.admit('b', false)]
    expect([first, second, admission.admit('c', false)]).toEqual([undefined, { after: 1_000 }, { after: 2_000 }])
    await clock.advance(400)
    expect([admission.admit('c', false), admission.admit('b', false)]).toEqual([{ after: 1_600 }, { after: 600 }])
    await clock.advance(1_000)
    expect([admission.admit('d', false), admission.admit('b', false)]).toEqual([{ after: 1_600 }, undefined])
  })

  test('and comes late, with many others, is too many again at worst, and comes before those without a place', async () => {
    const clock = virtualClock()
    const admission = createAdmission(10, clock)
    for (let count = 0; count < 60; count++) admission.admit(`guest-${count}`, false)
    await clock.advance(5_000)
    const answers = Array.from({ length: 50 }, (_, index) => admission.admit(`guest-${index + 10}`, false))
    expect(answers.filter((answer) => !answer)).toHaveLength(10)
    expect(answers.at(-1)).toEqual({ after: 100, spread: 1_000 })
    await clock.advance(100)
    expect(admission.admit('new', false)).toMatchObject({ after: expect.any(Number) as unknown })
    expect(admission.admit('guest-59', false)).toBeUndefined()
  })
})

test('a session that is connected here may move, up to a second’s worth beyond the rate', () => {
  const admission = createAdmission(10, virtualClock())
  for (let count = 0; count < 10; count++) expect(admission.admit(`${count}`, false)).toBeUndefined()
  expect(admission.admit('new', false)).toBeDefined()
  for (let count = 0; count < 10; count++) expect(admission.admit(`here-${count}`, true)).toBeUndefined()
  expect(admission.admit('here', true)).toBeDefined()
})

test('no rate is no rate', () => {
  const admission = createAdmission(Infinity, virtualClock())
  const answers = Array.from({ length: 10_000 }, (_, index) => admission.admit(`${index}`, false))
  expect(answers.filter(Boolean)).toEqual([])
})

test.each(['websocket', 'http'] as const)(
  'a hundred real clients at once, over %s, are in as fast as the rate lets them, and nothing is lost',
  async (transport) => {
    const said = new Set<unknown>()
    const here = world({
      clients: 100,
      server: { limits: { connectRate: 10 } },
      client: () => ({ transport }),
      serve: (core) => void core.on('session', (session) => session.on('say', (name) => said.add(name))),
    })
    for (const [index, { socket }] of here.tabs.entries()) socket.send('say', index)
    const isOpen = (): number => here.tabs.filter(({ socket }) => socket.status.get().state === 'open').length
    await here.clock.advance(1_000)
    expect(isOpen()).toBeLessThanOrEqual(20)
    await here.clock.advance(10_500)
    expect([isOpen(), said.size]).toEqual([100, 100])
    expect(here.server.core.errors).toEqual({ 'try-later': 90 })
  },
)
