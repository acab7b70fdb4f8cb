/** One that keeps something in memory for somebody. */
export interface Account {
  /** How much it keeps may have changed. */
  update(): void
  /** It keeps nothing any more. */
  close(): void
}

/** A bound on what many keep together. */
export interface Budget {
  /**
   * `size`: the bytes that it keeps just now. `pay`: it keeps about the most of all, and is to let go of everything; said once, in
   * the midst of whatever made all of them keep too much. MUST NOT throw.
   */
  open(size: () => number, pay: () => void): Account
}

/** Who keeps less is never the one who pays; and who keeps so much more than it said need not say so before its task is done. */
export const SMALL = 1_024
/** Holders are sorted in classes of which each is so much wider than the one before: a quarter of an octave, 19 percent. */
const CLASSES_PER_OCTAVE = 4

interface Holder {
  readonly size: () => number
  readonly pay: () => void
  bytes: number
  /** Its class has those from `low` to below `high`. */
  class: number
  low: number
  high: number
}

const sort = (holder: Holder): void => {
  holder.class = holder.bytes < SMALL ? -1 : Math.floor(Math.log2(holder.bytes / SMALL) * CLASSES_PER_OCTAVE)
  holder.low = holder.class < 0 ? 0 : SMALL * 2 ** (holder.class / CLASSES_PER_OCTAVE)
  holder.high = SMALL * 2 ** ((holder.class + 1) / CLASSES_PER_OCTAVE)
}

/** Together at most about `limit` bytes. Nobody is counted twice, or looked at who has not changed: a sum, and classes by size. */
export const createBudget = (limit: number): Budget => {
  const classes: Set<Holder>[] = []
  let total = 0

  const remove = (holder: Holder): void => {
    total -= holder.bytes
    holder.bytes = 0
    classes[holder.class]?.delete(holder)
    sort(holder)
  }
  const measure = (holder: Holder): void => {
    const bytes = holder.size()
    total += bytes - holder.bytes
    holder.bytes = bytes
    if (bytes >= holder.low && bytes < holder.high) return
    classes[holder.class]?.delete(holder)
    sort(holder)
    if (holder.class >= 0) (classes[holder.class] ??= new Set()).add(holder)
  }
  /** The one that has been longest in the highest class. */
  const greatest = (): Holder | undefined => {
    for (let index = classes.length - 1; index >= 0; index--) for (const holder of classes[index] ?? []) return holder
    return undefined
  }
  const collect = (): void => {
    for (let holder: Holder | undefined; total > limit && (holder = greatest());) {
      const { class: before } = holder
      // A connection tells nobody when something has left it.
      measure(holder)
      if (holder.class !== before) continue
      remove(holder)
      holder.pay()
    }
  }

  return {
    open(size, pay) {
      let isOpen = true
      const close = (): void => {
        if (isOpen) remove(holder)
        isOpen = false
      }
      const holder: Holder = {
        size,
        pay() {
          isOpen = false
          pay()
        },
        bytes: 0,
        class: -1,
        low: 0,
        high: SMALL,
      }
      return {
        update() {
          if (!isOpen) return
          measure(holder)
          if (total > limit) collect()
        },
        close,
      }
    },
  }
}

/** A server's. */
export interface Budgets {
  /** What is kept for clients: in their sessions, and in connections that have not let it go. */
  readonly kept: Budget
  /** What is on its way out, and nobody's any more: connections that close, answers that are not read. */
  readonly leaving: Budget
  /** What those sent ahead who have not shown who they are. */
  readonly ahead: Budget
}

/** Others get so much of it, beside the rest: they must not cost a client its session. */
const SHARE = 1 / 8

export const createBudgets = (totalBytes: number): Budgets => ({
  kept: createBudget(totalBytes),
  leaving: createBudget(totalBytes * SHARE),
  ahead: createBudget(totalBytes * SHARE),
})
