/** Numbers that look like chance, and are the same from the same seed. */
export interface Random {
  /** From 0 up to 1, and never 1. */
  next(): number
  /** What goes on from here. */
  seed(): number
}

/** Mulberry32. */
export const random = (seed: number): Random => {
  let state = seed | 0
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
    },
    seed: () => state,
  }
}
