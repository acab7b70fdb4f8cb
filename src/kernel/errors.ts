/**
 * What went wrong, as one word to switch on. docs/errors.md lists each with its remedy.
 *
 * - `aborted`: the caller's own `AbortSignal` withdrew the call before the other side could answer.
 * - `closed`: the socket or session is closed, or was closed before the call settled.
 * - `dropped`: the outbox was full, and `outbox.overflow` had this message dropped; or a newer one of its `latest` came.
 * - `expired`: the message's `ttl` ran out before it could be sent.
 * - `forbidden`: the server refused this identity, this origin, or this identity's hold on the session.
 * - `handler-failed`: a listener or handler of this side threw, or the other side's handler did.
 * - `in-doubt`: sent, never acknowledged, and the session is lost: it may or may not have been delivered.
 * - `invalid-argument`, `invalid-option`: a call or an option that cannot be meant.
 * - `invalid-payload`: data that its schema refuses.
 * - `malformed-frame`: a line that is no frame of the protocol.
 * - `overflow`: a bound (outbox, stream buffer, sessions) is reached.
 * - `protocol`: the other side does not speak, or broke, holdfast.v1.
 * - `provider-failed`: the `auth` or `url` function threw, rejected or did not answer in time.
 * - `request-failed`: the other side answered a request with a `RequestError`.
 * - `session-lost`: the other side no longer has the session.
 * - `storage-failed`: the store of `outbox.store` failed; the socket goes on, but its messages do not outlive the page.
 * - `superseded`: a newer carrier or tab took this session over.
 * - `timeout`: a request was not answered, or a connection not made, in time.
 * - `too-large`: a message over the limit that the other side stated.
 * - `try-later`: the other side asks for patience (restart, overload, rate).
 * - `unauthorized`: the server did not accept what `auth` gave, twice.
 * - `unknown-control`, `unknown-event`, `unknown-request`: nobody here handles what arrived.
 * - `unreachable`: the connection could not be opened, or broke.
 * - `unresponsive`: nothing was heard in time although the connection looked open.
 * - `unserializable`: data that JSON cannot carry.
 */
export type ErrorCode =
  | 'aborted'
  | 'closed'
  | 'dropped'
  | 'expired'
  | 'forbidden'
  | 'handler-failed'
  | 'in-doubt'
  | 'invalid-argument'
  | 'invalid-option'
  | 'invalid-payload'
  | 'malformed-frame'
  | 'overflow'
  | 'protocol'
  | 'provider-failed'
  | 'request-failed'
  | 'session-lost'
  | 'storage-failed'
  | 'superseded'
  | 'timeout'
  | 'too-large'
  | 'try-later'
  | 'unauthorized'
  | 'unknown-control'
  | 'unknown-event'
  | 'unknown-request'
  | 'unreachable'
  | 'unresponsive'
  | 'unserializable'

/** The one family of errors: `code` to switch on, `message` with cause and remedy, `cause` where another error began it. */
export class HoldfastError extends Error {
  /** Which kind of failure, see {@link ErrorCode}. */
  declare readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'HoldfastError'
    this.code = code
  }
}

/**
 * Thrown by a request handler to answer with a failure that the asker may read: `reason` and `message`
 * travel as they are. The asker's promise rejects with a `RequestError` of the same reason and message.
 * Any other error stays private: the asker only learns `handler-failed`.
 */
export class RequestError extends HoldfastError {
  /** The application's own word for what failed, e.g. `'not-a-member'`. */
  declare readonly reason: string

  constructor(reason: string, message: string = reason, cause?: unknown) {
    super('request-failed', message, cause)
    this.name = 'RequestError'
    this.reason = reason
  }
}

/** A server that is there, and is none of ours. */
export const NOT_OURS: string =
  'The server does not speak holdfast.v1. Attach `holdfast/server` to it, or use `holdfast/wire` or `holdfast/websocket`.'

/** The beginning of a text that came, for an error. Copied: a slice keeps all of its text, megabytes perhaps, for as long as itself is kept. */
export const excerpt = (text: string): string => Array.from(text.slice(0, 80)).join('')

/** What the application's own code threw, told as `handler-failed`; `where` begins the sentence. */
export const thrownBy = (error: unknown, where: string): HoldfastError =>
  new HoldfastError(
    'handler-failed',
    `${where} threw: ${(error as Error | undefined)?.message ?? String(error)}`,
    error,
  )
