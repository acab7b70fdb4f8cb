import { type ClientNetwork, createClient, type VirtualClient, type VirtualClientOptions } from './client.ts'
import type { ClockView, Timeline } from './view.ts'
import type { Fate } from './fate.ts'
import type { Accept, Host, Serve } from './host.ts'
import type { Direction, Link, Protocol, Traffic } from './link.ts'
import type { SeededRandom } from './random.ts'
import type { Conditions } from './stream.ts'
import { createTrace, type Trace } from './trace.ts'

/** Decides what becomes of a dial, or of an HTTP exchange: then `body` is its request's. */
export type Decide = (client: string, host: string, protocol: Protocol, body?: string) => Fate

/** What `slow` changes of a line. */
export type Line = Pick<Conditions, 'latency' | 'jitter' | 'bandwidth'>

/** A network in memory: TCP, WebSocket and HTTP as they behave on bad days. */
export interface VirtualNetwork {
  /** What every line is like; may be changed at any time. */
  readonly conditions: Conditions
  /** What happened on it. */
  readonly trace: Trace
  /** The connections on which something can still happen, oldest first. */
  readonly links: readonly Link[]
  /** What went over it so far. */
  readonly traffic: Readonly<Traffic>
  /**
   * Accepts WebSockets to `host` (with its port, if the URL has one; `*` is every host at which nobody else listens), and answers
   * POSTs if it is told how. Code of that server runs in `view`. Returns what ends it.
   */
  listen(host: string, serve: Accept | Serve, view?: ClockView): () => void
  /** A client with ways of its own to dial and post. What is told to it runs in its view. */
  client(name: string, options?: VirtualClientOptions): VirtualClient
  /** What becomes of dials and HTTP exchanges from now on: one fate for all, or decided one by one. */
  fate(fate: Fate | Decide): void
  /**
   * Something in between is against a protocol from now on, whoever dials: whatever would have been `open` has this fate.
   * Default: WebSockets are refused the upgrade, HTTP exchanges are answered 403. What is open goes on: `cut()` ends it.
   */
  block(protocol: Protocol, fate?: Fate): void
  /** Ends a blockade; all of them, if it isn't told which. */
  unblock(protocol?: Protocol): void
  /** Cuts all links. */
  cut(): void
  /** Stalls all links, and those dialled from now on until `heal`: a partition. */
  stall(direction?: Direction): void
  /** What goes on any link is gone for good, and nobody is told until it is cut; also on those dialled from now on until `heal`. */
  blackHole(direction?: Direction): void
  /** Heals all links. Half-open ones stay what they are, and fates and blockades too. */
  heal(): void
  /** All lines are slow from now on, as on a bad mobile network unless told how, until `fast`. What is under way stays as it was. */
  slow(line?: Partial<Line>): void
  /** All lines are again what they were before the first `slow`. */
  fast(): void
  /** All clients lose their network: their connections break, the servers are not told, and pages hear `offline`. */
  offline(): void
  /** All clients have it back. */
  online(): void
}

/** What a network is made of. */
export interface VirtualNetworkOptions {
  /** When things happen. */
  readonly clock: Timeline
  /** Draws jitter, and where texts are split. */
  readonly random: SeededRandom
  /** Default: 20 ms latency, 5 ms jitter, endless bandwidth; 6 connections, kept for 5 s. */
  readonly conditions?: Partial<Conditions>
  /** Where to write what happens. Default: a trace of its own. */
  readonly trace?: Trace
}

const BLOCKADES: Readonly<Record<Protocol, Fate>> = { websocket: 'refuse-upgrade', http: { status: 403 } }

/** A mobile network with one bar. */
const SLOW: Line = { latency: 300, jitter: 100, bandwidth: 50_000 }

/** A network on which all is well, until told otherwise. */
export const virtualNetwork = (options: VirtualNetworkOptions): VirtualNetwork => {
  const { clock, random, trace = createTrace(clock) } = options
  const conditions: Conditions = {
    latency: 20,
    jitter: 5,
    bandwidth: Infinity,
    connections: 6,
    keepAlive: 5_000,
    ...options.conditions,
  }
  const hosts = new Map<string, Host>()
  const clients: VirtualClient[] = []
  const blockades = new Map<Protocol, Fate>()
  const counts = new Map<string, number>()
  const traffic: Traffic = { connections: 0, webSockets: 0, exchanges: 0, bytes: { up: 0, down: 0 } }
  let links: Link[] = []
  let decide: Decide = () => 'open'
  let stalled: Direction | undefined
  let swallowed: Direction | undefined
  /** What lines were like before they became slow. */
  let before: Line | undefined

  const alive = (): Link[] => (links = links.filter((link) => !link.over))

  const forClients: ClientNetwork = {
    clock,
    random,
    conditions,
    trace,
    traffic,
    host: (name) => hosts.get(name) ?? hosts.get('*'),
    links: (client) => alive().filter((link) => link.client === client),
    fate: (client, host, protocol, body) => {
      if (protocol === 'http') traffic.exchanges++
      const fate = decide(client, host, protocol, body)
      return fate === 'open' ? (blockades.get(protocol) ?? 'open') : fate
    },
    count: (client) => {
      const count = (counts.get(client) ?? 0) + 1
      counts.set(client, count)
      return count
    },
    add: (link) => {
      links.push(link)
      traffic.connections++
      if (link.protocol === 'websocket') traffic.webSockets++
      if (stalled) link.stall(stalled)
      if (swallowed) link.swallow(swallowed)
    },
  }

  return {
    conditions,
    trace,
    traffic,
    get links() {
      return alive()
    },
    listen: (name, serve, view = clock.view()) => {
      const host: Host = { view, ...(typeof serve === 'function' ? { accept: serve } : serve) }
      hosts.set(name, host)
      return () => {
        if (hosts.get(name) === host) hosts.delete(name)
      }
    },
    client: (name, of = {}) => {
      const client = createClient(forClients, name, of)
      clients.push(client)
      return client
    },
    fate: (fate) => {
      decide = typeof fate === 'function' ? fate : () => fate
    },
    block: (protocol, fate = BLOCKADES[protocol]) => {
      trace.add('network', `blocks ${protocol}`, fate)
      blockades.set(protocol, fate)
    },
    unblock: (protocol) => {
      trace.add('network', `lets through ${protocol ?? 'everything'}`)
      if (protocol) blockades.delete(protocol)
      else blockades.clear()
    },
    cut: () => {
      for (const link of alive()) link.cut()
    },
    stall: (direction = 'both') => {
      stalled = direction
      for (const link of alive()) link.stall(direction)
    },
    blackHole: (direction = 'both') => {
      swallowed = direction
      for (const link of alive()) link.swallow(direction)
    },
    heal: () => {
      stalled = swallowed = undefined
      for (const link of alive()) link.heal()
    },
    slow: (line = SLOW) => {
      const { latency, jitter, bandwidth } = conditions
      before ??= { latency, jitter, bandwidth }
      trace.add('network', 'is slow', line)
      Object.assign(conditions, before, line)
    },
    fast: () => {
      Object.assign(conditions, before)
      before = undefined
    },
    offline: () => {
      for (const client of clients) client.offline()
    },
    online: () => {
      for (const client of clients) client.online()
    },
  }
}
