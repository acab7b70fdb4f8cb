import type { App, MaybeRefOrGetter, ShallowRef } from 'vue'
import type { Socket } from '../connect.ts'
import type { Args, Contract, Untyped } from '../contract.ts'
import type { LatestOptions } from '../hooks/latest.ts'
import type { Answered, AskOptions as Asking, Read, ReadOptions as Reading } from '../hooks/ask.ts'
import type * as Of from '../hooks/types.ts'

export type { Answered, LatestOptions, Read }

/** A ref of everything but the functions. */
export type Refs<T> = { readonly [K in keyof T]: K extends 'refetch' ? T[K] : Readonly<ShallowRef<T[K]>> }

interface Enabled {
  /** While it is false, nothing is asked before `refetch`. Default: true. */
  readonly enabled?: MaybeRefOrGetter<boolean | undefined>
}

/** How it is asked. */
export interface AskOptions extends Omit<Asking, 'enabled'>, Enabled {}

/** How a stream is read. */
export interface ReadOptions extends Omit<Reading, 'enabled'>, Enabled {}

/**
 * Composables for sockets `S` of contract `C`. In a component they begin when it is mounted, elsewhere (in a store, in an
 * `effectScope`) at once, and never on a server; they end with their effect scope. A component that `KeepAlive` has put away goes on.
 */
export interface Hooks<C extends Contract, S> {
  /** Gives the components below this one, or all those of an app, another socket than the one that the composables were made of. */
  readonly provideSocket: (socket: MaybeRefOrGetter<S>, app?: Pick<App, 'provide'>) => void
  /** The socket, in use meanwhile: to send, to ask, to handle the server's requests. Throws `invalid-argument` where there is none. */
  readonly useSocket: () => Readonly<ShallowRef<S>>
  /** How the socket is, or what `select` makes of that; changes at most once a frame. */
  readonly useStatus: {
    (): Readonly<ShallowRef<Of.StatusOf<S>>>
    <T>(select: (status: Of.StatusOf<S>) => T): Readonly<ShallowRef<T>>
  }
  /** Calls `listener` with the data of each event of this name. */
  readonly useEvent: <K extends Of.EventName<C>>(name: K, listener: (data: Of.EventData<C, K>) => void) => void
  /** The data of the last event of this name since then, or, with a `history`, of so many, oldest first. Changes at most once a frame. */
  readonly useLatest: {
    <K extends Of.EventName<C>>(
      name: K,
      options?: Of.One<LatestOptions<Of.EventData<C, K>>>,
    ): Readonly<ShallowRef<Of.EventData<C, K> | undefined>>
    <K extends Of.EventName<C>>(
      name: K,
      options: Of.Several<LatestOptions<Of.EventData<C, K>>>,
    ): Readonly<ShallowRef<readonly Of.EventData<C, K>[]>>
  }
  /** Asks, and again for another input, and in a new session; withdraws the question in the end. Inputs are the same if their JSON is. */
  readonly useRequest: <K extends Of.RequestName<C>>(
    name: K,
    ...rest: Args<MaybeRefOrGetter<Of.RequestInput<C, K>>, AskOptions>
  ) => Refs<Answered<Of.RequestOutput<C, K> | undefined>>
  /** Reads a stream, and anew for another input, and in a new session. Changes at most once a frame. Inputs are the same if their JSON is. */
  readonly useStream: {
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: Args<MaybeRefOrGetter<Of.StreamInput<C, K>>, Of.One<ReadOptions>>
    ): Refs<Read<Of.StreamItem<C, K> | undefined>>
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: [MaybeRefOrGetter<Of.StreamInput<C, K>>, Of.Several<ReadOptions>]
    ): Refs<Read<readonly Of.StreamItem<C, K>[]>>
  }
}

/** Makes composables of a socket, or of a contract alone. */
export interface CreateHooks {
  <C extends Contract = Untyped>(socket?: Socket<C>): Hooks<C, Socket<C>>
  <S extends Of.HookSocket>(socket: S): Hooks<Of.ContractOf<S>, S>
}
