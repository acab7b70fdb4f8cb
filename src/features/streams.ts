import { HoldfastError } from '../kernel/errors.ts'
import type { Calls } from '../session/calls.ts'
import type { Port } from '../session/port.ts'
import type { HandlerContext } from './requests.ts'

/** How one stream is to be opened. */
export interface StreamOptions {
  /** Ends the stream; whoever iterates gets the signal's reason thrown. */
  signal?: AbortSignal
}

type StreamHandler = (input: never, context: HandlerContext) => AsyncIterable<unknown> | Iterable<unknown>

/** Questions with many answers, both ways. */
export interface Streams {
  stream(name: string, data: unknown, options?: StreamOptions): AsyncIterableIterator<unknown>
  handleStream(name: string, handler: StreamHandler): () => void
}

/** Items that may wait for a slow reader; one more ends the stream, so that the page's memory is never the buffer. */
const MAX_BUFFERED = 65_536

type Outcome = { done: false; value: unknown } | { done: true; value: undefined } | { error: unknown }

/**
 * An iterator over what arrives. Written out, because an async generator that is waiting for an item
 * does not hear `return()` until the item comes.
 */
const createReader = (
  open: (write: (outcome: Outcome) => void) => () => void,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<unknown> => {
  const arrived: Outcome[] = []
  const readers: { resolve: (result: IteratorResult<unknown>) => void; reject: (error: unknown) => void }[] = []
  let cancel: (() => void) | undefined
  let ended = false

  const hand = (): void => {
    while (readers.length > 0 && (arrived.length > 0 || ended)) {
      const outcome = arrived.shift() ?? { done: true, value: undefined }
      const reader = readers.shift()!
      if ('error' in outcome) reader.reject(outcome.error)
      else reader.resolve(outcome)
    }
  }
  const finish = (last?: Outcome): void => {
    if (ended) return
    ended = true
    signal?.removeEventListener('abort', onAbort)
    if (last) arrived.push(last)
    hand()
  }
  const stop = (last?: Outcome): void => {
    if (!ended) cancel?.()
    finish(last)
  }
  const onAbort = (): void => stop({ error: signal!.reason })
  const write = (outcome: Outcome): void => {
    if (ended) return
    if ('error' in outcome || outcome.done) return finish('error' in outcome ? outcome : undefined)
    if (arrived.push(outcome) > MAX_BUFFERED)
      stop({
        error: new HoldfastError(
          'overflow',
          `${MAX_BUFFERED} stream items wait for their reader. Read faster, or let the server send less.`,
        ),
      })
    hand()
  }
  const start = (): void => {
    if (cancel || ended) return
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort)
    cancel = open(write)
  }

  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () =>
      new Promise((resolve, reject) => {
        readers.push({ resolve, reject })
        start()
        hand()
      }),
    return() {
      arrived.length = 0
      stop()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}

export const createStreams = (port: Port, calls: Calls): Streams => {
  const stop = async (iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> => {
    try {
      await iterator.return?.()
    } catch (error) {
      port.thrown(error, 'A stream handler, when it was stopped,')
    }
  }
  return {
    stream: (name, data, { signal } = {}) =>
      createReader(
        (write) =>
          calls.ask(name, data, {
            item: (value) => write({ done: false, value }),
            end: () => write({ done: true, value: undefined }),
            fail: (error) => write({ error }),
          }),
        signal,
      ),
    handleStream: (name, handler) =>
      calls.answer(name, async (input, call) => {
        try {
          const source = handler(input as never, { signal: call.signal })
          const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
          call.signal.addEventListener('abort', () => void stop(iterator))
          while (!call.signal.aborted) {
            await port.backlog()
            const { done, value } = await iterator.next()
            if (done) return call.end(undefined)
            call.item(value)
          }
        } catch (error) {
          call.fail(error)
        }
      }),
  }
}
