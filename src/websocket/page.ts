/** What the world looks like at a moment. */
export interface View {
  /** Milliseconds, by a clock that never runs backwards. */
  readonly now: number
  /** A fresh random number in [0, 1). */
  readonly chance: number
  /** False only where the platform is sure that there is no network. */
  readonly online: boolean
}

/** The world, handed in. */
export interface Ports {
  look(): View
  /**
   * Calls `tell` with `timeout` at that time (Infinity: never), and with `wake` whenever the network, or the page, may be back. Returns
   * what ends both.
   */
  watch(until: number, tell: (type: 'timeout' | 'wake') => void): () => void
}

/** `setTimeout` takes a longer delay (ms) for none. Of one below 0, Node.js warns. */
const LONGEST_TIMEOUT = 2e9

/** The real world: what of `platform/` a drop-in needs, in few bytes. */
export const page: Ports = {
  look: () => ({
    now: performance.now(),
    chance: Math.random(),
    online: globalThis.navigator?.onLine ?? true,
  }),
  watch(until, tell) {
    const timer = setTimeout(() => tell('timeout'), Math.max(0, Math.min(until - performance.now(), LONGEST_TIMEOUT)))
    const controller = new AbortController()
    // Captured, because the document's events pass the window on their way down.
    const options = { capture: true, signal: controller.signal }
    const wake = ({ type }: Event): void => {
      if (type !== 'visibilitychange' || !document.hidden) tell('wake')
    }
    for (const type of ['online', 'visibilitychange']) globalThis.addEventListener?.(type, wake, options)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  },
}
