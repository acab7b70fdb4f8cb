import type { Readable } from 'svelte/store'
import type { Socket } from '../connect.ts'
import type { Contract } from '../contract.ts'
import type { Hooks as Of, Shape } from '../hooks/types.ts'

/** A store, `$status` in a component; and for runes, anywhere, what it holds now: `status.current`. */
export interface Live<T> extends Readable<T> {
  readonly current: T
}

/** A value, or what gives it, now and later: a function that reads `$state` or stores (`() => ({ room })`), or a store. */
export type Given<T> = T | (() => T) | Readable<T>

/** What there is in Svelte beside the hooks. */
export interface Provider<S> {
  /** Gives the components below this one another socket than the one that the hooks were made of. */
  readonly setSocket: (socket: Given<S>) => void
}

/**
 * Stores. They are made where a component begins, in its script; they begin when it is mounted, and so never on a server, and end with it.
 */
export interface Svelte extends Shape {
  readonly held: Live<this['of']>
  readonly parts: Live<this['of']>
  readonly given: Given<this['of']>
  readonly provider: Provider<this['of']>
}

/** What `createHooks` makes of a socket `S` of contract `C`. */
export type Hooks<C extends Contract, S = Socket<C>> = Of<C, S, Svelte>
