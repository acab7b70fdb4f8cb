import type { Accessor, JSX } from 'solid-js'
import type { Socket } from '../connect.ts'
import type { Args, Contract, Untyped } from '../contract.ts'
import type { LatestOptions } from '../hooks/latest.ts'
import type { Answered, AskOptions as Asking, Read, ReadOptions as Reading } from '../hooks/ask.ts'
import type * as Of from '../hooks/types.ts'

export type { Answered, LatestOptions, Read }

/** A value, or an accessor of it, which is then followed. */
export type MaybeAccessor<T> = T | Accessor<T>

/** An accessor of everything but the functions. */
export type Accessors<T> = { readonly [K in keyof T]: K extends 'refetch' ? T[K] : Accessor<T[K]> }

interface Enabled {
  /** While it is false, nothing is asked before `refetch`. Default: true. */
  readonly enabled?: MaybeAccessor<boolean | undefined>
}

/** How it is asked. */
export interface AskOptions extends Omit<Asking, 'enabled'>, Enabled {}

/** How a stream is read. */
export interface ReadOptions extends Omit<Reading, 'enabled'>, Enabled {}

/** Primitives for sockets `S` of contract `C`. They begin after the first render, never on a server, and end with their owner. */
export interface Hooks<C extends Contract, S> {
  /** Gives the components below it another socket than the one that the primitives were made of. */
  readonly SocketProvider: (props: { readonly socket: S; readonly children?: JSX.Element }) => JSX.Element
  /** The socket, in use meanwhile: to send, to ask, to handle the server's requests. Throws `invalid-argument` where there is none. */
  readonly useSocket: () => Accessor<S>
  /** How the socket is, or what `select` makes of that; changes at most once a frame. */
  readonly useStatus: {
    (): Accessor<Of.StatusOf<S>>
    <T>(select: (status: Of.StatusOf<S>) => T): Accessor<T>
  }
  /** Calls `listener` with the data of each event of this name. */
  readonly useEvent: <K extends Of.EventName<C>>(name: K, listener: (data: Of.EventData<C, K>) => void) => void
  /** The data of the last event of this name since then, or, with a `history`, of so many, oldest first. Changes at most once a frame. */
  readonly useLatest: {
    <K extends Of.EventName<C>>(
      name: K,
      options?: Of.One<LatestOptions<Of.EventData<C, K>>>,
    ): Accessor<Of.EventData<C, K> | undefined>
    <K extends Of.EventName<C>>(
      name: K,
      options: Of.Several<LatestOptions<Of.EventData<C, K>>>,
    ): Accessor<readonly Of.EventData<C, K>[]>
  }
  /** Asks, and again for another input, and in a new session; withdraws the question in the end. Inputs are the same if their JSON is. */
  readonly useRequest: <K extends Of.RequestName<C>>(
    name: K,
    ...rest: Args<MaybeAccessor<Of.RequestInput<C, K>>, AskOptions>
  ) => Accessors<Answered<Of.RequestOutput<C, K> | undefined>>
  /** Reads a stream, and anew for another input, and in a new session. Changes at most once a frame. Inputs are the same if their JSON is. */
  readonly useStream: {
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: Args<MaybeAccessor<Of.StreamInput<C, K>>, Of.One<ReadOptions>>
    ): Accessors<Read<Of.StreamItem<C, K> | undefined>>
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: [MaybeAccessor<Of.StreamInput<C, K>>, Of.Several<ReadOptions>]
    ): Accessors<Read<readonly Of.StreamItem<C, K>[]>>
  }
}

/** Makes primitives of a socket, or of a contract alone. */
export interface CreateHooks {
  <C extends Contract = Untyped>(socket?: Socket<C>): Hooks<C, Socket<C>>
  <S extends Of.HookSocket>(socket: S): Hooks<Of.ContractOf<S>, S>
}
