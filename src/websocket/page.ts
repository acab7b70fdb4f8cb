/** The world, handed in. What the signal aborts is not done, or heard, any more. */
export interface Ports {
  /** Milliseconds, by a clock that never runs backwards. */
  now(): number
  after(delay: number, task: () => void, signal: AbortSignal): void
  /** A number from 0 up to, not including, 1. */
  chance(): number
  /** False only where the platform is sure that there is no network. */
  online(): boolean
  /** Tells that the network, or the page, may be back. */
  onWake(listener: () => void, signal: AbortSignal): void
}

/** The real world: what of `platform/` a drop-in needs, in few bytes. */
export const page: Ports = {
  now: () => performance.now(),
  after(delay, task, signal) {
    // It takes a longer delay for none.
    const timer = setTimeout(task, Math.min(delay, 2 ** 31 - 1))
    signal.onabort = () => clearTimeout(timer)
  },
  chance: Math.random,
  online: () => globalThis.navigator?.onLine ?? true,
  onWake(listener, signal) {
    for (const type of ['online', 'visibilitychange'])
      globalThis.addEventListener?.(type, () => (type > 'v' && document.hidden) || listener(), {
        capture: true,
        signal,
      })
  },
}
