import { HoldfastError } from '../kernel/errors.ts'
import type { Calls } from '../session/calls.ts'
import type { Port } from '../session/port.ts'

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
  request(name: string, data: unknown, options?: RequestOptions): Promise<unknown>
  handle(name: string, handler: Handler): () => void
}

export const createRequests = (port: Port, calls: Calls, defaultTimeout: number): Requests => ({
  request: (name, data, { timeout = defaultTimeout, signal, idempotent } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const release = (): void => {
        disarm?.()
        signal?.removeEventListener('abort', onAbort)
      }
      const withdraw = calls.ask(
        name,
        data,
        {
          item: () => {},
          end: (answer) => (release(), resolve(answer)),
          fail: (error) => (release(), reject(error)),
        },
        idempotent,
      )
      const giveUp = (reason: unknown): void => {
        release()
        withdraw()
        reject(reason as Error)
      }
      const onAbort = (): void => giveUp(signal!.reason)
      const disarm =
        timeout < Infinity
          ? port.clock.after(timeout, () =>
              giveUp(
                new HoldfastError(
                  'timeout',
                  `"${name}" was not answered within ${timeout} ms. Give it a longer \`timeout\` if it may take that long.`,
                ),
              ),
            )
          : undefined
      signal?.addEventListener('abort', onAbort)
    }),
  handle: (name, handler) =>
    calls.answer(name, (input, call) => {
      // Not an async function: a handler that answers at once is answered in the same packet.
      try {
        const answer = handler(input as never, { signal: call.signal })
        if (answer instanceof Promise) answer.then(call.end, call.fail)
        else call.end(answer)
      } catch (error) {
        call.fail(error)
      }
    }),
})
