import type { Readable } from 'svelte/store'
import type { Args, Contract } from '../contract.ts'
import type { Answered, AskOptions as Asking, Read, ReadOptions as Reading } from '../hooks/ask.ts'
import type { LatestOptions } from '../hooks/latest.ts'
import type * as Of from '../hooks/types.ts'

/** A store, `$status` in a component; and for runes, anywhere, what it holds now: `status.current`. */
export interface Live<T> extends Readable<T> {
  readonly current: T
}

/** A value, or what gives it, now and later: a function that reads `$state` or stores (`() => ({ room })`), or a store. */
export type Given<T> = T | (() => T) | Readable<T>

interface Enabled {
  /** While it is false, nothing is asked before `refetch`. Default: true. */
  readonly enabled?: Given<boolean | undefined>
}

/** How it is asked. */
export interface AskOptions extends Omit<Asking, 'enabled'>, Enabled {}

/** How a stream is read. */
export interface ReadOptions extends Omit<Reading, 'enabled'>, Enabled {}

/**
 * Hooks for sockets `S` of contract `C`, to be called where a component begins, in its script. They begin when it is mounted,
 * and so never on a server, and end with it.
 */
export interface Hooks<C extends Contract, S> {
  /** Gives the components below this one another socket than the one that the hooks were made of. */
  readonly setSocket: (socket: Given<S>) => void
  /** The socket, in use while the component is mounted: to send, to ask, to handle the server's requests. Throws `invalid-argument` where there is none. */
  readonly useSocket: () => Live<S>
  /** How the socket is, or what `select` makes of that, which may read `$state`; changes at most once a frame. */
  readonly useStatus: {
    (): Live<Of.StatusOf<S>>
    <T>(select: (status: Of.StatusOf<S>) => T): Live<T>
  }
  /** Calls `listener` with the data of each event of this name. */
  readonly useEvent: <K extends Of.EventName<C>>(name: K, listener: (data: Of.EventData<C, K>) => void) => void
  /** The data of the last event of this name since the component was mounted, or, with a `history`, of so many, oldest first. Changes at most once a frame. */
  readonly useLatest: {
    <K extends Of.EventName<C>>(
      name: K,
      options?: Of.One<LatestOptions<Of.EventData<C, K>>>,
    ): Live<Of.EventData<C, K> | undefined>
    <K extends Of.EventName<C>>(
      name: K,
      options: Of.Several<LatestOptions<Of.EventData<C, K>>>,
    ): Live<readonly Of.EventData<C, K>[]>
  }
  /** Asks, and again for another input, and in a new session; withdraws when the component is destroyed. Inputs are the same if their JSON is. */
  readonly useRequest: <K extends Of.RequestName<C>>(
    name: K,
    ...rest: Args<Given<Of.RequestInput<C, K>>, AskOptions>
  ) => Live<Answered<Of.RequestOutput<C, K> | undefined>>
  /** Reads a stream, and anew for another input, and in a new session. Changes at most once a frame. Inputs are the same if their JSON is. */
  readonly useStream: {
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: Args<Given<Of.StreamInput<C, K>>, Of.One<ReadOptions>>
    ): Live<Read<Of.StreamItem<C, K> | undefined>>
    <K extends Of.StreamName<C>>(
      name: K,
      ...rest: [Given<Of.StreamInput<C, K>>, Of.Several<ReadOptions>]
    ): Live<Read<readonly Of.StreamItem<C, K>[]>>
  }
}
