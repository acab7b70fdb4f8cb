import { createSocket, type Socket } from '../connect.ts'
import type { Contract, Untyped } from '../contract.ts'
import type { ConnectOptions } from '../options.ts'
import type { Memory } from '../platform/memory.ts'
import type { OutboxStore } from '../platform/storage.ts'
import { createCore, type ServerCore } from '../server/core.ts'
import { createHttpCarriers, hostOf } from '../server/http-carrier.ts'
import type { ServerOptions } from '../server/options.ts'
import { type VirtualClock, virtualClock } from './clock.ts'
import { type VirtualLifecycle, virtualLifecycle } from './lifecycle.ts'
import type { VirtualClient } from './client.ts'
import { virtualMemory } from './memory.ts'
import { type VirtualNetwork, virtualNetwork } from './network.ts'
import { type SeededRandom, seededRandom } from './random.ts'
import { type VirtualStore, virtualStore } from './storage.ts'
import type { ClockView } from './view.ts'
import type { Conditions } from './stream.ts'
import { createTrace, type Trace } from './trace.ts'

/** A tab with a socket in it. */
export interface Tab<C extends Contract = Untyped> {
  /** Its name in traces and on its links. */
  readonly name: string
  /** What `connect` would have returned. */
  readonly socket: Socket<C>
  /** Its clock: freeze it to let the tab sleep, ask it for armed timers. */
  readonly view: ClockView
  /** Its page: online, offline, wake. */
  readonly lifecycle: VirtualLifecycle
  /** What it leaves to its next page: a tab that is opened with the same name. */
  readonly memory: Memory
  /** Its side of the network: what it holds and has dialled. */
  readonly network: VirtualClient
  /** What would have gone to the browser's `reportError`, oldest first. */
  readonly reported: readonly unknown[]
  /**
   * The page is gone this instant, as when it crashes, is reloaded or closed: nothing in it runs any more, its connections break,
   * and of what it was writing to the store, a beginning is kept. Its next page is opened with the same name.
   */
  kill(): void
}

/** A server process. */
export interface ServerProcess<C extends Contract = Untyped, Identity = unknown> {
  /** What `createServer` would have returned, without the parts that are Node's. */
  readonly core: ServerCore<C, Identity>
  /** Its clock: ask it for armed timers. */
  readonly view: ClockView
  /** What would have gone to `console.error`, oldest first. */
  readonly reported: readonly unknown[]
  /** Whether it still runs. */
  readonly alive: boolean
  /** The process ends this instant, without a word; its connections break, and dials are refused until `restart`. */
  kill(): void
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

/** Identities are whatever JSON could carry: compared as that. */
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

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
    const view = clock.view()
    const reported: unknown[] = []
    let alive = true
    const core = createCore<C, Identity>(options.server ?? {}, {
      clock: view,
      random: serverChance.fork(),
      isEqual,
      report: (error) => reported.push(error),
    })
    options.serve?.(core)
    const { exchange } = createHttpCarriers(hostOf(core, view))
    const unlisten = network.listen(HOST, { accept: core.accept, exchange }, view)
    trace.add('server', 'starts')
    return {
      core,
      view,
      reported,
      get alive() {
        return alive
      },
      kill: () => {
        if (!alive) return
        alive = false
        trace.add('server', 'is killed')
        view.stop()
        unlisten()
        for (const link of network.links) if (link.host === HOST) link.cut()
      },
    }
  }
  let server = startServer()

  const open = (name: string, own: ConnectOptions = {}): Tab<C> => {
    const view = clock.view()
    const lifecycle = virtualLifecycle()
    const client = network.client(name, { origin: ORIGIN, view, lifecycle })
    const memory = memoryOf(name)
    const page = store.page(name, view)
    const reported: unknown[] = []
    const socket = createSocket<C>(
      URL,
      { ...options.client?.(name, page.store), ...own },
      {
        clock: view,
        random: tabChance.fork(),
        lifecycle,
        memory,
        network: { roundTrip: () => roundTrip },
        transport: client.transport,
        post: () => client.post,
        report: (error) => reported.push(error),
      },
    )
    const kill = (): void => {
      trace.add(name, 'is killed')
      view.stop()
      page.die()
      client.vanish()
    }
    const tab: Tab<C> = { name, socket, view, lifecycle, memory, network: client, reported, kill }
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
