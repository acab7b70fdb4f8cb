/** What came over each lane, and what the proxy counted of it, since the measurement began. */
import type { LineCounts } from '../faults.ts'
import { type LaneName, laneNames } from './contract.ts'
import { type Cost, costOf } from './cost.ts'
import { readMessage } from './message.ts'
import { type Tally, createTally } from './tally.ts'

interface Measured {
  readonly tally: Tally
  /** What the proxy had counted when it began, and what it counts now. */
  readonly before: LineCounts | undefined
  readonly now: LineCounts | undefined
  /** Bytes of WebSocket frames that were computed by then. */
  readonly frames: number
  readonly cost: Cost | undefined
}

export const createMeasurement = () => {
  const lanes = new Map<LaneName, Measured>()
  let newest = 0
  const begin = (): void => {
    for (const lane of laneNames) {
      const { now, frames = 0 } = lanes.get(lane) ?? {}
      lanes.set(lane, { tally: createTally(newest), before: now, now, frames, cost: undefined })
    }
  }
  begin()
  return {
    /** All begin at zero, because what is measured is another thing from now on. */
    begin,
    /** The highest number that any lane has heard, ever. */
    get newest() {
      return newest
    },
    of: (lane: LaneName): Measured => lanes.get(lane)!,
    /** `time`: since the messages' epoch, by the server's clock. */
    hear(lane: LaneName, text: string, time: number): void {
      const { number, at } = readMessage(text)
      newest = Math.max(newest, number)
      lanes.get(lane)!.tally.add(number, time - at, text.length)
    },
    count(lane: LaneName, now: LineCounts, frames: number): void {
      const { tally, before } = lanes.get(lane)!
      lanes.set(lane, { tally, before, now, frames, cost: costOf(now, before, tally) })
    },
    /** One figure of all lanes. */
    each: (figure: (measured: Measured) => number | undefined): ReadonlyMap<LaneName, number | undefined> =>
      new Map(Array.from(lanes, ([lane, measured]) => [lane, figure(measured)])),
  }
}
