import type { Lifecycle, LifecycleEvent } from '../platform/lifecycle.ts'

/** A page's life under a test's control. */
export interface VirtualLifecycle extends Lifecycle {
  /** Lets an event happen. `offline` and `online` change what `online()` answers; `online` is heard as `network`. */
  happen(event: LifecycleEvent | 'online'): void
}

/** A page that is online, until something happens to it. */
export const virtualLifecycle = (): VirtualLifecycle => {
  const listeners = new Set<(event: LifecycleEvent) => void>()
  let online = true
  return {
    online: () => online,
    subscribe: (listener) => {
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const subscription = (event: LifecycleEvent): void => listener(event)
      listeners.add(subscription)
      return () => void listeners.delete(subscription)
    },
    happen: (event) => {
      if (event === 'offline' || event === 'online') online = event === 'online'
      const told = [...listeners]
      for (const listener of told) listener(event === 'online' ? 'network' : event)
    },
  }
}
