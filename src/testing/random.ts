import type { Random } from '../platform/random.ts'

/** Chance that repeats: the same seed gives the same sequence on every machine. */
export interface SeededRandom extends Random {
  /** A whole number from `min` up to and including `max`. */
  int(min: number, max: number): number
  /** A number from `min` up to, not including, `max`. */
  between(min: number, max: number): number
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean
  /** One of the items, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item
  /** A generator of its own, seeded from this one: what one part draws then changes nothing for the others. */
  fork(): SeededRandom
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** SplitMix32: spreads one small seed over the whole state of the generator. */
const splitMix = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) | 0
  }
}

/** A generator from a whole-number seed. */
export const seededRandom = (seed: number): SeededRandom => {
  const mix = splitMix(seed)
  return fromState(mix(), mix(), mix())
}

/** sfc32 by Chris Doty-Humphrey: 128 bits of state, passes PractRand, a handful of integer operations a number. */
const fromState = (a: number, b: number, c: number): SeededRandom => {
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum
  }
  // The first numbers of nearby states are alike.
  for (let round = 0; round < 12; round++) next()

  const float = (): number => (next() >>> 0) / 2 ** 32
  const between = (min: number, max: number): number => min + float() * (max - min)
  const int = (min: number, max: number): number => Math.floor(between(min, max + 1))
  return {
    float,
    between,
    int,
    chance: (probability) => float() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('There is nothing to pick from.')
      return items[int(0, items.length - 1)] as (typeof items)[number]
    },
    id: () => {
      let id = ''
      while (id.length < 21) id += BASE64URL[int(0, 63)]
      // 128 bits are 21 characters and 2 bits: the rest of the last character is zero, as in real base64url.
      return id + BASE64URL[int(0, 3) * 16]
    },
    fork: () => fromState(next(), next(), next()),
  }
}
