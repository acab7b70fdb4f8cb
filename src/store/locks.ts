/** What of Web Locks is used: a lock that its page holds ends with the page, however that ends. */
export type Locks = Pick<LockManager, 'request'>

/**
 * Holds a lock until the returned function is called. Undefined if somebody else holds it, and goes on doing so until
 * `patience` is aborted; without one, now.
 */
export const hold = (locks: Locks, name: string, patience?: AbortSignal): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (lock) return new Promise((unlock) => resolve(unlock))
      resolve(undefined)
      return undefined
    }
    locks
      .request(name, patience ? { signal: patience } : { ifAvailable: true }, held)
      .catch((error: unknown) => (patience?.aborted ? resolve(undefined) : reject(error)))
  })
