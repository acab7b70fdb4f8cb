import { HoldfastError } from '../kernel/errors.ts'
import type { Answer, Kind } from './ports.ts'

/** Items that may wait for a slow reader; one more ends the iteration, so that the page's memory is never the buffer. */
const MAX_BUFFERED = 65_536

/**
 * An iterator over what arrives. `begin` is called at the first `next()`; what it returns ends it early, with a reason if there is one.
 * Written out, because an async generator that waits for an item does not hear `return()` before the item comes.
 */
export const iterate = <T>(
  name: string,
  begin: (answer: Answer) => (reason?: unknown) => void,
): AsyncIterableIterator<T> => {
  const items: T[] = []
  let last: Kind | undefined
  let failure: unknown
  const wake: (() => void)[] = []
  let withdraw: ((reason?: unknown) => void) | undefined

  const answer: Answer = (kind, value) => {
    if (last) return
    if (kind === 'item') {
      if (items.push(value as T) > MAX_BUFFERED)
        withdraw!(new HoldfastError('overflow', `${MAX_BUFFERED} items of "${name}" wait. Read them faster.`))
    } else {
      last = kind
      failure = value
    }
    for (const resolve of wake.splice(0)) resolve()
  }

  const iterator: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      if (!last) withdraw ??= begin(answer)
      while (items.length === 0 && !last) await new Promise<void>((resolve) => wake.push(resolve))
      if (items.length > 0) return { done: false, value: items.shift()! }
      if (last === 'fail') {
        last = 'end'
        throw failure
      }
      return { done: true, value: undefined }
    },
    async return() {
      items.length = 0
      withdraw?.()
      last = 'end'
      return { done: true, value: undefined }
    },
  }
  return iterator
}
