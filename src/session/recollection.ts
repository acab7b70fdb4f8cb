import type { Memory } from '../platform/memory.ts'

/** What one page leaves to the next one about a server. */
export interface Recollection {
  /** HTTP comes first until then, in the clock's time (ms). */
  readonly httpUntil: number
  /** The last measured round trip in milliseconds, -1 for none. */
  readonly roundTrip: number
}

/** HTTP is never remembered for longer (ms): another clock's time, or somebody's hand, may stand there. */
const LONGEST = 600_000

const keyOf = (host: string): string => `holdfast:${host}`

/** What is remembered of a server. Never throws, whatever is stored there. */
export const recall = (memory: Memory, host: string, now: number): Recollection => {
  try {
    const { httpUntil, roundTrip } = JSON.parse(memory.get(keyOf(host))!) as Record<string, unknown>
    return {
      httpUntil: typeof httpUntil === 'number' && httpUntil <= now + LONGEST ? httpUntil : 0,
      roundTrip: typeof roundTrip === 'number' ? roundTrip : -1,
    }
  } catch {
    return { httpUntil: 0, roundTrip: -1 }
  }
}

/** Leaves it to the next page. */
export const store = (memory: Memory, host: string, recollection: Recollection): void =>
  memory.set(keyOf(host), JSON.stringify(recollection))
