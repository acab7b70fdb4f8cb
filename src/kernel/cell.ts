import type { Emitter } from './emitter.ts'

/** A value that can be read and watched: `useSyncExternalStore`'s pair, a Svelte store and a Solid `from` source as it stands. */
export interface Cell<T> {
  /** The value now. Keeps its identity until it changes. */
  get(): T
  /** Calls `listener` at once (what it throws then is the caller's) and after every change. The returned function ends that, and may be called twice. */
  subscribe(listener: (value: T) => void): () => void
}

/** A cell that its owner can set. */
export interface WritableCell<T> extends Cell<T> {
  set(value: T): void
  /** Whether anybody watches it. */
  isWatched(): boolean
}

/**
 * A cell whose listeners are kept by an emitter. One that sets the cell while it is told does not overtake the others:
 * they are told the newest value in a round of their own, so nobody is left holding a stale one.
 */
export const createCell = <T>(value: T, { on, emit, hears }: Emitter): WritableCell<T> => {
  let told = value
  let telling = false
  return {
    get: () => value,
    isWatched: () => hears(''),
    set(next) {
      value = next
      if (telling) return
      telling = true
      while (told !== value) emit('', (told = value))
      telling = false
    },
    subscribe(listener) {
      const off = on('', listener)
      listener(value)
      return off
    },
  }
}
