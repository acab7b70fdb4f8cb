/** Whether numbers came as they were sent: all of them, once, in order, unharmed. Its memory does not grow with them. */

/** What has come so far, as plain JSON. */
export interface Tally {
  /** The greatest number. */
  readonly last: number
  /** Those below it that have not come. */
  readonly missing: readonly number[]
  readonly doubled: number
  readonly outOfOrder: number
  readonly corrupted: number
}

/** What became of the numbers 1 to `sent`. */
export interface Damage {
  readonly sent: number
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  readonly corrupted: number
  /** Questions among them that were answered rightly, and those that were not. */
  readonly answered: number
  readonly unanswered: number
  /** The longest time between two arrivals, in milliseconds. */
  readonly longestGap: number
}

/** Nothing happened to any of them. */
export const unharmed: Partial<Damage> = { lost: 0, doubled: 0, outOfOrder: 0, corrupted: 0, unanswered: 0 }

export class Ledger {
  longestGap = 0
  #last: number
  readonly #missing: Set<number>
  #doubled: number
  #outOfOrder: number
  #corrupted: number
  #lastAt = Infinity

  constructor({ last, missing, doubled, outOfOrder, corrupted }: Tally = nothing) {
    this.#last = last
    this.#missing = new Set(missing)
    this.#doubled = doubled
    this.#outOfOrder = outOfOrder
    this.#corrupted = corrupted
  }

  take(number: number, isIntact: boolean): void {
    const now = performance.now()
    this.longestGap = Math.max(this.longestGap, now - this.#lastAt)
    this.#lastAt = now
    if (!isIntact) this.#corrupted++
    if (number > this.#last) {
      for (let skipped = this.#last + 1; skipped < number; skipped++) this.#missing.add(skipped)
      this.#last = number
    } else if (this.#missing.delete(number)) this.#outOfOrder++
    else this.#doubled++
  }

  get tally(): Tally {
    return {
      last: this.#last,
      missing: [...this.#missing],
      doubled: this.#doubled,
      outOfOrder: this.#outOfOrder,
      corrupted: this.#corrupted,
    }
  }
}

const nothing: Tally = { last: 0, missing: [], doubled: 0, outOfOrder: 0, corrupted: 0 }

/** How many of the numbers 1 to `sent` never came. */
export const lostOf = ({ last, missing }: Tally, sent: number): number => missing.length + sent - last
