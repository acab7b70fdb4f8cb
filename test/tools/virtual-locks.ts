/** The Web Locks of one origin, as far as a store uses them: exclusive, granted in the order of requests, gone with their page. */
import type { Locks } from '../../src/store/locks.ts'

interface Request {
  readonly page: object
  readonly held: (lock: Lock | null) => unknown
  readonly settle: (ending: Promise<unknown>) => void
}

/** The locks as one page sees them, and its end. */
export interface PageLocks {
  readonly locks: Locks
  /** The names of those that it holds. */
  held(): string[]
  end(): void
}

/** For the pages of one origin. */
export const virtualLocks = (): { page(): PageLocks } => {
  /** By name, the first of each holds it. */
  const queues = new Map<string, Request[]>()

  const grant = (name: string): void => {
    const [first] = queues.get(name) ?? []
    if (!first) return
    const ending = (async () => first.held({ name, mode: 'exclusive' }))()
    first.settle(ending)
    void ending.catch(() => {}).then(() => leave(name, first))
  }
  const leave = (name: string, request: Request): void => {
    const queue = queues.get(name) ?? []
    const place = queue.indexOf(request)
    if (place < 0) return
    queue.splice(place, 1)
    if (place === 0) grant(name)
  }

  return {
    page() {
      const page = {}
      let isGone = false
      const request = async (name: string, options: LockOptions, held: Request['held']): Promise<unknown> => {
        // What asks and what is answered are never in one task.
        await Promise.resolve()
        options.signal?.throwIfAborted()
        if (isGone) return new Promise(() => {})
        const queue = queues.get(name) ?? []
        queues.set(name, queue)
        if (options.ifAvailable && queue.length > 0) return held(null)
        return new Promise((settle, reject) => {
          const asked: Request = { page, held, settle }
          options.signal?.addEventListener('abort', () => {
            if (queue.indexOf(asked) < 1) return
            leave(name, asked)
            reject(options.signal!.reason as Error)
          })
          if (queue.push(asked) === 1) grant(name)
        })
      }
      return {
        locks: { request } as Locks,
        held: () => [...queues].filter(([, [first]]) => first?.page === page).map(([name]) => name),
        end() {
          isGone = true
          for (const [name, queue] of queues)
            for (const asked of queue.filter((other) => other.page === page)) leave(name, asked)
        },
      }
    },
  }
}
