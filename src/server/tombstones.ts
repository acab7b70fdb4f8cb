import type { Clock } from '../platform/clock.ts'

/** What is left of a session that is gone: how much of the client's it had got, if this server knows. */
interface Tombstone {
  readonly got: number | undefined
}

/** What is still known of sessions that are gone. docs/protocol.md#lost */
export interface Tombstones {
  bury(session: string, got?: number): void
  find(session: string): Tombstone | undefined
}

/** A day: far longer than sessions are kept, because a tombstone costs a hundred bytes and spares an application its doubts. */
const REMEMBERED = 86_400_000
const MAX_TOMBSTONES = 100_000

export const createTombstones = (clock: Clock): Tombstones => {
  // A Map iterates in the order of insertion: the oldest comes first.
  const graves = new Map<string, Tombstone & { readonly until: number }>()
  return {
    bury(session, got) {
      graves.set(session, { got, until: clock.now() + REMEMBERED })
      for (const [oldest, { until }] of graves) {
        if (graves.size <= MAX_TOMBSTONES && until > clock.now()) break
        graves.delete(oldest)
      }
    },
    find(session) {
      const grave = graves.get(session)
      return grave && grave.until > clock.now() ? grave : undefined
    },
  }
}
