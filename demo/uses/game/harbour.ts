/** The one harbour of a server: the world, and who is in it. It knows nothing of sessions. */
import type { Person } from '../app.ts'
import { steerBot } from './bots.ts'
import type { Own, Sailor, Scene } from './contract.ts'
import type { Logbook } from './logbook.ts'
import { type Snapshot, encode } from './snapshot.ts'
import { type Boat, RATE, type Steer, type Taken, adrift, createWorld, land, launch, step } from './world.ts'

/** Ticks after which a rudder that nobody moves is let go: its page is gone, or cannot be heard. */
const SILENCE = RATE / 2

interface Crew {
  readonly id: string
  readonly name: string
  readonly hue: number
  readonly isBot: boolean
  score: number
  steer: Steer
  /** The step of its page's world that the rudder is of; 0 before the first. */
  seq: number
  /** Ticks since. */
  age: number
}

/** What happened, for everybody. */
export interface Happenings {
  joined(sailor: Sailor): void
  left(number: number): void
  taken(taken: Taken & { readonly score: number }): void
}

const round = (value: number, fine: number): number => Math.round(value * fine) / fine

export const createHarbour = (logbook: Logbook, seed: number, tell: Happenings) => {
  let world = createWorld(seed)
  let numbers = 0
  const crews = new Map<number, Crew>()

  const boatOf = (number: number): Boat => world.boats.find((boat) => boat.number === number)!
  const sailor = (number: number, { name, hue, isBot, score }: Crew): Sailor => ({ number, name, hue, isBot, score })
  const isSilent = (crew: Crew): boolean => !crew.isBot && (crew.seq === 0 || crew.age > SILENCE)

  const board = ({ id, name, hue }: Person, isBot = false): number => {
    const number = ++numbers
    const crew: Crew = { id, name, hue, isBot, score: logbook.scoreOf(id), steer: adrift, seq: 0, age: 0 }
    crews.set(number, crew)
    world = launch(world, number)
    tell.joined(sailor(number, crew))
    return number
  }
  const leave = (number: number): void => {
    if (!crews.delete(number)) return
    world = land(world, number)
    tell.left(number)
  }
  const bots = (): number[] => [...crews].filter(([, { isBot }]) => isBot).map(([number]) => number)
  const rudderOf = (boat: Boat): Steer => {
    const crew = crews.get(boat.number)!
    if (crew.isBot) return steerBot(boat, world)
    return isSilent(crew) ? adrift : crew.steer
  }
  const setBots = (wanted: number): void => {
    const there = bots()
    for (const number of there.slice(wanted)) leave(number)
    for (let n = there.length + 1; n <= wanted; n++)
      board({ id: `bot:${n}`, name: `Bot ${n}`, hue: (n * 137) % 360 }, true)
  }
  setBots(logbook.bots())

  return {
    board: (person: Person) => board(person),
    leave,
    steer(number: number, seq: number, steer: Steer) {
      const crew = crews.get(number)
      if (crew) Object.assign(crew, { seq, steer, age: 0 })
    },
    get bots() {
      return bots().length
    },
    setBots(wanted: number) {
      logbook.keepBots(wanted)
      setBots(wanted)
    },
    tick() {
      const next = step(world, new Map(world.boats.map((boat) => [boat.number, rudderOf(boat)])))
      world = next.world
      for (const crew of crews.values()) crew.age++
      for (const taken of next.taken) {
        const crew = crews.get(taken.by)!
        crew.score = logbook.score(crew.id, crew.name)
        tell.taken({ ...taken, score: crew.score })
      }
      return world.tick
    },
    scene: (number: number): Scene => ({
      you: boatOf(number),
      sailors: Array.from(crews, ([each, crew]) => sailor(each, crew)),
      lanterns: world.lanterns,
      bots: bots().length,
    }),
    snapshot: (): Snapshot => encode(world.tick, world.boats, (number) => isSilent(crews.get(number)!)),
    /** Undefined before the first rudder, which the page's steps are counted from. */
    own(number: number): Own | undefined {
      const { seq, age } = crews.get(number)!
      if (seq === 0) return undefined
      const { x, y, heading, vx, vy } = boatOf(number)
      // The first tick with a rudder is the very step that it was held in.
      return [seq, age - 1, round(x, 100), round(y, 100), round(heading, 1_000), round(vx, 10), round(vy, 10)]
    },
  }
}
