/** How much the server's clock is ahead of the page's, by what it answered. */
export interface Offset {
  /** `asked`, `answered`: by the page's clock; `said`: by the server's. */
  learn(asked: number, said: number, answered: number): void
  /** Milliseconds to add to the page's time; 0 as long as nothing is known. */
  readonly value: number
  /** The most by which that may be wrong; Infinity as long as nothing is known. */
  readonly uncertainty: number
}

/** Answers that are compared: older ones say nothing of clocks that drift. */
const REMEMBERED = 20

/**
 * The answer was said somewhere within its round trip, in the middle if both ways take as long: so the quickest round trip is
 * wrong by the least.
 */
export const createOffset = (): Offset => {
  const samples: { readonly value: number; readonly uncertainty: number }[] = []
  let best = { value: 0, uncertainty: Infinity }
  return {
    learn(asked, said, answered) {
      samples.push({ value: said - (asked + answered) / 2, uncertainty: (answered - asked) / 2 })
      if (samples.length > REMEMBERED) samples.shift()
      best = samples.reduce((a, b) => (b.uncertainty < a.uncertainty ? b : a))
    },
    get value() {
      return best.value
    },
    get uncertainty() {
      return best.uncertainty
    },
  }
}
