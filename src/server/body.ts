import type { IncomingMessage } from 'node:http'
import type { Clock } from '../platform/clock.ts'
import type { Budget } from './budget.ts'

/** The slowest line that is waited for, in bytes per millisecond, as with acknowledgements. docs/protocol.md#liveness */
export const SLOWEST = 16

/** How much of a body is waited for, and how long. */
export interface BodyBounds {
  readonly clock: Clock
  readonly maxBytes: number
  /** Milliseconds that it may take, beside those that its bytes need on a slow line. */
  readonly timeout: number
  /** For what all of them are sending. */
  readonly budget: Budget
}

/** A body's text, or the status with which it is refused. */
export type Body = string | 400 | 408 | 413 | 503

const decoder = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array): Body => {
  try {
    return decoder.decode(bytes)
  } catch {
    return 400
  }
}

/**
 * Reads a request's body, and tells once what became of it; nothing, if the client went away. What is too large is read on
 * for a while, and forgotten: a client that is cut off while it writes does not see the answer.
 */
export const readBody = (
  request: IncomingMessage,
  { clock, maxBytes, timeout, budget }: BodyBounds,
  done: (body: Body) => void,
): void => {
  const startedAt = clock.now()
  // One that grows: a body that comes byte by byte costs no more memory than another.
  let bytes = new Uint8Array(4_096)
  let size = 0
  let isDone = false

  const finish = (body: Body): void => {
    if (isDone) return
    isDone = true
    bytes = new Uint8Array()
    account.close()
    done(body)
  }
  const cut = (status: 413 | 503): void => {
    if (isDone) return
    finish(status)
    disarm()
    disarm = clock.after(timeout, () => request.destroy())
  }
  const account = budget.open(
    () => bytes.length,
    () => cut(503),
  )
  const add = (chunk: Uint8Array): void => {
    const start = size
    size += chunk.length
    if (isDone) return
    if (size > maxBytes) return cut(413)
    if (size > bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(size, 2 * bytes.length), maxBytes))
      grown.set(bytes.subarray(0, start))
      bytes = grown
    }
    bytes.set(chunk, start)
    account.update()
  }
  const look = (): void => {
    const left = startedAt + timeout + size / SLOWEST - clock.now()
    if (left > 0) disarm = clock.after(left, look)
    else finish(408)
  }
  let disarm = clock.after(timeout, look)

  request.on('data', add)
  request.on('end', () => finish(decode(bytes.subarray(0, size))))
  request.on('close', () => {
    account.close()
    disarm()
  })
  // A client that goes away amid its body is no error of anybody's.
  request.on('error', () => {})
}
