import { HoldfastError } from '../kernel/errors.ts'
import type { Conversation, Kind } from '../session/ports.ts'

/** How one stream is to be opened. */
export interface StreamOptions {
  /** Ends the stream; whoever iterates gets the signal's reason thrown. */
  signal?: AbortSignal
}

/** A question with many answers. */
export type Stream = (name: string, data?: unknown, options?: StreamOptions) => AsyncIterableIterator<unknown>

/** Items that may wait for a slow reader; one more ends the stream, so that the page's memory is never the buffer. */
const MAX_BUFFERED = 65_536

/**
 * Iterators over what arrives. Written out, because an async generator that waits for an item does not hear `return()`
 * before the item comes.
 */
export const createStream =
  ({ calls }: Conversation): Stream =>
  (name, data, options) => {
    const items: unknown[] = []
    let last: Kind | undefined
    let failure: unknown
    const wake: (() => void)[] = []
    let withdraw: ((reason: unknown) => void) | undefined

    const answer = (kind: Kind, value: unknown): void => {
      if (last) return
      if (kind === 'item') {
        if (items.push(value) > MAX_BUFFERED)
          withdraw!(new HoldfastError('overflow', `${MAX_BUFFERED} items of "${name}" wait. Read them faster.`))
      } else {
        last = kind
        failure = value
      }
      for (const resolve of wake.splice(0)) resolve()
    }

    const iterator: AsyncIterableIterator<unknown> = {
      [Symbol.asyncIterator]: () => iterator,
      async next() {
        if (!last) withdraw ??= calls.ask(name, data, answer, options)
        while (items.length === 0 && !last) await new Promise<void>((resolve) => wake.push(resolve))
        if (items.length > 0) return { done: false, value: items.shift() }
        if (last === 'fail') {
          last = 'end'
          throw failure
        }
        return { done: true, value: undefined }
      },
      async return() {
        items.length = 0
        withdraw?.(undefined)
        last = 'end'
        return { done: true, value: undefined }
      },
    }
    return iterator
  }
