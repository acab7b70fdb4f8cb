/** How the server sails boats of its own: well enough to fill the harbour, and to be beaten. */
import { BOAT, type Boat, type Lantern, type Steer, type World, islands, steering } from './world.ts'

export const MOST_BOTS = 20
const POWER = 0.62
/** Metres from a shore at which a bot begins to turn. */
const WARY = 70

/** Everyone likes other lanterns, so that they don't all go to the same one: 1 to 2. */
const dislike = (bot: number, lantern: number): number => 1 + ((bot * 73 + lantern * 151) % 97) / 97

const goal = (boat: Boat, lanterns: readonly Lantern[]): Lantern | undefined => {
  let best: Lantern | undefined
  let least = Infinity
  for (const lantern of lanterns) {
    const cost = Math.hypot(lantern.x - boat.x, lantern.y - boat.y) * dislike(boat.number, lantern.id)
    if (cost < least) [best, least] = [lantern, cost]
  }
  return best
}

export const steerBot = (boat: Boat, { lanterns }: World): Steer => {
  const to = goal(boat, lanterns)
  if (!to) return { x: 0, y: 0 }
  const distance = Math.max(1, Math.hypot(to.x - boat.x, to.y - boat.y))
  let [x, y] = [(to.x - boat.x) / distance, (to.y - boat.y) / distance]
  for (const island of islands) {
    const [dx, dy] = [boat.x - island.x, boat.y - island.y]
    const off = Math.hypot(dx, dy)
    const near = 1 - (off - island.r - BOAT) / WARY
    if (near <= 0 || x * dx + y * dy > 0) continue
    // Around it, on the side that is nearer to where it goes.
    const side = x * -dy + y * dx > 0 ? 1 : -1
    x += (near * (side * -dy + dx / 2)) / off
    y += (near * (side * dx + dy / 2)) / off
  }
  const { x: sx, y: sy } = steering(x * 10, y * 10)
  return { x: sx * POWER, y: sy * POWER }
}
