/** Pages of a world that differ from its tabs: without TLS, with a memory or a browser's connections that they share. */
import type { CarrierEntry, ConnectOptions, Socket } from 'holdfast'
import {
  type ClockView,
  seededRandom,
  type VirtualClient,
  type VirtualLifecycle,
  virtualLifecycle,
  type World,
} from 'holdfast/testing'
import { createSocket } from '../../src/connect.ts'
import { createPageLifecycle, type Lifecycle } from '../../src/platform/lifecycle.ts'
import type { Memory } from '../../src/platform/memory.ts'
import { virtualMemory } from '../../src/testing/memory.ts'

export { virtualMemory }

export interface PageOptions extends ConnectOptions {
  /** Its network has no TLS, and with `ws:` it knows. Default: `ws://server.test/live`. */
  readonly url?: string | (() => string | Promise<string>)
  /** The round trip that it knows of. Default: none. */
  readonly roundTrip?: number
  /** What former pages left. Default: nothing. */
  readonly memory?: Memory
  /** Whose connections it uses. Default: its own. */
  readonly browser?: VirtualClient
  /** Nobody tells it when its machine slept. */
  readonly isUntold?: boolean
}

export interface Page {
  readonly socket: Socket
  /** `event carrier` of each step, and `failed` with its cause. */
  readonly steps: string[]
  readonly traced: CarrierEntry[]
  readonly browser: VirtualClient
  readonly view: ClockView
  readonly lifecycle: VirtualLifecycle
  readonly reported: unknown[]
}

/**
 * As where nothing happens to pages, as in Node.js: sleep shows in the clocks alone. After it, what was left of a timer is still
 * waited for: here all of it.
 */
const untold = (view: ClockView): Lifecycle =>
  createPageLifecycle({
    now: () => 2 * view.now(),
    every(period, task) {
      const arm = (): (() => void) => {
        const due = view.now() + period
        return view.after(period, () => {
          cancel = arm()
          if (view.now() === due) task()
        })
      }
      let cancel = arm()
      return () => cancel()
    },
  })

let pages = 0

/** Opens a page of `here`: it is about to dial. */
export const openPage = (here: World, options: PageOptions = {}): Page => {
  const {
    url = 'ws://server.test/live',
    roundTrip = -1,
    memory = virtualMemory(),
    browser: shared,
    isUntold,
    ...connect
  } = options
  const view = here.clock.view()
  const lifecycle = virtualLifecycle()
  const name = `page ${++pages}`
  const browser = shared ?? here.network.client(name, { origin: 'http://server.test', view, lifecycle })
  const [steps, traced, reported]: [string[], CarrierEntry[], unknown[]] = [[], [], []]
  const socket = createSocket(
    url,
    {
      trace: (entry) => {
        if (entry.type !== 'carrier') return
        traced.push(entry)
        steps.push(`${entry.event} ${entry.carrier}${entry.cause ? `: ${entry.cause.code}` : ''}`)
      },
      ...connect,
    },
    {
      clock: view,
      random: seededRandom(pages),
      lifecycle: isUntold ? untold(view) : lifecycle,
      memory,
      network: { roundTrip: () => roundTrip },
      transport: browser.transport,
      post: () => browser.post,
      report: (error) => reported.push(error),
    },
  )
  return { socket, steps, traced, browser, view, lifecycle, reported }
}
