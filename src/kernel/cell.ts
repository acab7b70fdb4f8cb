/** A value that can be read and watched: `useSyncExternalStore`'s pair, a Svelte store and a Solid `from` source as it stands. */
export interface Cell<T> {
  /** The value now. Keeps its identity until it changes. */
  get(): T
  /** Calls `listener` at once and after every change. The returned function ends that, and may be called twice. */
  subscribe(listener: (value: T) => void): () => void
}

/** A cell that its owner can set. */
export interface WritableCell<T> extends Cell<T> {
  set(value: T): void
  /** How many listeners watch. */
  readonly watched: number
}

/**
 * Listeners are told through one first-in-first-out queue: a listener that sets the cell again is not answered before the
 * others have seen the first value, so nobody is left holding a stale one. A throwing listener is reported and harms nobody.
 */
export const createCell = <T>(value: T, report: (error: unknown) => void): WritableCell<T> => {
  const listeners = new Set<{ call: (value: T) => void }>()
  const queue: (() => void)[] = []
  let draining = false
  const drain = (): void => {
    if (draining) return
    draining = true
    for (let tell; (tell = queue.shift());) {
      try {
        tell()
      } catch (error) {
        report(error)
      }
    }
    draining = false
  }
  const enqueue = (listener: { call: (value: T) => void }, told: T): void =>
    void queue.push(() => listeners.has(listener) && listener.call(told))
  return {
    get: () => value,
    get watched() {
      return listeners.size
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) enqueue(listener, next)
      drain()
    },
    subscribe(call) {
      const listener = { call }
      listeners.add(listener)
      enqueue(listener, value)
      drain()
      return () => void listeners.delete(listener)
    },
  }
}
