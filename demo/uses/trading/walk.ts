/** What is made up, and yet the same each time: prices as a function of the time alone, so that a server that begins anew goes on where they were. */

/** From 0 up to 1, by chance that repeats. */
export const chanceAt = (seed: number, index: number): number => {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index | 0, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

/** Milliseconds: waves upon waves, each a half as high as one four times as long, which is how far a walk of chance gets. */
const periods = [14_400_000, 3_600_000, 900_000, 225_000, 56_000, 14_000, 3_500, 900]

/** From about -1 to 1, without a jump. */
const wave = (seed: number, at: number, period: number): number => {
  const index = Math.floor(at / period)
  const way = at / period - index
  const [from, to] = [chanceAt(seed, index), chanceAt(seed, index + 1)]
  return (from + (to - from) * way * way * (3 - 2 * way)) * 2 - 1
}

/** The fair price at any time, in cents and fractions of them. */
export const fairPrice = (seed: number, anchor: number, at: number): number =>
  anchor *
  Math.exp(0.03 * periods.reduce((sum, period, order) => sum + wave(seed + order * 101, at, period) / 2 ** order, 0))
