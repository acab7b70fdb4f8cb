import { isFinal } from '../kernel/close-codes.ts'

/** What `send` takes. */
export type Data = Parameters<WebSocket['send']>[0]

/** A value, or one that comes later, or a function that gives either anew for each try. */
export type Provided<T> = T | PromiseLike<T> | (() => T | PromiseLike<T>)

/** What is asked of a WebSocket: the platform's, that of `ws`, or another. */
export interface Underlying {
  readonly readyState: number
  readonly url: string
  readonly protocol: string
  readonly extensions: string
  readonly bufferedAmount: number
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(data: never): void
  close(code?: number, reason?: string): void
}

/** How dead connections are found. */
export interface HeartbeatOptions {
  /** What the server answers to; a function gives it anew each time. */
  message: Data | (() => Data)
  /** Milliseconds without any message from the server after which it is sent. */
  interval: number
  /** How many milliseconds any message may then take to come. Default: 10 000. */
  timeout?: number
  /** Whether a message is no more than the answer: those are kept from the application. Default: none is. */
  isPong?: (data: unknown) => boolean
}

/** What the constructor can be told. Nobody needs any of it. Durations in milliseconds. */
export interface WebSocketOptions {
  /** What the longest wait before a try grows to. Default: 10 000. */
  maxReconnectionDelay?: number
  /** The longest wait before the first try after a failure. Default: 3000. */
  minReconnectionDelay?: number
  /** What it grows by from one failed try to the next. Default: 1.3. */
  reconnectionDelayGrowFactor?: number
  /** Share of each wait that is left to chance: 1 waits anywhere between 0 and the longest, 0 always the longest. Default: 1. */
  jitter?: number
  /** How long a connection must hold for the waits to begin anew. Default: 5000. */
  minUptime?: number
  /** How long a try may take, functions for URL and protocols included; and how long `close` waits for the server. Default: 4000. */
  connectionTimeout?: number
  /** How often it tries again before it gives up. Default: Infinity. */
  maxRetries?: number
  /** How many messages may wait for the connection; those beyond are dropped, each with a `drop` event. Default: 10 000. */
  maxEnqueuedMessages?: number
  /** Whether it waits for `reconnect()`. Default: false. */
  startClosed?: boolean
  /** The class to connect with. Default: the platform's. */
  WebSocket?: new (url: string, protocols?: string | string[]) => Underlying
  /** Whether every step is logged. Default: false. */
  debug?: boolean
  /** Where to. Default: `console.log`. */
  debugLogger?: (...values: unknown[]) => void
  /** Whether to connect again after this end. Default: unless the code is 1009, or 44xx other than 4401, 4408, 4410, 4425 and 4429. */
  shouldReconnectOnClose?: (event: CloseEvent) => boolean
  /** Hears of each connection before anybody else: what it sends goes ahead of what waits. Default: none. */
  handshake?: (socket: WebSocket) => void
  /** How dead connections are found. Default: not at all. */
  heartbeat?: HeartbeatOptions
}

/** {@link WebSocketOptions} with nothing left open. */
export interface Settings extends Required<WebSocketOptions> {
  heartbeat: Required<HeartbeatOptions>
}

type Values = Record<string, unknown>

const complete = (defaults: Values, given: object): Values => {
  for (const [name, value] of Object.entries(given)) {
    const type = typeof defaults[name]
    if (value === undefined) continue
    if (name !== 'message' && (typeof value !== type || (type === 'number' && !(value >= 0))))
      throw new TypeError(`${name} must not be ${value}`)
    defaults[name] = type === 'object' ? complete(defaults[name] as Values, value as object) : value
  }
  return defaults
}

/** Checks and completes. Throws a `TypeError` for a name or a value that is none. */
export const resolve = (options: WebSocketOptions): Settings =>
  complete(
    {
      maxReconnectionDelay: 10_000,
      minReconnectionDelay: 3_000,
      reconnectionDelayGrowFactor: 1.3,
      jitter: 1,
      minUptime: 5_000,
      connectionTimeout: 4_000,
      maxRetries: Infinity,
      maxEnqueuedMessages: 10_000,
      startClosed: false,
      // Where there is none, a function that constructs nothing.
      WebSocket: globalThis.WebSocket ?? (() => {}),
      debug: false,
      // oxlint-disable-next-line no-console -- where those who ask for it look
      debugLogger: console.log,
      shouldReconnectOnClose: ({ code }: CloseEvent) => !isFinal(code),
      handshake() {},
      heartbeat: { message: '', interval: Infinity, timeout: 10_000, isPong() {} },
    },
    options,
  ) as object as Settings
