import type { HoldfastError } from '../kernel/errors.ts'
import type { Outbox } from '../kernel/outbox.ts'

interface Flush {
  /** The last message that must have arrived; Infinity for whatever is in the outbox. */
  number: number
  /** Whether what is not in the outbox yet has still to arrive. */
  isPending(): boolean
  resolve(): void
  reject(error: HoldfastError): void
}

/** Those who wait until what was sent has arrived. */
export interface Flushes {
  readonly size: number
  /** Resolves when all that was pushed so far is acknowledged, and nothing else is pending. */
  wait(isPending: () => boolean): Promise<void>
  /** The outbox has moved. */
  settle(): void
  /** Numbers begin anew. */
  restart(): void
  /** Nothing will be acknowledged any more. */
  end(error: HoldfastError): void
}

export const createFlushes = (outbox: Outbox): Flushes => {
  let flushes: Flush[] = []
  let ended: HoldfastError | undefined
  return {
    get size() {
      return flushes.length
    },
    wait: (isPending) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended)
        const number = outbox.acknowledged + outbox.sent.length + outbox.queued
        flushes.push({ number, isPending, resolve, reject })
      }),
    settle() {
      // What expired may have been all that one waited for.
      flushes = flushes.filter(
        ({ number, isPending, resolve }) =>
          (number > outbox.acknowledged && outbox.bytes > 0) || isPending() || resolve(),
      )
    },
    restart() {
      for (const flush of flushes) flush.number = Infinity
    },
    end(error) {
      ended = error
      for (const { reject } of flushes.splice(0)) reject(error)
    },
  }
}
