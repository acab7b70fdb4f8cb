/// <reference lib="esnext.disposable" preserve="true" />
import type { Args, Contract, Input, Name, Output, Part, Speaks, Untyped } from './contract.ts'
import { type Receipt, type SendOptions, createEvents } from './features/events.ts'
import { type HandlerContext, type RequestOptions, createRequests } from './features/requests.ts'
import { type StreamOptions, createStream } from './features/streams.ts'
import type { Cell } from './kernel/cell.ts'
import { createEmitter } from './kernel/emitter.ts'
import type { HoldfastError } from './kernel/errors.ts'
import { CONNECT_DEFAULTS, type ConnectOptions, resolveOptions } from './options.ts'
import { systemClock } from './platform/clock.ts'
import { pageLifecycle } from './platform/lifecycle.ts'
import { localMemory } from './platform/memory.ts'
import { pageNetwork } from './platform/network.ts'
import { systemRandom } from './platform/random.ts'
import { reportError } from './platform/report.ts'
import { createClient } from './session/client.ts'
import { createCourier } from './session/courier.ts'
import type { Platform } from './session/settings.ts'
import type { ErrorCounts } from './session/ports.ts'
import type { Lost } from './session/lost.ts'
import type { Provider } from './session/provider.ts'
import type { Status } from './session/status.ts'
import { fetchPost } from './transports/fetch.ts'
import { webSocketTransport } from './transports/websocket.ts'

/** One typed, lasting conversation with a server. Made by {@link connect}. */
export interface Socket<C extends Contract = Untyped> extends AsyncDisposable, Speaks<C> {
  /** How the socket is: `get()` for now, `subscribe()` for every change (counters: at most once a task). */
  readonly status: Cell<Status>
  /** How often each kind of error was met: every drop is counted. */
  readonly errors: ErrorCounts
  /** Bytes that wait to be sent, or were and are not acknowledged. */
  readonly bufferedAmount: number

  /**
   * Sends an event: exactly once and in order, now or when the connection is back. The {@link Receipt} tells what became of it, if
   * asked. Throws `unserializable`, `too-large`, `overflow` (the outbox is full) or `closed`, and in that case does not send it.
   */
  send<K extends Name<Part<C, 'toServer'>>>(name: K, ...rest: Args<Part<C, 'toServer'>[K], SendOptions>): Receipt
  /** Calls `listener` with the data of each event of this name. Returns the unsubscribe function. */
  on<K extends Name<Part<C, 'toClient'>>>(name: K, listener: (data: Part<C, 'toClient'>[K]) => void): () => void
  /** Like `on`, for the next one only. */
  once<K extends Name<Part<C, 'toClient'>>>(name: K, listener: (data: Part<C, 'toClient'>[K]) => void): () => void

  /**
   * Asks, and resolves with the server's answer; asked once, whatever the connection does meanwhile. Rejects with
   * `timeout`, `aborted` by the signal's reason, `request-failed` ({@link RequestError}), `handler-failed`,
   * `unknown-request`, `invalid-payload`, `in-doubt` or `session-lost` (unless `idempotent`), `closed`, or as `send` throws.
   */
  request<K extends Name<Part<C, 'requests'>>>(
    name: K,
    ...rest: Args<Input<Part<C, 'requests'>[K]>, RequestOptions>
  ): Promise<Output<Part<C, 'requests'>[K]>>
  /**
   * Asks for many answers: iterate over what it returns. Nothing is asked before the first `next()`; `break` or the
   * signal withdraws. Survives reconnections; throws where `request` would reject, and `overflow` at a reader that is too slow.
   */
  stream<K extends Name<Part<C, 'streams'>>>(
    name: K,
    ...rest: Args<Input<Part<C, 'streams'>[K]>, StreamOptions>
  ): AsyncIterableIterator<Output<Part<C, 'streams'>[K]>>
  /**
   * Answers the server's requests of this name. Throw a {@link RequestError} to answer with a failure that the server
   * may read. Returns the function that ends it. Throws `invalid-argument` where there is a handler already.
   */
  handle<K extends Name<Part<C, 'serverRequests'>>>(
    name: K,
    handler: (
      input: Input<Part<C, 'serverRequests'>[K]>,
      context: HandlerContext,
    ) => Output<Part<C, 'serverRequests'>[K]> | PromiseLike<Output<Part<C, 'serverRequests'>[K]>>,
  ): () => void

  /** Resolves when the server has acknowledged everything sent so far. Rejects with `closed`. */
  flush(): Promise<void>
  /** Tells of messages whose fate is unknown: the server lost the session, or the socket closed before they arrived. */
  onLost(listener: (lost: Lost) => void): () => void
  /** Tells of every counted error: what could not be used, and what a listener or handler threw. */
  onError(listener: (error: HoldfastError) => void): () => void
  /** Connects anew, now: cancels the backoff, a hung try, and a hung `auth` or `url` function. Nothing once closed. */
  reconnect(): void
  /**
   * Ends it for good: waits until what was sent is acknowledged, at most `timeout` ms (default 5000), says bye to the
   * server and resolves. Whatever still waits for an answer rejects with `closed`.
   */
  close(options?: { timeout?: number }): Promise<void>
}

/** `connect` on a world of one's own: the testing kit's virtual one. */
export const createSocket = <C extends Contract = Untyped>(
  url: Provider<string>,
  options: ConnectOptions,
  platform: Platform & { readonly report: (error: unknown) => void },
): Socket<C> => {
  const settings = { ...resolveOptions(options, CONNECT_DEFAULTS), url }
  const notices = createEmitter(platform.report)
  const onError = (error: HoldfastError): void => {
    if (error.code === 'handler-failed') platform.report(error.cause)
    notices.emit('error', error)
  }
  const onLost = (lost: Lost): void => void notices.emit('lost', lost)
  const { talk, ...client } = createClient(settings, platform, onError, onLost)
  const { left } = settings.outbox.store ?? {}
  const courier = left && createCourier(settings, platform, left, onLost)
  if (courier) client.status.subscribe(({ state }) => (state === 'open' ? courier.start() : courier.stop()))
  // Not every engine has explicit resource management yet.
  const { asyncDispose } = Symbol as Partial<Pick<SymbolConstructor, 'asyncDispose'>>
  const socket = {
    ...client,
    errors: talk.errors,
    get bufferedAmount() {
      return talk.session.outbox.bytes
    },
    ...createEvents(talk),
    ...createRequests(talk, settings.requestTimeout),
    stream: createStream(talk),
    flush: talk.session.flush,
    onLost: (listener: (lost: Lost) => void) => notices.on('lost', listener),
    onError: (listener: (error: HoldfastError) => void) => notices.on('error', listener),
    ...(asyncDispose && { [asyncDispose]: () => client.close() }),
  }
  return socket as Socket<C>
}

/**
 * Opens a conversation. `url`: `ws:`, `wss:`, `http:` or `https:`, relative to the page where there is one, or a function
 * that gives it anew for each try. Connects at once and keeps at it until `close()`.
 * Throws `invalid-option`, saying what was meant, for an option that is none.
 */
export const connect = <C extends Contract = Untyped>(url: Provider<string>, options: ConnectOptions = {}): Socket<C> =>
  createSocket<C>(url, options, {
    clock: systemClock(),
    random: systemRandom,
    lifecycle: pageLifecycle,
    memory: localMemory,
    network: pageNetwork,
    transport: globalThis.WebSocket && webSocketTransport,
    post: fetchPost,
    report: reportError,
  })
