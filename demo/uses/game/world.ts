/**
 * The harbour and its rules. Pure, so that a page can sail its own boat ahead of the server by the same rules, and tests
 * can sail all of it. Lengths are in metres, and times in seconds.
 */
import { type Random, random } from './random.ts'

/** Steps a second. */
export const RATE = 60
export const SIZE = { width: 1_600, height: 1_000 }
const LANTERNS = 12
export const BOAT = 20
const REACH = 34

interface Place {
  readonly x: number
  readonly y: number
}
interface Circle extends Place {
  readonly r: number
}
export const islands: readonly Circle[] = [
  { x: 420, y: 310, r: 72 },
  { x: 1_180, y: 660, r: 92 },
  { x: 1_250, y: 250, r: 48 },
  { x: 530, y: 750, r: 54 },
]

/** Where the rudder points and how hard: no longer than 1. */
export interface Steer {
  readonly x: number
  readonly y: number
}
export const adrift: Steer = { x: 0, y: 0 }

export interface Boat extends Place {
  readonly number: number
  /** Radians, clockwise from east, as the screen has it. */
  readonly heading: number
  readonly vx: number
  readonly vy: number
}
export interface Lantern extends Place {
  readonly id: number
}

export interface World {
  readonly tick: number
  readonly seed: number
  readonly boats: readonly Boat[]
  readonly lanterns: readonly Lantern[]
  readonly nextLantern: number
}

/** A boat has reached a lantern. */
export interface Taken {
  readonly lantern: number
  readonly by: number
  readonly next: Lantern
}

const THRUST = 440
const DRAG = 1.7
/** Whoever lets go of the rudder stops soon. */
const BRAKE = 3
/** Water holds a boat back sideways. */
const SIDEWAYS = 4
/** Radians a second. */
const TURN = 4.5
/** What a bump leaves of the speed. */
const BOUNCE = 0.5

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

/** The short way from one heading to another. */
export const turn = (from: number, to: number): number => {
  const difference = (to - from) % (2 * Math.PI)
  if (difference > Math.PI) return difference - 2 * Math.PI
  return difference < -Math.PI ? difference + 2 * Math.PI : difference
}

/** No longer than 1, whatever came. */
export const steering = (x: number, y: number): Steer => {
  const length = Math.max(1, Math.hypot(x, y))
  return { x: x / length, y: y / length }
}

const sail = (boat: Boat, steer: Steer, dt: number): Boat => {
  const power = Math.hypot(steer.x, steer.y)
  const wanted = power > 0 ? turn(boat.heading, Math.atan2(steer.y, steer.x)) : 0
  const heading = boat.heading + clamp(wanted, -TURN * dt, TURN * dt)
  const [cos, sin] = [Math.cos(heading), Math.sin(heading)]
  // It pushes less while it still has to turn.
  const push = THRUST * power * Math.max(0.15, Math.cos(wanted))
  const ahead = (boat.vx * cos + boat.vy * sin) * (1 - (power > 0 ? DRAG : BRAKE) * dt) + push * dt
  const aside = (boat.vy * cos - boat.vx * sin) * (1 - SIDEWAYS * dt)
  const isStill = power === 0 && Math.hypot(ahead, aside) < 2
  const vx = isStill ? 0 : ahead * cos - aside * sin
  const vy = isStill ? 0 : ahead * sin + aside * cos
  return { ...boat, heading: turn(0, heading), x: boat.x + vx * dt, y: boat.y + vy * dt, vx, vy }
}

const offWalls = (boat: Boat): Boat => {
  const x = clamp(boat.x, BOAT, SIZE.width - BOAT)
  const y = clamp(boat.y, BOAT, SIZE.height - BOAT)
  if (x === boat.x && y === boat.y) return boat
  return {
    ...boat,
    x,
    y,
    vx: x === boat.x ? boat.vx : -boat.vx * BOUNCE,
    vy: y === boat.y ? boat.vy : -boat.vy * BOUNCE,
  }
}

/** Boats slide along the shores. */
const offIsland = (boat: Boat, { x, y, r }: Circle): Boat => {
  const [dx, dy] = [boat.x - x, boat.y - y]
  const distance = Math.hypot(dx, dy)
  const apart = r + BOAT
  if (distance >= apart) return boat
  const [nx, ny] = distance > 0 ? [dx / distance, dy / distance] : [1, 0]
  const inward = Math.min(0, boat.vx * nx + boat.vy * ny)
  return { ...boat, x: x + nx * apart, y: y + ny * apart, vx: boat.vx - inward * nx, vy: boat.vy - inward * ny }
}

/** One boat, one step on: what a page foresees of its own. It cannot foresee the others. */
export const move = (boat: Boat, steer: Steer, dt = 1 / RATE): Boat =>
  islands.reduce(offIsland, offWalls(sail(boat, steer, dt)))

/** Two boats that overlap: apart, and what speed they had towards each other is shared. */
const bump = (one: Boat, other: Boat): readonly [Boat, Boat] | undefined => {
  const [dx, dy] = [other.x - one.x, other.y - one.y]
  const distance = Math.hypot(dx, dy)
  if (distance >= 2 * BOAT) return undefined
  const [nx, ny] = distance > 0 ? [dx / distance, dy / distance] : [1, 0]
  const apart = BOAT - distance / 2
  const closing = Math.max(0, (one.vx - other.vx) * nx + (one.vy - other.vy) * ny) * (0.5 + BOUNCE / 2)
  const pushed = (boat: Boat, way: 1 | -1): Boat => ({
    ...boat,
    x: boat.x + way * nx * apart,
    y: boat.y + way * ny * apart,
    vx: boat.vx + way * nx * closing,
    vy: boat.vy + way * ny * closing,
  })
  return [pushed(one, -1), pushed(other, 1)]
}

const bumpAll = (boats: readonly Boat[]): Boat[] => {
  const after = [...boats]
  for (let i = 0; i < after.length; i++)
    for (let j = i + 1; j < after.length; j++) {
      const bumped = bump(after[i]!, after[j]!)
      if (bumped) [after[i], after[j]] = bumped
    }
  return after.map((boat) => islands.reduce(offIsland, offWalls(boat)))
}

/** Metres between a new lantern and every boat, and a new boat and every lantern: nobody has one for nothing. */
const FREE = 120

/** A place in open water, off everything that stands, and off `others` unless there is hardly room for that. */
const openWater = (chance: Random, others: readonly Place[]): Place => {
  for (let free = FREE; ; free *= 0.95) {
    const x = 50 + chance.next() * (SIZE.width - 100)
    const y = 50 + chance.next() * (SIZE.height - 100)
    const isOff = (place: Place, metres: number): boolean => Math.hypot(place.x - x, place.y - y) > metres
    if (islands.every((island) => isOff(island, island.r + 50)) && others.every((place) => isOff(place, free)))
      return { x: Math.round(x), y: Math.round(y) }
  }
}

export const createWorld = (seed: number): World => {
  const chance = random(seed)
  const lanterns = Array.from({ length: LANTERNS }, (_, id) => ({ id, ...openWater(chance, []) }))
  return { tick: 0, seed: chance.seed(), boats: [], lanterns, nextLantern: LANTERNS }
}

export const launch = (world: World, number: number): World => {
  const chance = random(world.seed)
  const place = openWater(chance, world.lanterns)
  const boat: Boat = { number, ...place, heading: -Math.PI / 2, vx: 0, vy: 0 }
  return { ...world, seed: chance.seed(), boats: [...world.boats, boat] }
}

export const land = (world: World, number: number): World => ({
  ...world,
  boats: world.boats.filter((boat) => boat.number !== number),
})

/** One step on: the same world and the same rudders make the same world, everywhere. */
export const step = (
  world: World,
  steers: ReadonlyMap<number, Steer>,
  dt = 1 / RATE,
): { readonly world: World; readonly taken: readonly Taken[] } => {
  const boats = bumpAll(world.boats.map((boat) => move(boat, steers.get(boat.number) ?? adrift, dt)))
  const chance = random(world.seed)
  const taken: Taken[] = []
  let { nextLantern } = world
  const lanterns = world.lanterns.map((lantern) => {
    // Of two that reach it in one step it is the nearer one's.
    const distances = boats.map(({ x, y }) => Math.hypot(x - lantern.x, y - lantern.y))
    const nearest = Math.min(...distances)
    if (nearest > REACH) return lantern
    const next = { id: nextLantern++, ...openWater(chance, boats) }
    taken.push({ lantern: lantern.id, by: boats[distances.indexOf(nearest)]!.number, next })
    return next
  })
  return { world: { tick: world.tick + 1, seed: chance.seed(), boats, lanterns, nextLantern }, taken }
}
