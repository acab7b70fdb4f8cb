import type { ReactElement, ReactNode } from 'react'
import type { Args, Contract } from '../contract.ts'
import type { Answered, AskOptions, Read, ReadOptions } from '../hooks/ask.ts'
import type { LatestOptions } from '../hooks/latest.ts'
import type * as Of from '../hooks/types.ts'

/** Hooks for sockets `S` of contract `C`. */
export interface Hooks<C extends Contract, S> {
  /** Gives the components below it another socket than the one that the hooks were made of. */
  readonly SocketProvider: (props: { readonly socket: S; readonly children?: ReactNode }) => ReactElement
  /** The socket, in use while the component is mounted: to send, to ask, to handle the server's requests. Throws `invalid-argument` where there is none. */
  readonly useSocket: () => S
  /** How the socket is, or what `select` makes of that; renders when it changed, at most once a frame. */
  readonly useStatus: {
    (): Of.StatusOf<S>
    <T>(select: (status: Of.StatusOf<S>) => T): T
  }
  /** Calls the `listener` of the last render with the data of each event of this name. Renders nothing. */
  readonly useEvent: <K extends Of.EventName<C>>(name: K, listener: (data: Of.EventData<C, K>) => void) => void
  /** The data of the last event of this name since the component was mounted, or, with a `history`, of so many, oldest first. Renders at most once a frame. */
  readonly useLatest: {
    <K extends Of.EventName<C>>(
      name: K,
      options?: Of.One<LatestOptions<Of.EventData<C, K>>>,
    ): Of.EventData<C, K> | undefined
    <K extends Of.EventName<C>>(
      name: K,
      options: Of.Several<LatestOptions<Of.EventData<C, K>>>,
    ): readonly Of.EventData<C, K>[]
  }
  /** Asks, and again for another input, and in a new session; withdraws when the component is unmounted. Inputs are the same if their JSON is. */
  readonly useRequest: <K extends Of.RequestName<C>>(
    name: K,
    ...rest: Args<Of.RequestInput<C, K>, AskOptions>
  ) => Answered<Of.RequestOutput<C, K> | undefined>
  /** Reads a stream, and anew for another input, and in a new session. Renders at most once a frame. Inputs are the same if their JSON is. */
  readonly useStream: {
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: Args<Of.StreamInput<C, K>, Of.One<ReadOptions>>
    ): Read<Of.StreamItem<C, K> | undefined>
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: [Of.StreamInput<C, K>, Of.Several<ReadOptions>]
    ): Read<readonly Of.StreamItem<C, K>[]>
  }
}
