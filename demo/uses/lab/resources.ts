/** What the browser itself tells a page of its HTTP exchanges. */
import { type LaneName, laneNames } from './contract.ts'
import { lineOf } from './lanes.ts'

export interface Resources {
  readonly answers: number
  /** Bytes of bodies, as they came. */
  readonly bodies: number
  /** The same, and what the browser says for heads. */
  readonly transferred: number
}

const none: Resources = { answers: 0, bodies: 0, transferred: 0 }

/** Counts by lane, of this page. */
export const watchResources = (page: string): ((lane: LaneName) => Resources) => {
  const lanes = new Map<string, Resources>(laneNames.map((lane) => [lineOf(page, lane), none]))
  new PerformanceObserver((list) => {
    for (const { name, encodedBodySize, transferSize } of list.getEntries() as PerformanceResourceTiming[]) {
      const line = new URL(name).searchParams.get('line') ?? ''
      const before = lanes.get(line)
      if (!before || new URL(name).pathname.startsWith('/control')) continue
      lanes.set(line, {
        answers: before.answers + 1,
        bodies: before.bodies + encodedBodySize,
        transferred: before.transferred + transferSize,
      })
    }
  }).observe({ type: 'resource' })
  return (lane) => lanes.get(lineOf(page, lane)) ?? none
}
