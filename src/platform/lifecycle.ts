/**
 * What happens to the page around the connection. `wake`: it may have slept or moved, and is back: the network returned,
 * the page became visible, thawed, or came out of the back/forward cache, or the machine slept. `network`: the same, and the
 * network is perhaps another one. `leave`: the page may be about to go. `freeze`: nothing runs from here to the next `wake`,
 * and a page that holds a connection may not be kept that long.
 */
export type LifecycleEvent = 'offline' | 'wake' | 'network' | 'leave' | 'freeze'

/** The page's life, handed in. */
export interface Lifecycle {
  /** False only where the platform is sure that there is no network. True proves nothing. */
  online(): boolean
  /** Calls `listener` on each event until the returned function is called. */
  subscribe(listener: (event: LifecycleEvent) => void): () => void
}

/** By what sleep is noticed. */
export interface Ticker {
  /**
   * What the clocks say, in milliseconds: all of them, added up. A monotonic one stands still in sleep on some systems, and the
   * wall clock can be set; where nobody sleeps, the sum grows evenly.
   */
  now(): number
  /** Runs `task` every so many milliseconds, without keeping a process alive. Returns what ends it. */
  every(period: number, task: () => void): () => void
}

/** Milliseconds between looks at the clocks: with the time in which a dead line is found, less than three seconds. */
const PERIOD = 800
/** A sum of clocks that grew by so much (ms) between two looks did so in sleep: it takes less than half of that awake. */
const SLEEP = 4_000

const EVENTS: Readonly<Record<string, LifecycleEvent>> = {
  offline: 'offline',
  online: 'network',
  pagehide: 'leave',
  freeze: 'freeze',
  pageshow: 'wake',
  resume: 'wake',
  visibilitychange: 'wake',
}

/** The real one. Outside a page (workers, Node) there is little or nothing to hear, and the network counts as there. */
export const createPageLifecycle = ({ now, every }: Ticker): Lifecycle => ({
  online: () => globalThis.navigator?.onLine ?? true,
  subscribe(listener) {
    const controller = new AbortController()
    const { signal } = controller
    let stop: (() => void) | undefined
    /** Looks at the clocks from now on, but not in a hidden page: its timers are late without any sleep. */
    const watch = (isOver = globalThis.document?.hidden): void => {
      stop?.()
      let before = now()
      stop = isOver
        ? undefined
        : every(PERIOD, () => {
            if (before + SLEEP < (before = now())) listener('wake')
          })
    }
    /** In Chromium, what is added to the window hears of the next `pagehide`; but `freeze` follows this one there. */
    const freeze = ({ persisted }: { readonly persisted?: boolean }): void => {
      if (persisted !== false) listener('freeze')
    }
    const hear = ({ type, persisted, currentTarget, target }: PageTransitionEvent): void => {
      const event = EVENTS[type]!
      const isFreezing = event === 'freeze' || (event === 'leave' && persisted)
      watch(isFreezing || undefined)
      // The page's own listeners may have last words. They hear of `freeze` at the document, of `pagehide` at the window.
      if (isFreezing)
        (persisted ? currentTarget : target)!.addEventListener(type, freeze as (event: Event) => void, {
          once: true,
          signal,
        })
      else if (type !== 'visibilitychange' || !document.hidden) listener(event)
    }
    // Network Information, where there is one: from one network to another without being offline between. Estimates change, too.
    const { connection } = (globalThis.navigator ?? {}) as { connection?: EventTarget & { readonly type?: string } }
    let kind = connection?.type
    const moved = (): void => {
      if (kind !== (kind = connection?.type)) listener('network')
    }
    // Captured, because the document's own events pass the window on their way down even where they don't come back up.
    for (const type of Object.keys(EVENTS))
      globalThis.addEventListener?.(type, hear as (event: Event) => void, { capture: true, signal })
    connection?.addEventListener?.('change', moved, { signal })
    watch()
    return () => {
      controller.abort()
      watch(true)
    }
  },
})

/** For pages, workers and Node.js. */
export const pageLifecycle: Lifecycle = createPageLifecycle({
  now: () => Date.now() + performance.now(),
  every(period, task) {
    const timer: unknown = setInterval(task, period)
    ;(timer as { unref?(): void }).unref?.()
    return () => clearInterval(timer as number)
  },
})
