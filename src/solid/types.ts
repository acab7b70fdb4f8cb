import type { Accessor, JSX } from 'solid-js'
import type { Socket } from '../connect.ts'
import type { Contract } from '../contract.ts'
import type { Hooks as Of, Shape } from '../hooks/types.ts'

/** A value, or an accessor of it, which is then followed. */
export type MaybeAccessor<T> = T | Accessor<T>

/** An accessor of everything but the functions. */
export type Accessors<T> = { readonly [K in keyof T]: K extends 'refetch' ? T[K] : Accessor<T[K]> }

/** What there is in Solid beside the hooks. */
export interface Provider<S> {
  /** Gives the components below it another socket than the one that the primitives were made of. */
  readonly SocketProvider: (props: { readonly socket: S; readonly children?: JSX.Element }) => JSX.Element
}

/** Accessors. They begin after the first render, never on a server, and end with their owner. */
export interface Solid extends Shape {
  readonly held: Accessor<this['of']>
  readonly parts: Accessors<this['of']>
  readonly given: MaybeAccessor<this['of']>
  readonly provider: Provider<this['of']>
}

/** What `createHooks` makes of a socket `S` of contract `C`. */
export type Hooks<C extends Contract, S = Socket<C>> = Of<C, S, Solid>
