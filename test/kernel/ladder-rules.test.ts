import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from 'holdfast/testing'
import type { Rung } from '../../src/kernel/ladder.ts'
import { type Fate, type Happening, type LadderSettings, type Regime, liveLadder } from './ladder-life.ts'

const delay = fc.oneof(fc.nat(30), fc.nat(1_500), fc.nat(15_000))
const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ opens: delay, answers: delay }) },
  { weight: 2, arbitrary: fc.record({ refused: delay }) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ opens: delay }) },
  { weight: 2, arbitrary: fc.record({ opens: delay, answers: delay, dies: fc.oneof(delay, fc.nat(60_000)) }) },
  { weight: 1, arbitrary: fc.record({ opens: delay, dies: delay }) },
)
/** What is made of requests opens without asking anybody. */
const http = fc.oneof(
  fates.map((fate): Fate => (fate.opens === undefined ? fate : { ...fate, opens: 0 })),
  fates,
)
const regimes: fc.Arbitrary<Regime> = fc.record({ websocket: fates, http, bare: fates })
const settings: fc.Arbitrary<LadderSettings> = fc.record({
  transport: fc.constantFrom('auto', 'auto', 'auto', 'websocket', 'http'),
  fastStart: fc.boolean(),
  fallbackAfter: fc.constantFrom(0, 500, 2_000),
  roundTrip: fc.oneof(fc.constant(-1), fc.nat(500)),
  handshake: fc.constantFrom(2, 4),
})
const happenings: fc.Arbitrary<Happening> = fc.record({
  after: fc.oneof(fc.nat(1_000), fc.nat(40_000), fc.nat(700_000)),
  do: fc.constantFrom('regime', 'regime', 'network', 'drop', 'died'),
  regime: regimes,
})

interface World {
  readonly options: LadderSettings
  readonly first: Regime
  readonly story: readonly Happening[]
  readonly seed: number
}
const worlds: fc.Arbitrary<World> = fc.record({
  options: settings,
  first: regimes,
  story: fc.array(happenings, { maxLength: 8 }),
  seed: fc.nat(),
})

const live = ({ options, first, story, seed }: World) => {
  const life = liveLadder(options, first, seededRandom(seed).float)
  for (const happening of story) {
    life.pass(happening.after)
    if (happening.do === 'regime') life.regime(happening.regime)
    else life.happen(happening.do)
  }
  return life
}

test('whatever carriers do, the rules hold', () => {
  const property = fc.property(worlds, (world) => {
    const life = live(world)
    life.pass(100_000)
    expect(life.complaints).toEqual([])
    expect(life.dials.filter(({ isBare }) => isBare).length).toBeLessThan(2)
  })
  fc.assert(property, { numRuns: 1_000 })
}, 60_000)

/** What works, and how well: slow servers answer late, though their carriers open soon. */
const working: fc.Arbitrary<Fate> = fc.record({ opens: fc.nat(1_500), answers: fc.nat(1_500) })
/** With the longest that the other one is waited for, in time for a try. */
const slow: fc.Arbitrary<Fate> = fc.record({ opens: fc.nat(2_000), answers: fc.integer({ min: 1_000, max: 3_000 }) })
const broken: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ refused: fc.nat(3_000) }),
  fc.constant({}),
  fc.record({ opens: fc.nat(1_500) }),
  fc.record({ opens: fc.nat(1_500), dies: fc.nat(3_000) }),
)

describe.each<[Rung, Rung]>([
  ['websocket', 'http'],
  ['http', 'websocket'],
])('where only %s works', (good, bad) => {
  test('it has the session soon, whatever happened before', () => {
    const property = fc.property(worlds, working, broken, (world, works, breaks) => {
      const life = live({ ...world, options: { ...world.options, transport: 'auto' } })
      life.regime({ [good]: works, [bad]: breaks } as unknown as Regime)
      life.happen('drop')
      life.pass(20_000)
      expect(life.inUse).toBe(good)
      expect(life.complaints).toEqual([])
    })
    fc.assert(property, { numRuns: 800 })
  }, 60_000)

  test('and takes long, it has the session within three tries, whatever happened before', () => {
    const property = fc.property(worlds, slow, broken, (world, works, breaks) => {
      const life = live({ ...world, options: { ...world.options, transport: 'auto' } })
      life.regime({ [good]: works, [bad]: breaks } as unknown as Regime)
      life.happen('drop')
      const { tries } = life
      while (life.inUse !== good && life.tries < tries + 5) life.pass(100)
      expect([life.inUse, life.tries - tries]).toEqual([good, expect.toSatisfy((count: number) => count <= 3)])
      expect(life.complaints).toEqual([])
    })
    fc.assert(property, { numRuns: 800 })
  }, 60_000)
})

/** An answer takes one round trip of the two or more that opening took. */
const usual: fc.Arbitrary<Fate> = fc.record({ opens: fc.nat(1_500), share: fc.nat(80) }).map(({ opens, share }) => ({
  opens,
  answers: (opens * share) / 100,
}))

test('where both work, WebSocket has the session in the end, and keeps it', () => {
  const property = fc.property(worlds, usual, working, (world, websocket, http) => {
    const life = live({ ...world, options: { ...world.options, transport: 'auto', fallbackAfter: 2_000 } })
    life.regime({ websocket, http })
    life.happen('drop')
    life.pass(650_000)
    const { length } = life.dials
    expect(life.inUse).toBe('websocket')
    life.pass(3_600_000)
    expect(life.dials).toHaveLength(length)
  })
  fc.assert(property, { numRuns: 1_000 })
}, 60_000)

const plain: LadderSettings = { transport: 'auto', fastStart: false, fallbackAfter: 2_000, roundTrip: 20, handshake: 4 }
const good: Fate = { opens: 0, answers: 40 }

describe('a WebSocket that is worth little', () => {
  test.each<[string, Fate]>([
    ['dies every 3 s', { opens: 80, answers: 20, dies: 3_000 }],
    ['answers a probe and nothing else', { opens: 80, answers: 20, dies: 30 }],
    ['swallows', { opens: 80 }],
    ['is refused', { refused: 20 }],
    ['hangs', {}],
  ])('that %s: HTTP has the session, and returns are ever rarer', (_, websocket) => {
    const life = liveLadder(plain, { websocket, http: good })
    life.pass(10_800_000)
    const tries = life.dials.filter(({ rung }) => rung === 'websocket').map(({ at }) => at)
    const pauses = tries.slice(1).map((at, index) => at - tries[index]!)
    expect(life.complaints).toEqual([])
    expect(life.longestOutage).toBeLessThan(2_000)
    // Three hours, one try in ten minutes, and a few more in the beginning.
    expect(tries.length).toBeLessThan(25)
    expect(Math.min(...pauses.slice(-12))).toBeGreaterThan(590_000)
  })

  test('is tried at once where the network changes, and used if it works there', () => {
    const life = liveLadder(plain, { websocket: { refused: 20 }, http: good })
    life.pass(10_000_000)
    life.regime({ websocket: { opens: 80, answers: 20 }, http: good })
    life.happen('network')
    life.pass(200)
    expect([life.inUse, life.ladder.httpUntil, life.ladder.returns]).toEqual(['websocket', 0, 1])
  })
})
