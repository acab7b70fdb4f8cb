/** What came lately. */
export interface Feed {
  push(item: unknown): void
  /** The last item, or the last ones, oldest first: the same array until another one came. */
  read(): unknown
  /** The next item is the first. */
  clear(): void
}

/** Keeps the last item, or, with a `history`, so many of them. */
export const createFeed = (history?: number): Feed => {
  const length = history ?? 1
  let kept: readonly unknown[] = []
  let fresh: unknown[] = []
  return {
    push(item) {
      fresh.push(item)
      // Those that nobody will see need not wait for a frame, which a hidden page may not have for a second.
      if (fresh.length > 2 * length) fresh = fresh.slice(fresh.length - length)
    },
    read() {
      if (fresh.length > 0) {
        const all = [...kept, ...fresh]
        kept = all.slice(Math.max(0, all.length - length))
        fresh = []
      }
      return history === undefined ? kept[0] : kept
    },
    clear() {
      kept = []
      fresh = []
    },
  }
}
