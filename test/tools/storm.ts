/** Clients that lose their server at the same moment, and when they come back. All times in milliseconds since then. */
import { HoldfastError } from '../../src/kernel/errors.ts'
import { type Connection, type ConnectionInput, idleConnection, step } from '../../src/kernel/machine.ts'
import { usual } from './usual-world.ts'

/** When a client's first try is that finds the server, which is away for so long; undefined if it gave up before. */
export type Comeback = (outage: number, chance: () => number) => number | undefined

/** How a connection ends: by default it just breaks. */
type End = Partial<Omit<Extract<ConnectionInput, { type: 'ended' }>, 'type' | 'epoch'>>

const broke = new HoldfastError('unreachable', 'The connection broke.')

/** The client's machine, whose tries are refused until the server is there. */
export const machineComesBack =
  (end: End = {}): Comeback =>
  (outage, chance) => {
    let now = -60_000
    let c: Connection = idleConnection
    const tell = (input: ConnectionInput): void => void ([c] = step(c, input, { ...usual, now, chance: chance() }))
    tell({ type: 'start' })
    tell({ type: 'welcomed', epoch: c.epoch })
    now = 0
    tell({ type: 'ended', epoch: c.epoch, code: 1006, cause: broke, ...end })
    while (c.state === 'waiting') {
      now = c.deadline
      tell({ type: 'due' })
      if (now < outage) tell({ type: 'ended', epoch: c.epoch, code: 1006, cause: broke })
    }
    return now
  }

/** What a server sees of a storm. */
export interface Storm {
  /** The most arrivals within any 100 ms (or another window), as a share of all. */
  readonly peak: number
  /** That, in terms of the mean until most are back. */
  readonly peakToMean: number
  /** When most are back, and when all are. */
  readonly most: number
  readonly all: number
}

/** The share of clients that makes the window in which they come back: a mean that waits for the last one says little. */
const MOST = 0.9

/** Measures arrivals; at least one. */
export const measure = (arrivals: readonly number[], window = 100): Storm => {
  const times = Float64Array.from(arrivals).sort()
  const { length } = times
  const most = times[Math.ceil(MOST * length) - 1]!
  let peak = 0
  let from = 0
  for (let to = 0; to < length; to++) {
    while (times[from]! <= times[to]! - window) from++
    peak = Math.max(peak, (to - from + 1) / length)
  }
  const windows = Math.max(MOST, (most - times[0]!) / window)
  return { peak, peakToMean: (peak * windows) / MOST, most, all: times[length - 1]! }
}
