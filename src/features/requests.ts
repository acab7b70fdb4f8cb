import { HoldfastError } from '../kernel/errors.ts'
import type { Conversation } from '../session/ports.ts'
import { provide } from '../session/provider.ts'

/** How one request is to be asked. */
export interface RequestOptions {
  /** Milliseconds until the promise rejects with `timeout`; Infinity waits for ever. Default: the socket's `requestTimeout`. */
  timeout?: number
  /** Withdraws the request; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Answering it twice does no harm: it is asked again if the server loses the session. */
  idempotent?: boolean
}

/** What a handler gets beside its input. */
export interface HandlerContext {
  /** Aborted when the asker withdraws, or the session ends. */
  readonly signal: AbortSignal
}

type Handler = (input: never, context: HandlerContext) => unknown

/** Questions with one answer, both ways. */
export interface Requests {
  request(name: string, data?: unknown, options?: RequestOptions): Promise<unknown>
  handle(name: string, handler: Handler): () => void
}

export const createRequests = ({ calls, clock }: Conversation, defaultTimeout: number): Requests => ({
  request: (name, data, options = {}) =>
    new Promise((resolve, reject) => {
      const { timeout = defaultTimeout } = options
      const withdraw = calls.ask(
        name,
        data,
        (kind, value) => {
          disarm?.()
          if (kind === 'fail') reject(value)
          else resolve(value)
        },
        options,
      )
      const disarm =
        timeout < Infinity
          ? clock.after(timeout, () =>
              withdraw(
                new HoldfastError(
                  'timeout',
                  `No answer to "${name}" within ${timeout} ms. Give it a longer \`timeout\`, if it needs one.`,
                ),
              ),
            )
          : undefined
    }),
  handle: (name, handler) =>
    calls.handle(name, (input, answer, signal) =>
      // A handler that answers at once is answered in the same packet.
      provide<unknown, undefined>(
        () => handler(input as never, { signal }),
        undefined,
        (value) => answer('end', value),
        (error) => answer('fail', error),
      ),
    ),
})
