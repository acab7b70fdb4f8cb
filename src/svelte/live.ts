import { onMount } from 'svelte'
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
      end?.()
      end = begin(value)
    })
    return () => {
      off()
      end?.()
    }
  })

/**
 * A store of what `begin` tells; until then, of `told`. For runes, `now` may know better: a store hears of another question only after
 * components have been rendered with it.
 */
export const live = <A, T>(
  told: T,
  read: () => A,
  begin: (value: A, tell: (value: T) => void) => End,
  now?: () => T,
): Live<T> => {
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
      const held = rune.current
      return now ? now() : held
    },
  }
}

/** Of what a cell tells: another one for another socket, or when something else is asked. */
export const liveCell = <T, A>(
  given: () => Source,
  ask: () => A,
  make: (socket: Source, asked: A) => LiveCell<T>,
): Live<T> => {
  let last: { readonly socket: Source; readonly key: string | undefined; readonly cell: LiveCell<T> } | undefined
  const find = (): NonNullable<typeof last> => {
    const [socket, asked] = [given(), ask()]
    const key = keyOf(asked)
    return last?.socket === socket && last.key === key ? last : { socket, key, cell: make(socket, asked) }
  }
  last = find()
  const get = (): T => find().cell.get()
  return live(get(), find, (next, tell) => (last = next).cell.subscribe(tell), get)
}
