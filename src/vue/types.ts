import type { App, MaybeRefOrGetter, ShallowRef } from 'vue'
import type { Socket } from '../connect.ts'
import type { Contract } from '../contract.ts'
import type { Hooks as Of, Shape } from '../hooks/types.ts'

/** A ref of everything but the functions. */
export type Refs<T> = { readonly [K in keyof T]: K extends 'refetch' ? T[K] : Readonly<ShallowRef<T[K]>> }

/** What there is in Vue beside the hooks. */
export interface Provider<S> {
  /** Gives the components below this one, or all those of an app, another socket than the one that the composables were made of. */
  readonly provideSocket: (socket: MaybeRefOrGetter<S>, app?: Pick<App, 'provide'>) => void
}

/**
 * Refs. In a component they begin when it is mounted, elsewhere (in a store, in an `effectScope`) at once, and never on a server; they end
 * with their effect scope. A component that `KeepAlive` has put away goes on.
 */
export interface Vue extends Shape {
  readonly held: Readonly<ShallowRef<this['of']>>
  readonly parts: Refs<this['of']>
  readonly given: MaybeRefOrGetter<this['of']>
  readonly provider: Provider<this['of']>
}

/** What `createHooks` makes of a socket `S` of contract `C`. */
export type Hooks<C extends Contract, S = Socket<C>> = Of<C, S, Vue>
