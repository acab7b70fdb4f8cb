/** What the benchmark's processes tell each other. */

/** Which server is under test. */
export const kinds = ['ws', 'holdfast', 'socket.io'] as const
export type Kind = (typeof kinds)[number]

/** How clients are connected. */
export type Way = 'websocket' | 'polling'

/** Characters of a message's data, and how its frame is named. */
export const DATA = 84
export const EVENT = 'tick'

/** What the server is asked. Each question gets one answer. */
export type ServerQuestion =
  /** Sends so many messages to everybody, in one task. */
  | { readonly broadcast: number }
  /** Breaks every connection. */
  | { readonly drop: true }
  /** What it has used so far. */
  | { readonly usage: 'cpu' | 'memory' }
  | { readonly profile: 'start' | 'stop' }

export interface Usage {
  /** Microseconds of all its threads, since it began. */
  readonly cpu: number
  /** Bytes, after garbage collection. */
  readonly heap: number
  readonly rss: number
}

/** What the clients are asked. Each question gets one answer, when it is done. */
export type LoadQuestion =
  /** So many more clients connect, so many of them at a time. */
  | { readonly connect: number; readonly way: Way; readonly abreast: number }
  /** Answered when so many messages have come in all since the last time. */
  | { readonly expect: number }
  /** So many of the clients send a message a second that is echoed, for so many seconds. Answers {@link Talked}. */
  | { readonly talk: number; readonly seconds: number }
  /** Answered when everybody is back who is about to be thrown out. */
  | { readonly recover: true }

/** Round trips, in milliseconds. */
export interface Talked {
  readonly messages: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Times are of a clock that all processes share, in milliseconds. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** Hellos a second that Holdfast's server takes: as many as this process can answer, or those that are turned away are most of its work. */
export const connectRate = 3_000
