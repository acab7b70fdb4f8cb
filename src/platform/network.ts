/** What the platform knows of the network, before anything was measured on it. */
export interface Network {
  /** An estimate of the round trip in milliseconds; -1 where there is none. */
  roundTrip(): number
}

/** Connected sooner (ms), and it was perhaps to something on the way: an antivirus, a proxy of the house. */
const NEAR = 10

/** How the page itself came (Navigation Timing), or what the browser has seen elsewhere (Network Information, Chromium). */
export const pageNetwork: Network = {
  roundTrip() {
    const [page] = (globalThis.performance?.getEntriesByType?.('navigation') ?? []) as PerformanceNavigationTiming[]
    if (page) {
      // A connection that was opened for it took one round trip before TLS; a warm one shows in the answer, server's work included.
      const connecting = (page.secureConnectionStart || page.connectEnd) - page.connectStart
      const answering = page.responseStart - page.requestStart
      const trip = connecting > NEAR ? connecting : answering
      if (trip > 0) return trip
    }
    const { connection } = (globalThis.navigator ?? {}) as { connection?: { rtt?: number } }
    return connection?.rtt || -1
  },
}
