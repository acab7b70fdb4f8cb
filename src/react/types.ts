import type { ReactElement, ReactNode } from 'react'
import type { Socket } from '../connect.ts'
import type { Contract } from '../contract.ts'
import type { Hooks as Of, Shape } from '../hooks/types.ts'

/** What there is in React beside the hooks. */
export interface Provider<S> {
  /** Gives the components below it another socket than the one that the hooks were made of. */
  readonly SocketProvider: (props: { readonly socket: S; readonly children?: ReactNode }) => ReactElement
}

/** A component is called again when something changes, and gets it as it is. */
export interface React extends Shape {
  readonly held: this['of']
  readonly parts: this['of']
  readonly given: this['of']
  readonly provider: Provider<this['of']>
}

/** What `createHooks` makes of a socket `S` of contract `C`. */
export type Hooks<C extends Contract, S = Socket<C>> = Of<C, S, React>
