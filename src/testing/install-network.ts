import { type Asking, createPageEvents, install } from './install.ts'
import type { VirtualNetwork } from './network.ts'
import { createPageFetch } from './page-fetch.ts'
import { createPageWebSockets } from './page-websocket.ts'
import type { Timeline } from './view.ts'

/** What is told whose network is taken away for good: the application's own code, and final. */
const CLOSED = 4499

/** How a network is put into a page. */
export interface InstallOptions {
  /** The time that the page lives in. */
  readonly clock: Timeline
  /** Names the page in traces and on its links. Default: `page`. */
  readonly name?: string
  /** Whether what is asked for there goes over this network. */
  readonly takes: (url: URL, asking: Asking) => boolean
  /** What its sockets are told when it is taken back. */
  readonly reason?: string
}

/**
 * Lets a virtual network stand in for the platform's `WebSocket` and `fetch`, for what it takes: everything else goes to what was there
 * before. Returns the way back.
 */
export const installNetwork = (
  network: VirtualNetwork,
  { clock, name = 'page', takes, reason = 'The network is gone' }: InstallOptions,
): (() => void) => {
  const view = clock.view()
  const lifecycle = createPageEvents()
  const origin = globalThis.location?.origin
  // Where a page has none, it says `null`.
  const page = network.client(name, { view, lifecycle, ...(origin && origin !== 'null' && { origin }) })
  const [sockets, requests] = [createPageWebSockets(page, view), createPageFetch(page)]
  const restore = install({ WebSocket: sockets.WebSocket, fetch: requests.fetch, takes })
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    lifecycle.end()
    restore.webSocket()
    sockets.endAll(CLOSED, reason)
    const leaving = requests.endAll(CLOSED, reason)
    if (leaving) void leaving.then(restore.fetch)
    else restore.fetch()
  }
}
