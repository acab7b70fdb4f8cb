import type { ErrorCode } from './errors.ts'

/** The codes a `bye` or a close may carry that this library itself gives or knows. docs/protocol.md#closing */
export const CloseCode = {
  normal: 1000,
  abnormal: 1006,
  tooBig: 1009,
  restart: 1012,
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  timeout: 4408,
  superseded: 4409,
  lost: 4410,
  tooLarge: 4413,
  tooEarly: 4425,
  tooMany: 4429,
} as const

/** What an ended connection means for the session. */
export type Verdict = 'retry' | 'reauthorize' | 'lose' | 'final'

const CODES: Record<number, ErrorCode> = {
  [CloseCode.normal]: 'closed',
  [CloseCode.tooBig]: 'too-large',
  [CloseCode.malformed]: 'protocol',
  [CloseCode.unauthorized]: 'unauthorized',
  [CloseCode.forbidden]: 'forbidden',
  [CloseCode.superseded]: 'superseded',
  [CloseCode.lost]: 'session-lost',
  [CloseCode.tooLarge]: 'too-large',
}

const RETRIED: number[] = [CloseCode.timeout, CloseCode.tooEarly, CloseCode.tooMany]

/**
 * 44xx mirrors HTTP's 4xx and is final but for the few that name a way out. Everything else is the carrier's end, not
 * the session's: 1000 or 1001 from a restarting server too (sockette and rxjs take them as final). 1009 is final,
 * because the message that was too big would be sent again for ever (MQTT.js did, 1800 times).
 */
export const verdict = (code: number): Verdict => {
  if (code === CloseCode.unauthorized) return 'reauthorize'
  if (code === CloseCode.lost) return 'lose'
  return code === CloseCode.tooBig || (code >= 4400 && code < 4500 && !RETRIED.includes(code)) ? 'final' : 'retry'
}

/** The error code that tells an application of this close code. */
export const errorCodeOf = (code: number): ErrorCode =>
  CODES[code] ??
  (verdict(code) === 'final'
    ? 'closed'
    : code === CloseCode.restart || RETRIED.includes(code)
      ? 'try-later'
      : 'unreachable')
