/** Types only: how one contract interface types both sides of a conversation. */

/**
 * What page and server may say to each other. An interface of the application's own, shared by both; every part may be
 * left out. Events map names to data; requests and streams map names to functions from input to answer (or item).
 */
export interface Contract {
  /** Events that the page sends. */
  toServer?: object
  /** Events that the server sends. */
  toClient?: object
  /** The page asks, the server answers. */
  requests?: object
  /** The server asks, the page answers. */
  serverRequests?: object
  /** The page asks once, the server answers with many items. */
  streams?: object
}

/** The contract of a `connect()` without one: every name is allowed, all data is `unknown`. */
export interface Untyped {
  toServer: Record<string, unknown>
  toClient: Record<string, unknown>
  requests: Record<string, (input: unknown) => unknown>
  serverRequests: Record<string, (input: unknown) => unknown>
  streams: Record<string, (input: unknown) => unknown>
}

/** A part of the contract, empty where it was left out. */
export type Part<C, K extends keyof Contract> = K extends keyof C ? NonNullable<C[K]> : Record<never, never>

/** The names in a part. */
export type Name<P> = Extract<keyof P, string>

/** What a request's function takes; `undefined` if nothing. */
export type Input<F> = F extends (...input: infer I) => unknown ? I[0] : never

/** What a request's function answers, or a stream's function gives one by one. */
export type Output<F> = F extends (input: never) => infer R ? Awaited<R> : never

/** Data may be left out of a call where the contract allows `undefined`. */
export type Args<Data, Options> = undefined extends Data
  ? [data?: Data, options?: Options]
  : [data: Data, options?: Options]

/** A socket of this contract, whatever its kind. */
export interface Speaks<C> {
  /** Of types only, and never there: it tells functions that take a socket what may be said over it. */
  '~contract'?(contract: C): void
}
