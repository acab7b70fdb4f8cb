/** The game without pages and sessions: its world, what is foreseen of it, and what is made of what comes in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../../demo/server/database.ts'
import { steerBot } from '../../../demo/uses/game/bots.ts'
import type { Sailor } from '../../../demo/uses/game/contract.ts'
import { type Happenings, createHarbour } from '../../../demo/uses/game/harbour.ts'
import { createInterpolation } from '../../../demo/uses/game/interpolation.ts'
import { openLogbook } from '../../../demo/uses/game/logbook.ts'
import { createPrediction } from '../../../demo/uses/game/prediction.ts'
import { random } from '../../../demo/uses/game/random.ts'
import { game } from '../../../demo/uses/game/server.ts'
import { decode, encode } from '../../../demo/uses/game/snapshot.ts'
import {
  BOAT,
  RATE,
  SIZE,
  type Steer,
  type Taken,
  type World,
  createWorld,
  islands,
  launch,
  move,
  step,
  steering,
} from '../../../demo/uses/game/world.ts'

const TICK = 1_000 / RATE

const fleet = (seed: number, boats: number): World => {
  let world = createWorld(seed)
  for (let number = 1; number <= boats; number++) world = launch(world, number)
  return world
}

/** Sails so many seconds with bots at every rudder. */
const sail = (world: World, seconds: number): { world: World; taken: Taken[] } => {
  const taken: Taken[] = []
  for (let n = 0; n < seconds * RATE; n++) {
    const next = step(world, new Map(world.boats.map((boat) => [boat.number, steerBot(boat, world)])))
    world = next.world
    taken.push(...next.taken)
  }
  return { world, taken }
}

describe('the world', () => {
  test('the same seed and the same rudders make the same world', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => sail(fleet(seed, 6), 10))
    expect(one).toEqual(same)
    expect(one!.world.boats).not.toEqual(other!.world.boats)
  })

  test('a step leaves the world before it as it was', () => {
    const world = fleet(3, 6)
    const before = structuredClone(world)
    sail(world, 1)
    expect(world).toEqual(before)
  })

  test('whatever is steered, boats stay on the water, and as many lanterns are lit', () => {
    const rudder = fc.record({ x: fc.double({ noNaN: true }), y: fc.double({ noNaN: true }) })
    fc.assert(
      fc.property(fc.integer(), fc.array(rudder, { minLength: 8, maxLength: 8 }), (seed, rudders) => {
        let world = fleet(seed, 8)
        const steers = new Map(rudders.map(({ x, y }, index) => [index + 1, steering(x, y)]))
        for (let n = 0; n < 2 * RATE; n++) ({ world } = step(world, steers))
        for (const { x, y } of world.boats) {
          expect(Math.min(x, y, SIZE.width - x, SIZE.height - y)).toBeGreaterThan(BOAT - 1)
          for (const island of islands)
            expect(Math.hypot(x - island.x, y - island.y)).toBeGreaterThan(island.r + BOAT - 1)
        }
        expect(new Set(world.lanterns.map(({ id }) => id)).size).toBe(12)
      }),
      { numRuns: 30 },
    )
  })

  test('a lantern is had once, by the boat that is nearest', () => {
    const { lanterns, ...world } = fleet(5, 2)
    const [{ id, x, y }] = lanterns as [(typeof lanterns)[0]]
    const [far, near] = [40, -20].map((dx, index) => ({ number: index + 1, x: x + dx, y, heading: 0, vx: 0, vy: 0 }))
    const { world: after, taken } = step({ ...world, lanterns, boats: [far!, near!] }, new Map())
    expect(taken).toMatchObject([{ lantern: id, by: 2 }])
    expect(after.lanterns.map((lantern) => lantern.id)).not.toContain(id)
    expect(after.lanterns).toContainEqual(taken[0]!.next)
    expect(Math.hypot(taken[0]!.next.x - x, taken[0]!.next.y - y)).toBeGreaterThan(80)
  })

  test('boats that meet bounce off each other', () => {
    const still = { number: 2, x: 838, y: 500, heading: 0, vx: 0, vy: 0 }
    const fast = { number: 1, x: 800, y: 500, heading: 0, vx: 200, vy: 0 }
    const { world } = step({ ...createWorld(1), boats: [fast, still] }, new Map())
    const [one, other] = world.boats as [typeof fast, typeof still]
    expect(other.vx).toBeGreaterThan(one.vx)
    expect(other.x - one.x).toBeCloseTo(2 * BOAT)
  })

  test('bots find what they look for', () => {
    const { world, taken } = sail(fleet(11, 5), 60)
    for (const { number } of world.boats) expect(taken.filter(({ by }) => by === number).length).toBeGreaterThan(3)
  })
})

describe('a snapshot', () => {
  test('says where boats are to a few centimetres and a degree', () => {
    const { world } = sail(fleet(2, 20), 5)
    const { tick, boats } = decode(encode(world.tick, world.boats, (number) => number === 4))
    expect(tick).toBe(300)
    for (const { number, x, y, heading } of world.boats) {
      const seen = boats.get(number)!
      expect(Math.hypot(seen.x - x, seen.y - y)).toBeLessThan(0.15)
      expect(Math.cos(seen.heading - heading)).toBeGreaterThan(0.999)
      expect(seen.isAdrift).toBe(number === 4)
    }
  })

  test('takes under 20 characters for a boat', () => {
    const { world } = sail(fleet(2, 20), 5)
    expect(JSON.stringify(encode(world.tick, world.boats, () => false)).length).toBeLessThan(20 * 20)
  })
})

describe('the others', () => {
  /** One boat that goes 2 m a tick to the east. */
  const at = (tick: number, heading = 0) =>
    encode(tick, [{ number: 1, x: 2 * tick, y: 100, heading, vx: 120, vy: 0 }], () => false)

  test('are shown a tenth of a second late, and evenly, however unevenly snapshots come', () => {
    const chance = random(1)
    const others = createInterpolation()
    const arrivals = Array.from({ length: 150 }, (_, n) => ({ tick: 2 * n, at: 2 * n * TICK + chance.next() * 30 }))
    const hear = (now: number): void => {
      while (arrivals[0] && arrivals[0].at <= now) others.push(at(arrivals.shift()!.tick), now)
    }
    hear(1_000)
    for (let now = 1_500; now < 4_000; now += 5) {
      hear(now)
      expect(others.at(now).get(1)!.x - (2 * (now - 100)) / TICK).toBeCloseTo(0, -1)
    }
  })

  test('turn the short way', () => {
    const others = createInterpolation()
    others.push(at(0, Math.PI - 0.1), 0)
    others.push(at(2, 0.1 - Math.PI), 2 * TICK)
    expect(Math.cos(others.at(100 + TICK).get(1)!.heading)).toBeCloseTo(-1, 3)
  })

  test('stand where they were last seen when nothing comes, and begin anew with another server', () => {
    const others = createInterpolation()
    for (let tick = 0; tick <= 60; tick += 2) others.push(at(tick), tick * TICK)
    expect(others.at(60_000).get(1)!.x).toBeCloseTo(120)
    others.push(at(10), 60_000)
    expect(others.at(60_050).get(1)!.x).toBeCloseTo(20)
  })
})

/** A page and a server with a line between them that takes so many ticks each way. */
const voyage = (delay: number, isLost: (seq: number) => boolean) => {
  let boat = launch(createWorld(9), 1).boats[0]!
  const page = createPrediction(boat)
  let seq = 0
  let age = 0
  let steer: Steer = { x: 0, y: 0 }
  const up: { at: number; seq: number; steer: Steer }[] = []
  const down: { at: number; own: Parameters<typeof page.correct>[0] }[] = []
  return {
    page,
    boat: () => boat,
    /** Answers how far the page was off when it was corrected. */
    tick(now: number, wanted: Steer): number {
      let off = 0
      while (down[0] && down[0].at <= now) off = Math.max(off, page.correct(down.shift()!.own))
      page.step(wanted)
      if (!isLost(page.seq)) up.push({ at: now + delay, seq: page.seq, steer: wanted })
      while (up[0] && up[0].at <= now) {
        ;({ seq, steer } = up.shift()!)
        age = 0
      }
      boat = move(boat, steer)
      age++
      if (seq > 0) down.push({ at: now + delay, own: [seq, age - 1, boat.x, boat.y, boat.heading, boat.vx, boat.vy] })
      return off
    },
  }
}

describe('what is foreseen of one’s own boat', () => {
  const course = (tick: number): Steer => steering(Math.cos(Math.floor(tick / 40)), Math.sin(Math.floor(tick / 40) * 2))

  test('is what the server says a quarter of a second later, if it hears of each change', () => {
    const { tick } = voyage(8, (seq) => (seq - 1) % 40 !== 0 && seq % 6 !== 0)
    for (let now = 0; now < 600; now++) expect(tick(now, course(now))).toBeLessThan(1e-6)
  })

  test('is put right where the server heard of less, without a jump', () => {
    const { tick, page, boat } = voyage(8, (seq) => seq % 60 < 30)
    let before = page.shown(1)
    for (let now = 0; now < 600; now++) {
      tick(now, course(now))
      const shown = page.shown(1)
      expect(Math.hypot(shown.x - before.x, shown.y - before.y)).toBeLessThan(16)
      before = shown
    }
    for (let now = 600; now < 900; now++) tick(now, { x: 0, y: 0 })
    expect(page.shown(1).x).toBeCloseTo(boat().x)
    expect(page.shown(1).y).toBeCloseTo(boat().y)
  })
})

describe('the harbour', () => {
  const nobody: Happenings = { joined: () => {}, left: () => {}, taken: () => {} }
  const person = { id: 'ada', name: 'Ada', hue: 168 }

  test('a server that begins anew knows the scores and the bots', () => {
    const logbook = openLogbook(openDatabase(':memory:'))
    const taken: { by: number; score: number }[] = []
    const harbour = createHarbour(logbook, 1, { ...nobody, taken: (each) => taken.push(each) })
    harbour.setBots(12)
    for (let n = 0; n < 20 * RATE; n++) harbour.tick()
    expect(taken.length).toBeGreaterThan(12)
    for (const { number, score } of harbour.scene(1).sailors) {
      const scores = taken.filter(({ by }) => by === number).map((each) => each.score)
      expect(scores).toEqual(Array.from({ length: score }, (_, index) => index + 1))
    }
    const score = ({ name, score }: Sailor) => [name, score]
    const next = createHarbour(logbook, 2, nobody)
    expect(next.bots).toBe(12)
    expect(next.scene(1).sailors.map(score)).toEqual(harbour.scene(1).sailors.map(score))
  })

  test('fewer bots: the others are told who left', () => {
    const left: number[] = []
    const harbour = createHarbour(openLogbook(openDatabase(':memory:')), 1, { ...nobody, left: (n) => left.push(n) })
    harbour.setBots(3)
    expect(left).toEqual([4, 5])
    expect(harbour.scene(1).sailors.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('a rudder that is silent is let go, and the boat comes to rest', () => {
    const harbour = createHarbour(openLogbook(openDatabase(':memory:')), 1, nobody)
    harbour.setBots(0)
    const number = harbour.board(person)
    const boat = () => harbour.scene(number).you
    expect(harbour.own(number)).toBeUndefined()
    const { x } = boat()
    harbour.steer(number, 1, { x: x > SIZE.width / 2 ? -1 : 1, y: 0 })
    for (let n = 0; n < 20; n++) harbour.tick()
    expect(harbour.own(number)!.slice(0, 2)).toEqual([1, 19])
    expect(Math.abs(boat().vx)).toBeGreaterThan(50)
    for (let n = 0; n < 5 * RATE; n++) harbour.tick()
    expect([boat().vx, boat().vy]).toEqual([0, 0])
    expect(decode(harbour.snapshot()).boats.get(number)!.isAdrift).toBe(true)
  })
})

describe('what comes in is checked', () => {
  const passes = (name: string, data: unknown): boolean => {
    const checked = game.schema[name]!['~standard'].validate(data)
    return !('then' in checked) && checked.issues === undefined
  }
  test.each([
    ['steer', [1, 100, -100]],
    ['rest', true],
    ['bots', 20],
  ])('%s %j is heard', (name, data) => expect(passes(name, data)).toBe(true))
  test.each([
    ['steer', [1, Number.NaN, 0]],
    ['steer', [1, 1e9, 0]],
    ['steer', [1, Infinity, 0]],
    ['steer', [1, 0.5, 0]],
    ['steer', [0, 1, 1]],
    ['steer', [1, '1', 0]],
    ['steer', [1, 0]],
    ['steer', [1, 0, 0, 0]],
    ['steer', { 0: 1, 1: 0, 2: 0, length: 3 }],
    ['steer', null],
    ['rest', 'yes'],
    ['bots', 21],
    ['bots', -1],
    ['bots', 2.5],
  ])('%s %j is not', (name, data) => expect(passes(name, data)).toBe(false))
})
