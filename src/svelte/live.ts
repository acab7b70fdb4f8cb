import { onMount, untrack } from 'svelte'
import { type Readable, fromStore, toStore, writable } from 'svelte/store'
import type { LiveCell } from '../hooks/live.ts'
import { type Source, keyOf } from '../hooks/source.ts'
import type { Live } from './types.ts'

type End = (() => void) | void

/** Reads what was given as it is at the moment, so that effects notice when it is another. */
export const reader = (value: unknown): (() => unknown) => {
  if (typeof value === 'function') return value as () => unknown
  if (typeof (value as Partial<Readable<unknown>> | null | undefined)?.subscribe !== 'function') return () => value
  const store = fromStore(value as Readable<unknown>)
  return () => store.current
}

/** While the component is mounted, and so never on a server: begins with what `read` gives, and anew with something else. */
export const whileMounted = <T>(read: () => T, begin: (value: T) => End): void =>
  onMount(() => {
    let last: unknown = {}
    let end: End
    const off = toStore(read).subscribe((value) => {
      if (value === last) return
      last = value
      untrack(() => {
        end?.()
        end = begin(value)
      })
    })
    return () => {
      off()
      end?.()
    }
  })

/** Holds what `begin` tells; until then, `told`. */
export const live = <A, T>(told: T, read: () => A, begin: (value: A, tell: (value: T) => void) => End): Live<T> => {
  const { set, subscribe } = writable(told)
  const rune = fromStore({ subscribe })
  whileMounted(read, (value) =>
    begin(value, (next) => {
      // Stores take an object for changed even if it is the same.
      if (next !== told) set((told = next))
    }),
  )
  return {
    subscribe,
    get current() {
      return rune.current
    },
  }
}

/** Holds what a cell tells: another one for another socket, or when something else is asked. */
export const liveCell = <T, A>(
  given: () => Source,
  ask: () => A,
  make: (socket: Source, asked: A) => LiveCell<T>,
): Live<T> => {
  let last: readonly unknown[] = []
  let cell: LiveCell<T>
  const read = (): LiveCell<T> => {
    const [socket, asked] = [given(), ask()]
    const next = [socket, keyOf(asked)]
    if (next.some((part, at) => part !== last[at])) cell = make(socket, asked)
    last = next
    return cell
  }
  return live(read().get(), read, ({ subscribe }, tell) => subscribe(tell))
}
