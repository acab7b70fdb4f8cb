/** The newest of what was measured, and word of the next. */
export interface History<T extends { readonly at: number }> {
  add(sample: T): void
  /** All that are newer, oldest first. */
  since(at: number): readonly T[]
  /** Resolves with the next one. */
  next(): Promise<void>
}

/** `length`: the oldest go when there are more. */
export const createHistory = <T extends { readonly at: number }>(length: number): History<T> => {
  const samples: T[] = []
  let waiting: (() => void)[] = []
  return {
    add(sample) {
      samples.push(sample)
      if (samples.length > length) samples.shift()
      for (const resolve of waiting.splice(0)) resolve()
    },
    since: (at) => samples.filter((sample) => sample.at > at),
    next: () => new Promise((resolve) => (waiting = [...waiting, resolve])),
  }
}
