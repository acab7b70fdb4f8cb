import type { ErrorCode } from './errors.ts'

// The codes that this library gives or knows. docs/protocol.md#closing
export const NORMAL = 1000
/** What a connection ends with that just breaks. RFC 6455, 7.4.1 */
export const UNREACHABLE = 1006
export const TOO_LARGE = 1009
export const MALFORMED = 4400
export const UNAUTHORIZED = 4401
export const FORBIDDEN = 4403
export const TIMEOUT = 4408
export const SUPERSEDED = 4409
export const LOST = 4410
export const TOO_MANY = 4429
/** A failure of the server's own, like HTTP's 500: the client comes again. */
export const INTERNAL = 4500
/** The server is closing and takes nobody in, like HTTP's 503. */
export const UNAVAILABLE = 4503

/**
 * True if no further try may follow. 44xx mirrors HTTP's 4xx and is final, but for the few that name a way out: 4401 (ask
 * `auth` again), 4408, 4410 (begin a new session), 4425, 4429. Anything else is the carrier's end, not the session's: 1000
 * and 1001 from a restarting server too (sockette and rxjs take them as final). 1009 is final, because the message that
 * was too big would be sent again for ever (MQTT.js did, 1800 times).
 */
export const isFinal = (code: number): boolean => /^(44(?!01|08|10|25|29)|1009)/.test(`${code}`)

const ERROR_CODES: Readonly<Record<number, ErrorCode>> = {
  1000: 'closed',
  1009: 'too-large',
  4400: 'protocol',
  4401: 'unauthorized',
  4403: 'forbidden',
  4408: 'timeout',
  4409: 'superseded',
  4410: 'session-lost',
  4413: 'too-large',
  4429: 'try-later',
  4503: 'try-later',
}

/** Codes that say nothing of the server, only that the way to it broke (RFC 6455, 7.4.1). */
export const isPathFailure = (code: number): boolean => code < 1008

/** The error code that tells an application of this close code. */
export const errorCodeOf = (code: number): ErrorCode => ERROR_CODES[code] ?? (isFinal(code) ? 'closed' : 'unreachable')
