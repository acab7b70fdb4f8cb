/** Every frame of holdfast.v1, each linked to its place in docs/protocol.md. */

/** One message. docs/protocol.md#events */
type EventFrame = readonly [name: string, data?: unknown]
/** A question, or the opening of a stream. docs/protocol.md#requests */
type RequestFrame = readonly [name: string, data: unknown, id: number]
/** The last word on a question. docs/protocol.md#requests */
type ReplyFrame = readonly [id: number, data: unknown]
/** One of a stream's items. docs/protocol.md#streams */
type ItemFrame = readonly [id: number, data: unknown, more: 1]
/** The last word, an unhappy one. docs/protocol.md#requests */
type FailureFrame = readonly [id: number, data: null, failure: Failure]
/** The asker withdraws its question. docs/protocol.md#requests */
type CancelFrame = readonly [id: number]

/** Where a Blob stands in data, and what it is. A `name` makes it a File. docs/protocol.md#blobs */
export type Place = readonly [size: number, type: string, name: string | null, ...path: readonly string[]]
/** An event, question or answer whose Blobs came ahead of it. docs/protocol.md#blobs */
export type LadenFrame = readonly [head: string | number, data: unknown, id: number | null, places: readonly Place[]]
/** A piece of a parcel; `id`: whose answer it belongs to. docs/protocol.md#blobs */
export type ChunkFrame = readonly [head: null, bytes: unknown, offset: number, total: number, id?: number]
/** The parcel that has begun does not come. docs/protocol.md#blobs */
type DiscardFrame = readonly [head: null]

/** What events, requests and streams are made of. */
export type PlainFrame = EventFrame | RequestFrame | ReplyFrame | ItemFrame | FailureFrame | CancelFrame
/** Frames that take a number. docs/protocol.md#numbers */
export type CountedFrame = PlainFrame | LadenFrame | ChunkFrame | DiscardFrame

/** Why a request failed: `reason` stands where the application gave one (`RequestError`). */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly reason?: string | undefined
}

/** First frame on each carrier, from the client. docs/protocol.md#opening */
export interface Hello {
  /** 128 random bits: who knows them owns the session. */
  readonly session: string
  /** Grows with each carrier of the session; a smaller one than the server has seen is superseded. */
  readonly attempt: number
  /** Tells a repeated hello (same) from another tab's (different) of the same attempt. */
  readonly nonce: string
  /** The number of the first counted frame that follows. */
  readonly from: number
  /** How many of the server's counted frames were delivered here. */
  readonly got: number
  /** What the last welcome said; absent before the first. */
  readonly life?: string | undefined
  /** Without a `life`: milliseconds since counted frames of this session first went out, if any did before. docs/protocol.md#lost */
  readonly age?: number | undefined
  /** The most bytes of Blobs that the client takes in one message, where that is not {@link BLOB_BYTES}. */
  readonly blobs?: number | undefined
  /** Whatever the application's `auth` gave. */
  readonly auth?: unknown
}

/** The server's answer to a hello. docs/protocol.md#opening */
export interface Welcome {
  readonly got: number
  readonly from: number
  /** Random, made with the server's half of the session: a server that lost it cannot know this. */
  readonly life: string
  /** Milliseconds that the server can answer for: it knows of every session that it was brought in that time. docs/protocol.md#lost */
  readonly up: number
  /** The most bytes a frame may have. */
  readonly limit: number
  /** The most bytes of Blobs in one message; absent where the server takes none. */
  readonly blobs?: number
}

/** When to come back: after `after` ms, plus a random share of `spread` ms. */
export interface RetryHint {
  readonly after: number
  readonly spread?: number
}

/** The last frame on a carrier. docs/protocol.md#closing */
export interface Bye {
  readonly code: number
  readonly reason?: string
  readonly retry?: RetryHint | false
  /** With 4410: how many of the client's frames were delivered before the session was lost. */
  readonly got?: number
}

/** Frames that take no number, any of them together in one object. docs/protocol.md#control */
export interface Control {
  hello?: Hello
  welcome?: Welcome
  ack?: number
  ping?: number
  pong?: number
  bye?: Bye
  volatile?: EventFrame
}

/** The WebSocket subprotocol. */
export const SUBPROTOCOL = 'holdfast.v1'

/** What a POST that belongs to an HTTP carrier accepts, and its answer is. docs/protocol.md#http */
export const HTTP_TYPE = 'application/holdfast.v1'

/** Ahead of the welcome: the most bytes of a frame, and about how many characters may go at all. docs/protocol.md#limits */
export const FIRST_LIMIT = 65_536

/** The most bytes of Blobs that a client takes in one message, unless it says otherwise. */
export const BLOB_BYTES = 134_217_728

/** Blobs in one message, at most. */
export const MOST_BLOBS = 1_000
