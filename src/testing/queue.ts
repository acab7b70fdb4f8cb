/** What can stand in a queue. */
export interface Entry {
  /** When it is due, in virtual milliseconds. */
  readonly at: number
  /** Breaks ties: the lower one comes first. */
  readonly order: number
}

/** Entries by time, then by order: a binary heap. */
export interface Queue<Item extends Entry> {
  /** The first entry due, which stays in the queue. */
  peek(): Item | undefined
  /** Adds an entry. */
  push(item: Item): void
  /** Takes the first entry out. */
  shift(): void
}

const precedes = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

/** An empty queue. */
export const createQueue = <Item extends Entry>(): Queue<Item> => {
  const heap: Item[] = []

  const rise = (item: Item): void => {
    let at = heap.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as Item
      if (precedes(parent, item)) break
      heap[at] = parent
      at = above
    }
    heap[at] = item
  }

  const sink = (item: Item): void => {
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      let child = heap[below]
      const sibling = heap[below + 1]
      if (sibling && child && precedes(sibling, child)) {
        child = sibling
        below++
      }
      if (!child || precedes(item, child)) break
      heap[at] = child
      at = below
    }
    heap[at] = item
  }

  return {
    peek: () => heap[0],
    push: rise,
    shift: () => {
      const last = heap.pop()
      if (last && heap.length > 0) sink(last)
    },
  }
}
