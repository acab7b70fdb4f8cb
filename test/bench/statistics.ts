/** What several rounds say together. */

/** One round: by hand, before and after where that is measured twice; and ours. */
export interface Sample {
  readonly reference: readonly number[]
  readonly ours: number
}

/** How ours is looked at: as a multiple of what is by hand, as so much more, or for itself. */
export type View = 'ratio' | 'difference' | 'itself'

export interface Summary {
  readonly median: number
  readonly low: number
  readonly high: number
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const look = ({ reference, ours }: Sample, view: View): number =>
  view === 'itself' ? ours : view === 'ratio' ? ours / mean(reference) : ours - mean(reference)

const summarize = (values: readonly number[]): Summary => ({
  median: median(values),
  low: Math.min(...values),
  high: Math.max(...values),
})

export const compare = (samples: readonly Sample[], view: View): Summary =>
  summarize(samples.map((sample) => look(sample, view)))

/** What is by hand, next to itself: so far apart are two measurements of the same thing. */
export const noise = (samples: readonly Sample[]): Summary | undefined => {
  const pairs = samples.filter(({ reference }) => reference.length === 2)
  return pairs.length === 0 ? undefined : summarize(pairs.map(({ reference: [before, after] }) => after! / before!))
}

/**
 * Whether it got worse, and more than it wanders: the middle of now is beyond all that was seen then, and all that is seen now is
 * beyond the middle of then. `slack` is how much of the former is nothing, where all rounds say the same.
 */
export const isWorse = (then: Summary, now: Summary, better: 'more' | 'less', slack = 0.02): boolean => {
  const allowance = Math.abs(then.median) * slack
  return better === 'more'
    ? now.median < then.low - allowance && now.high < then.median - allowance
    : now.median > then.high + allowance && now.low > then.median + allowance
}
