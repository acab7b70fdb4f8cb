/** Where everybody is, in as few characters as whole numbers take: there are thirty of these a second. */
import type { Boat } from './world.ts'

/** The tick, and then four numbers for each boat: its number, five times x, five times y, degrees, and 360 more if nobody is at the rudder. */
export type Snapshot = readonly number[]

export interface Seen {
  readonly x: number
  readonly y: number
  readonly heading: number
  readonly isAdrift: boolean
}

const FINE = 5
const DEGREES = 180 / Math.PI

export const encode = (tick: number, boats: readonly Boat[], isAdrift: (number: number) => boolean): Snapshot => {
  const numbers = [tick]
  for (const { number, x, y, heading } of boats) {
    const degrees = (Math.round(heading * DEGREES) + 360) % 360
    numbers.push(number, Math.round(x * FINE), Math.round(y * FINE), isAdrift(number) ? degrees + 360 : degrees)
  }
  return numbers
}

export const decode = ([tick = 0, ...numbers]: Snapshot): {
  readonly tick: number
  readonly boats: Map<number, Seen>
} => {
  const boats = new Map<number, Seen>()
  for (let at = 0; at + 3 < numbers.length; at += 4) {
    const [number, x, y, degrees] = numbers.slice(at, at + 4) as [number, number, number, number]
    boats.set(number, { x: x / FINE, y: y / FINE, heading: (degrees % 360) / DEGREES, isAdrift: degrees >= 360 })
  }
  return { tick, boats }
}
