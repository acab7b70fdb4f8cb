import type { OnProgress } from '../kernel/message.ts'
import type { Answer, Answering, Conversation } from '../session/ports.ts'
import { provide } from '../session/provider.ts'

/** How one request is to be asked. */
export interface RequestOptions {
  /** Milliseconds until the promise rejects with `timeout`; Infinity waits for ever. Default: the socket's `requestTimeout`. */
  timeout?: number
  /** Withdraws the request; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Answering it twice does no harm: it is asked again if the server loses the session. */
  idempotent?: boolean
  /** Hears how much of the question's Blobs has arrived. Each word starts the timeout over. */
  onUploadProgress?: OnProgress
  /** Hears how much of the answer's Blobs is here. So does each of these. */
  onDownloadProgress?: OnProgress
}

/** What a handler gets beside its input. */
export type HandlerContext = Answering

type Handler = (input: never, context: HandlerContext) => unknown

/** Questions with one answer, both ways. */
export interface Requests {
  request(name: string, data?: unknown, options?: RequestOptions): Promise<unknown>
  handle(name: string, handler: Handler): () => void
}

export const createRequests = ({ calls }: Conversation, defaultTimeout: number): Requests => ({
  request: (name, data, { timeout = defaultTimeout, ...options } = {}) =>
    new Promise((resolve, reject) => {
      const answer: Answer = (kind, value) => (kind === 'fail' ? reject(value) : resolve(value))
      calls.ask(name, data, answer, { ...options, timeout })
    }),
  handle: (name, handler) =>
    calls.handle(name, (input, answer, context) =>
      // A handler that answers at once is answered in the same packet.
      provide<unknown, undefined>(
        () => handler(input as never, context),
        undefined,
        (value) => answer('end', value),
        (error) => answer('fail', error),
      ),
    ),
})
