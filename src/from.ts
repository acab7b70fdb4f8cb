import type { Contract, Name, Part, Speaks } from './contract.ts'
import type { Cell } from './kernel/cell.ts'
import { iterate } from './session/iterate.ts'
import type { Status } from './session/status.ts'

/** Who is told of each value, and once how it ended. */
export interface Observer<T> {
  readonly next?: ((value: T) => void) | undefined
  readonly error?: ((error: unknown) => void) | undefined
  readonly complete?: (() => void) | undefined
}

/** The data of an event as it comes, for everything that takes an `Observable` or an `AsyncIterable`. */
export interface Observed<T> extends AsyncIterable<T> {
  /** Tells of what comes from now on, and how it ended: `complete` after `close()`, `error` where the socket closed by itself. */
  subscribe(observer: Observer<T> | ((value: T) => void)): { unsubscribe(): void }
}

/** What is needed of a socket. */
interface Source {
  readonly status: Cell<Pick<Status, 'state' | 'cause'>>
  on(name: string, listener: (data: never) => void): () => void
}

/** RxJS and others look for this name where the language has no symbol. https://github.com/tc39/proposal-observable */
const OBSERVABLE = (Symbol as { readonly observable?: symbol }).observable ?? '@@observable'

/**
 * The events of one name as an `Observable`, which RxJS's own `from` takes, and as an `AsyncIterable`, for `for await`. Nothing is
 * heard before somebody subscribes or iterates, and both end with the socket. An iteration throws `overflow` where its reader falls
 * 65 536 items behind.
 */
export const from = <C extends Contract, K extends Name<Part<C, 'toClient'>>>(
  socket: Speaks<C>,
  name: K,
): Observed<Part<C, 'toClient'>[K]> => {
  type T = Part<C, 'toClient'>[K]
  const { status, on } = socket as Source
  const watch = (observer: Observer<T>): (() => void) => {
    const offs: (() => void)[] = []
    const end = (): void => offs.forEach((off) => off())
    const tell = ({ state, cause }: Pick<Status, 'state' | 'cause'>): void => {
      if (!offs[0] || state !== 'closed') return
      end()
      if (cause) observer.error?.(cause)
      else observer.complete?.()
    }
    offs.push(
      on(name, (data: T) => observer.next?.(data)),
      status.subscribe(tell),
    )
    // Not before: what the observer throws, or does, finds nothing half done.
    tell(status.get())
    return end
  }
  const observed: Observed<T> = {
    subscribe: (observer) => ({
      unsubscribe: watch(typeof observer === 'function' ? { next: observer } : observer),
    }),
    [Symbol.asyncIterator]: () =>
      iterate<T>(name, (answer) => {
        const end = watch({
          next: (value) => answer('item', value),
          error: (cause) => answer('fail', cause),
          complete: () => answer('end', undefined),
        })
        return (reason) => {
          end()
          answer('fail', reason)
        }
      }),
  }
  return Object.assign(observed, { [OBSERVABLE]: () => observed })
}
