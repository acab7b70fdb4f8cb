/// <reference lib="esnext.disposable" preserve="true" />
import type { Socket } from '../connect.ts'
import type { Args, Contract, Input, Name, Output, Part, Untyped } from '../contract.ts'
import type { SendOptions } from '../features/events.ts'
import type { HandlerContext } from '../features/requests.ts'
import type { ConnectOptions } from '../options.ts'
import type { ServerSession } from '../server/contract.ts'
import type { ServerCore } from '../server/core.ts'
import type { ServerOptions } from '../server/options.ts'
import type { Patience } from './inbox.ts'
import type { VirtualNetwork } from './network.ts'
import type { Conditions } from './stream.ts'

/** What a test server is made of. */
export interface TestServerOptions<C extends Contract = Untyped, Identity = unknown> {
  /** The one URL at which it answers. Default: any that a client of ours is told. */
  readonly url?: string | URL
  /** What `createServer` would be told. Default of `origins`: `*`. */
  readonly server?: ServerOptions<Identity>
  /** Sets the server up before anybody connects: the first one, and each after a restart. */
  readonly serve?: (server: ServerCore<C, Identity>) => void
  /** What the network is like. Default: 1 ms latency, no jitter. */
  readonly conditions?: Partial<Conditions>
  /** A whole number: the same seed, the same chances. Default: 1. */
  readonly seed?: number
}

/** What pages say: events by name, and what requests and streams ask with. */
export type Heard<C> = Name<Part<C, 'toServer'>> | Name<Part<C, 'requests'>> | Name<Part<C, 'streams'>>

type Of<P, K> = K extends keyof P ? P[K] : never

/** What comes under a name. */
export type HeardData<C, K> =
  Of<Part<C, 'toServer'>, K> | Input<Of<Part<C, 'requests'>, K>> | Input<Of<Part<C, 'streams'>, K>>

/** A server in memory, on a network that obeys. Made by {@link createTestServer}. */
export interface TestServer<C extends Contract = Untyped, Identity = unknown> extends Disposable {
  /** Where `connect` finds it: its URL, or one of the many. */
  readonly url: string
  /** The server that runs: what `createServer` would have returned, without what is Node's. */
  readonly core: ServerCore<C, Identity>
  /** What is between it and everybody. */
  readonly network: VirtualNetwork

  /**
   * Stands in for the platform's `WebSocket` and `fetch` where clients of ours use them, so that an application's own `connect`
   * finds this server. Everything else goes to what was there before. Returns the way back.
   */
  install(): (() => void) & Disposable
  /** A client of this server: what `connect` returns. */
  connect(options?: ConnectOptions): Socket<C>

  /** Calls `listener` with each event of this name from whatever session. Returns the way back. */
  on<K extends Name<Part<C, 'toServer'>>>(
    name: K,
    listener: (data: Part<C, 'toServer'>[K], session: ServerSession<C, Identity>) => void,
  ): () => void
  /** Answers requests of this name from whatever session; of several such handlers the last one does. Returns the way back. */
  handle<K extends Name<Part<C, 'requests'>>>(
    name: K,
    handler: (
      input: Input<Part<C, 'requests'>[K]>,
      context: HandlerContext,
      session: ServerSession<C, Identity>,
    ) => Output<Part<C, 'requests'>[K]> | PromiseLike<Output<Part<C, 'requests'>[K]>>,
  ): () => void
  /** The same for streams. */
  handleStream<K extends Name<Part<C, 'streams'>>>(
    name: K,
    handler: (
      input: Input<Part<C, 'streams'>[K]>,
      context: HandlerContext,
      session: ServerSession<C, Identity>,
    ) => AsyncIterable<Output<Part<C, 'streams'>[K]>> | Iterable<Output<Part<C, 'streams'>[K]>>,
  ): () => void
  /** Sends an event to every session. Throws where there is none. */
  send<K extends Name<Part<C, 'toClient'>>>(name: K, ...rest: Args<Part<C, 'toClient'>[K], SendOptions>): void
  /** The newest session, as soon as there is one. Rejects if that takes too long. */
  session(patience?: Patience): Promise<ServerSession<C, Identity>>

  /** What came under this name so far, in order: the data of events, the input of requests and streams that somebody answers. */
  received<K extends Heard<C>>(name: K): readonly HeardData<C, K>[]
  /** The first of these that no `next` has given yet, as soon as it is there. Rejects, telling what came, if that takes too long. */
  next<K extends Heard<C>>(name: K, patience?: Patience): Promise<HeardData<C, K>>

  /** The server ends without a word, and another begins, which knows no session: `serve` is called again. What came stays received. */
  restart(): void
  /** The end of all: takes `install` back, closes every socket for good, and leaves no timer behind. */
  close(): void
}
