import type { HandlerContext } from '../features/requests.ts'
import type { Answer, Answering } from '../session/ports.ts'
import type { Active } from './active.ts'

/** Gives the items of a stream, usually an async generator. */
export type StreamHandler = (input: never, context: HandlerContext) => AsyncIterable<unknown> | Iterable<unknown>

/** The answering side of streams: an item is asked for only while there is room for it. docs/protocol.md#streams */
export const createHandleStream =
  ({ talk, backlog }: Pick<Active, 'talk' | 'backlog'>) =>
  (name: string, handler: StreamHandler): (() => void) => {
    const stop = async (iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> => {
      try {
        await iterator.return?.()
      } catch (error) {
        talk.thrown(error, `The stream handler of "${name}", when it was stopped,`)
      }
    }
    const run = async (input: unknown, answer: Answer, context: Answering): Promise<void> => {
      try {
        const { signal } = context
        const source = handler(input as never, context)
        const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
        signal.addEventListener('abort', () => void stop(iterator))
        while (!signal.aborted) {
          await backlog()
          const next: IteratorResult<unknown, unknown> = await iterator.next()
          if (next.done) return answer('end')
          answer('item', next.value)
        }
      } catch (error) {
        answer('fail', error)
      }
    }
    return talk.calls.handle(name, (...call) => void run(...call))
  }
