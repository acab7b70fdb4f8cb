/** The types of hooks, once for all frameworks. */
import type { Socket } from '../connect.ts'
import type { Args, Contract, Input, Name, Output, Part, Speaks, Untyped } from '../contract.ts'
import type { Shareable } from '../share.ts'
import type { Answered, AskOptions, Read, ReadOptions } from './ask.ts'
import type { LatestOptions } from './latest.ts'

/** What hooks can be made of: a socket of `holdfast` or of `holdfast/wire`, shared or not. */
export type HookSocket = Shareable & Speaks<never> & { readonly status: { get(): object } }

/** How a framework holds what changes. An interface that extends it says so of `this['of']`, the type of the value. */
export interface Shape {
  readonly of: unknown
  /** A value that changes. */
  readonly held: unknown
  /** An object whose members change. */
  readonly parts: unknown
  /** What hooks are given, where it may change. */
  readonly given: unknown
  /** What gives components another socket, which is the value. */
  readonly provider: object
}
type Held<F extends Shape, T> = (F & { readonly of: T })['held']
type Parts<F extends Shape, T> = (F & { readonly of: T })['parts']
type Given<F extends Shape, T> = (F & { readonly of: T })['given']
type Provider<F extends Shape, S> = (F & { readonly of: S })['provider']

/** Options of requests and streams, of which `enabled` may change. */
type Asking<F extends Shape, Options extends { readonly enabled?: unknown }> = Omit<Options, 'enabled'> & {
  /** While it is false, nothing is asked before `refetch`. Default: true. */
  readonly enabled?: Given<F, boolean | undefined>
}

/** Options that keep one item, and those that keep several. */
type One<Options> = Options & { readonly history?: undefined }
type Several<Options> = Options & { readonly history: number }

type StatusOf<S> = S extends { readonly status: { get(): infer T } } ? T : never
type Events<C> = Part<C, 'toClient'>
type Requests<C> = Part<C, 'requests'>
type Streams<C> = Part<C, 'streams'>

/**
 * The hooks for sockets `S` of contract `C`, which a framework holds as `F` says. They begin when the component is there, and so
 * never on a server, and end with it.
 */
interface Reading<C extends Contract, S, F extends Shape> {
  /** The socket, in use meanwhile: to send, to ask, to handle the server's requests. Throws `invalid-argument` where there is none, as all of these do. */
  readonly useSocket: () => Held<F, S>
  /** How the socket is, or what `select` makes of that; changes at most once a frame. */
  readonly useStatus: {
    (): Held<F, StatusOf<S>>
    <T>(select: (status: StatusOf<S>) => T): Held<F, T>
  }
  /** Calls `listener`, the newest where it can be another one, with the data of each event of this name. Renders nothing. */
  readonly useEvent: <K extends Name<Events<C>>>(name: K, listener: (data: Events<C>[K]) => void) => void
  /** The data of the last event of this name since then, or, with a `history`, of so many, oldest first; changes at most once a frame. */
  readonly useLatest: {
    <K extends Name<Events<C>>>(name: K, options?: One<LatestOptions<Events<C>[K]>>): Held<F, Events<C>[K] | undefined>
    <K extends Name<Events<C>>>(
      name: K,
      options: Several<LatestOptions<Events<C>[K]>>,
    ): Held<F, readonly Events<C>[K][]>
  }
  /** Asks, and again for another input, and in a new session; withdraws the question in the end. Inputs are the same if their JSON is. */
  readonly useRequest: <K extends Name<Requests<C>>>(
    name: K,
    ...rest: Args<Given<F, Input<Requests<C>[K]>>, Asking<F, AskOptions>>
  ) => Parts<F, Answered<Output<Requests<C>[K]> | undefined>>
  /** Reads a stream, and anew for another input, and in a new session; changes at most once a frame. Inputs are the same if their JSON is. */
  readonly useStream: {
    <K extends Name<Streams<C>>>(
      name: K,
      ...rest: Args<Given<F, Input<Streams<C>[K]>>, One<Asking<F, ReadOptions>>>
    ): Parts<F, Read<Output<Streams<C>[K]> | undefined>>
    <K extends Name<Streams<C>>>(
      name: K,
      ...rest: [Given<F, Input<Streams<C>[K]>>, Several<Asking<F, ReadOptions>>]
    ): Parts<F, Read<readonly Output<Streams<C>[K]>[]>>
  }
}

/** All hooks, and what gives components another socket than the one that they were made of. */
export type Hooks<C extends Contract, S, F extends Shape> = Reading<C, S, F> & Provider<F, S>

/** Makes hooks of a socket, or of a contract alone. */
export interface CreateHooks<F extends Shape> {
  <C extends Contract = Untyped>(socket?: Socket<C>): Hooks<C, Socket<C>, F>
  <S extends HookSocket>(
    socket: S,
  ): Hooks<S extends { '~contract'?(contract: infer C): void } ? Extract<C, Contract> : never, S, F>
}

/** The hooks' names. */
export type HookName = keyof Reading<never, never, never>
