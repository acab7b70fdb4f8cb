/** Upper ends (ms) of the histogram's bars, each about twice the one before; the last bar has none. */
export const binEnds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000] as const

export const binOf = (latency: number): number => {
  const bin = binEnds.findIndex((end) => latency < end)
  return bin < 0 ? binEnds.length : bin
}

/** The value below which `share` (0 to 1) of all lie, by the nearest rank; undefined of nothing. */
export const percentile = (values: readonly number[], share: number): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]

/** Latencies that percentiles are made of, the newest. */
const REMEMBERED = 500

/** What came of a lane's messages. */
export interface Tally {
  readonly messages: number
  /** Of those up to the newest, the ones that did not come. */
  readonly missing: number
  /** Characters in all messages. */
  readonly payload: number
  /** Messages by latency. */
  readonly bins: readonly number[]
  percentile(share: number): number | undefined
  add(number: number, latency: number, size: number): void
}

/** Of the messages behind the number `since`: those that are still under way when a measurement begins are none of its. */
export const createTally = (since: number): Tally => {
  const bins = Array.from({ length: binEnds.length + 1 }, () => 0)
  const latencies: number[] = []
  let newest = since
  let messages = 0
  let payload = 0
  return {
    get messages() {
      return messages
    },
    get missing() {
      return newest - since - messages
    },
    get payload() {
      return payload
    },
    bins,
    percentile: (share) => percentile(latencies, share),
    add(number, latency, size) {
      if (number <= since) return
      newest = Math.max(newest, number)
      messages++
      payload += size
      bins[binOf(latency)]!++
      latencies.push(latency)
      if (latencies.length > REMEMBERED) latencies.shift()
    },
  }
}
