/**
 * What happens to the page around the connection. `wake`: it may have slept or moved, and is back: the network returned,
 * the page became visible, thawed, or came out of the back/forward cache. `network`: the same, and the network is perhaps
 * another one. `leave`: the page may be about to go.
 */
export type LifecycleEvent = 'offline' | 'wake' | 'network' | 'leave'

/** The page's life, handed in. */
export interface Lifecycle {
  /** False only where the platform is sure that there is no network. True proves nothing. */
  online(): boolean
  /** Calls `listener` on each event until the returned function is called. */
  subscribe(listener: (event: LifecycleEvent) => void): () => void
}

const EVENTS: Readonly<Record<string, LifecycleEvent>> = {
  offline: 'offline',
  online: 'network',
  pagehide: 'leave',
  pageshow: 'wake',
  resume: 'wake',
  visibilitychange: 'wake',
}

/** The real one. Outside a page (workers, Node) there is little or nothing to hear, and the network counts as there. */
export const pageLifecycle: Lifecycle = {
  online: () => globalThis.navigator?.onLine ?? true,
  subscribe(listener) {
    const hear = ({ type }: Event): void => {
      if (type !== 'visibilitychange' || !document.hidden) listener(EVENTS[type]!)
    }
    // Network Information, where there is one: from one network to another without being offline between. Estimates change, too.
    const { connection } = (globalThis.navigator ?? {}) as { connection?: EventTarget & { readonly type?: string } }
    let kind = connection?.type
    const moved = (): void => {
      if (kind !== (kind = connection?.type)) listener('network')
    }
    // Captured, because the document's own events pass the window on their way down even where they don't come back up.
    for (const type of Object.keys(EVENTS)) globalThis.addEventListener?.(type, hear, true)
    connection?.addEventListener?.('change', moved)
    return () => {
      for (const type of Object.keys(EVENTS)) globalThis.removeEventListener?.(type, hear, true)
      connection?.removeEventListener?.('change', moved)
    }
  },
}
