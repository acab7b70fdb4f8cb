import { createClient } from './client.ts'
import type { Lost } from './lost.ts'
import type { Persistence } from './legacy.ts'
import type { ClientSettings, Platform } from './settings.ts'

/** Delivers what closed tabs left behind, beside the page's own session. */
export interface Courier {
  /** There is a connection. */
  start(): void
  /** There is none, or there will be none: what is not delivered stays where it is. */
  stop(): void
}

/** Milliseconds until it looks again: what another tab left just now may be that tab's own again in a moment. */
const AGAIN = 12_000

export const createCourier = (
  settings: ClientSettings,
  platform: Platform,
  left: Required<Persistence>['left'],
  onLost: (lost: Lost) => void,
): Courier => {
  let trip: AbortController | undefined

  /** Resumes a session whose page is gone, says what it had to say, and ends it. Nobody is there to hear what the server says. */
  const deliver = (store: Persistence, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      let isDelivered = false
      let isFlushing = false
      const create: Persistence['create'] = (host) => {
        const journal = store.create(host)
        return { ...journal, close: (forget) => journal.close(forget && isDelivered) }
      }
      const outbox = { ...settings.outbox, store: { create } }
      const tell = (lost: Lost): void => {
        if (!signal.aborted) onLost(lost)
      }
      const client = createClient({ ...settings, outbox, signal, trace: undefined }, platform, () => {}, tell)
      const done = (): void => {
        isDelivered = true
        void client.close()
      }
      client.status.subscribe(({ state }) => {
        if (state === 'closed') resolve()
        if (state !== 'open' || isFlushing) return
        isFlushing = true
        client.talk.session.flush().then(done, () => {})
      })
    })

  const travel = async (signal: AbortSignal): Promise<void> => {
    try {
      for (let store; !signal.aborted && (store = await left());) await deliver(store, signal)
    } catch {
      // The page's own session has told that the store fails.
    }
  }
  let disarm = (): void => {}
  return {
    start() {
      if (trip) return
      trip = new AbortController()
      const { signal } = trip
      void travel(signal).then(() => {
        if (!signal.aborted) disarm = platform.clock.after(AGAIN, () => void travel(signal))
      })
    },
    stop() {
      disarm()
      trip?.abort()
      trip = undefined
    },
  }
}
