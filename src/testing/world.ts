import type { Contract, Untyped } from '../contract.ts'
import type { ConnectOptions } from '../options.ts'
import type { Memory } from '../platform/memory.ts'
import type { OutboxStore } from '../platform/storage.ts'
import type { ServerCore } from '../server/core.ts'
import type { ServerOptions } from '../server/options.ts'
import { type VirtualClock, virtualClock } from './clock.ts'
import { virtualMemory } from './memory.ts'
import { type VirtualNetwork, virtualNetwork } from './network.ts'
import { openPage, type Page } from './page.ts'
import { type VirtualServer, virtualServer } from './process.ts'
import { type SeededRandom, seededRandom } from './random.ts'
import { type VirtualStore, virtualStore } from './storage.ts'
import type { ClockView } from './view.ts'
import type { Conditions } from './stream.ts'
import { createTrace, type Trace } from './trace.ts'

/** A tab with a socket in it. */
export interface Tab<C extends Contract = Untyped> extends Page<C> {
  /** Its name in traces and on its links. */
  readonly name: string
  /** Its clock: freeze it to let the tab sleep, ask it for armed timers. */
  readonly view: ClockView
  /** What it leaves to its next page: a tab that is opened with the same name. */
  readonly memory: Memory
  /** What would have gone to the browser's `reportError`, oldest first. */
  readonly reported: readonly unknown[]
  /**
   * The page is gone this instant, as when it crashes, is reloaded or closed: nothing in it runs any more, its connections break,
   * and of what it was writing to the store, a beginning is kept. Its next page is opened with the same name.
   */
  kill(): void
}

/** A server process. */
export interface ServerProcess<C extends Contract = Untyped, Identity = unknown> extends VirtualServer<C, Identity> {
  /** What would have gone to `console.error`, oldest first. */
  readonly reported: readonly unknown[]
}

/** What a world is made of. */
export interface WorldOptions<C extends Contract = Untyped, Identity = unknown> {
  /** A whole number: the same seed, the same life. Default: 1. */
  readonly seed?: number
  /** How many tabs are opened at once; they are called a, b, c … Default: 1. */
  readonly clients?: number
  /** What the network is like. */
  readonly conditions?: Partial<Conditions>
  /** The round trip in milliseconds that pages know of before they measure one. Default: none. */
  readonly roundTrip?: number
  /** The most milliseconds that the store takes for a claim or a write. Default: 5. */
  readonly storeLatency?: number
  /** What `createServer` would be told. */
  readonly server?: ServerOptions<Identity>
  /** What `connect` would be told in the tab of that name; `store` is the page's way to the world's store. */
  readonly client?: (name: string, store: OutboxStore) => ConnectOptions
  /** Sets a server up before anybody connects: the first one, and each after a restart. */
  readonly serve?: (server: ServerCore<C, Identity>) => void
}

/** Some tabs and a server on one virtual network. */
export interface World<C extends Contract = Untyped, Identity = unknown> {
  readonly clock: VirtualClock
  /** For what the test itself leaves to chance. */
  readonly random: SeededRandom
  readonly network: VirtualNetwork
  /** All that happened, in order. */
  readonly trace: Trace
  /** What outlives pages, if they are told to keep anything there. */
  readonly store: VirtualStore
  /** The tabs, in the order in which they were opened. */
  readonly tabs: readonly Tab<C>[]
  /** The server process that runs, or ran last. */
  readonly server: ServerProcess<C, Identity>
  /** Opens another tab. `options` go over what `client` gives. */
  open(name: string, options?: ConnectOptions): Tab<C>
  /** Kills the server if it still runs, and starts one that knows nothing of the former's sessions. */
  restart(): ServerProcess<C, Identity>
}

/** Where the tabs connect to, and where they come from. */
const HOST = 'server.test'
const URL = `wss://${HOST}/live`
const ORIGIN = `https://${HOST}`

const nameOf = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index)

/** A world in which nothing has happened yet: the tabs are about to dial. Everything moves with `clock`. */
export const world = <C extends Contract = Untyped, Identity = unknown>(
  options: WorldOptions<C, Identity> = {},
): World<C, Identity> => {
  const { seed = 1, clients = 1, conditions = {}, roundTrip = -1, storeLatency = 5 } = options
  const random = seededRandom(seed)
  // Not from zero: code that takes a time for a truth value must fail here.
  const clock = virtualClock(1_000)
  const trace = createTrace(clock)
  const network = virtualNetwork({ clock, random: random.fork(), conditions, trace })
  const store = virtualStore({ clock, random: seededRandom(-seed), latency: storeLatency, trace })
  const [tabChance, serverChance] = [random.fork(), random.fork()]
  const tabs: Tab<C>[] = []
  const memories = new Map<string, Memory>()
  const memoryOf = (name: string): Memory => {
    const memory = memories.get(name) ?? virtualMemory()
    memories.set(name, memory)
    return memory
  }

  const startServer = (): ServerProcess<C, Identity> => {
    const reported: unknown[] = []
    const process = virtualServer({
      clock,
      random: serverChance.fork(),
      server: options.server,
      serve: options.serve,
      report: (error) => reported.push(error),
    })
    process.listen(network, HOST)
    return Object.assign(process, { reported })
  }
  let server = startServer()

  const open = (name: string, own: ConnectOptions = {}): Tab<C> => {
    const view = clock.view()
    const memory = memoryOf(name)
    const disk = store.page(name, view)
    const reported: unknown[] = []
    const page = openPage<C>({
      network,
      name,
      view,
      random: tabChance.fork(),
      origin: ORIGIN,
      memory,
      roundTrip,
      url: URL,
      options: { ...options.client?.(name, disk.store), ...own },
      report: (error) => reported.push(error),
    })
    const kill = (): void => {
      trace.add(name, 'is killed')
      view.stop()
      disk.die()
      page.network.vanish()
    }
    const tab: Tab<C> = { ...page, name, view, memory, reported, kill }
    tabs.push(tab)
    return tab
  }
  for (let index = 0; index < clients; index++) open(nameOf(index))

  return {
    clock,
    random,
    network,
    trace,
    store,
    tabs,
    get server() {
      return server
    },
    open,
    restart: () => {
      server.kill()
      server = startServer()
      return server
    },
  }
}
