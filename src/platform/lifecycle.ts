/** What happens to the page around the connection. `wake`: it became visible, thawed, or came back from the back/forward cache. */
export type LifecycleEvent = 'online' | 'offline' | 'wake'

/** The page's life, handed in. */
export interface Lifecycle {
  /** False only where the platform is sure that there is no network. True proves nothing. */
  online(): boolean
  /** Calls `listener` on each event until the returned function is called. */
  subscribe(listener: (event: LifecycleEvent) => void): () => void
}

/** The real one. Outside a page (workers, Node) there is nothing to hear, and the network counts as there. */
export const pageLifecycle: Lifecycle = {
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(listener) {
    if (typeof globalThis.addEventListener !== 'function') return () => {}
    const stop = new AbortController()
    const listen = (
      target: EventTarget | undefined,
      type: string,
      event: LifecycleEvent,
      when = (): boolean => true,
    ): void => target?.addEventListener(type, () => when() && listener(event), { signal: stop.signal })
    const page = globalThis.document as Document | undefined
    listen(globalThis, 'online', 'online')
    listen(globalThis, 'offline', 'offline')
    // pageshow comes back from the back/forward cache too, resume from a frozen tab.
    listen(globalThis, 'pageshow', 'wake')
    listen(page, 'resume', 'wake')
    listen(page, 'visibilitychange', 'wake', () => page!.visibilityState === 'visible')
    return () => stop.abort()
  },
}
