import type { Carrier, CarrierEvents, Transport } from '../transports/transport.ts'
import type { ClockView, VirtualClock } from './clock.ts'
import { dial, type Direction, type Fate, type Link, type Listener, type ServerEvents } from './link.ts'
import type { SeededRandom } from './random.ts'
import type { Conditions } from './stream.ts'
import { createTrace, type Trace } from './trace.ts'

/** The request that opened a carrier. */
export interface VirtualRequest {
  /** The path and query that were dialled, as Node's `request.url`. */
  readonly url: string
  /** The origin of the client's page, absent for a client that is no page. */
  readonly origin?: string
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** What a server does with a carrier: it keeps it and returns what it wants to hear of it. */
export type Accept = (carrier: Carrier, request: VirtualRequest) => ServerEvents

/** Who dials on a virtual network. */
export interface VirtualClient {
  /** Its name in traces and on its links. */
  readonly name: string
  /** Dials as this client. */
  readonly transport: Transport
  /** How many carriers it holds now: dialled, not closed by it, and it was not told that they closed. */
  readonly held: number
  /** The most it ever held at a time. */
  readonly mostHeld: number
  /** How often it dialled. */
  readonly dials: number
}

/** A network in memory: TCP and WebSocket as they behave on bad days. */
export interface VirtualNetwork {
  /** What every line is like; may be changed at any time. */
  readonly conditions: Conditions
  /** What happened on it. */
  readonly trace: Trace
  /** The connections on which something can still happen, oldest first. */
  readonly links: readonly Link[]
  /** Accepts connections to `host` (with its port, if the URL has one). Code of that server runs in `view`. Returns what ends it. */
  listen(host: string, accept: Accept, view?: ClockView): () => void
  /** A client with a transport of its own. `origin` is that of its page; what is told to it runs in `view`. */
  client(name: string, options?: { readonly origin?: string; readonly view?: ClockView }): VirtualClient
  /** What becomes of dials from now on: one fate for all, or decided dial by dial. */
  fate(fate: Fate | ((client: string, host: string) => Fate)): void
  /** Cuts all links. */
  cut(): void
  /** Stalls all links, and those dialled from now on until `heal`: a partition. */
  stall(direction?: Direction): void
  /** Heals all links. Half-open ones stay what they are, and fates too. */
  heal(): void
}

/** What a network is made of. */
export interface VirtualNetworkOptions {
  /** When things happen. */
  readonly clock: VirtualClock
  /** Draws jitter. */
  readonly random: SeededRandom
  /** Default: 20 ms latency, 5 ms jitter, endless bandwidth. */
  readonly conditions?: Partial<Conditions>
  /** Where to write what happens. Default: a trace of its own. */
  readonly trace?: Trace
}

/** The schemes that a WebSocket takes; HTTP's stand for the matching ones. */
const SCHEMES = ['ws:', 'wss:', 'http:', 'https:']

const parse = (url: string): URL => {
  const parsed = new URL(url)
  if (!SCHEMES.includes(parsed.protocol))
    throw new SyntaxError(`${url} is no WebSocket URL: it starts with ws: or wss:.`)
  return parsed
}

/** A network on which all is well, until told otherwise. */
export const virtualNetwork = (options: VirtualNetworkOptions): VirtualNetwork => {
  const { clock, random, trace = createTrace(clock) } = options
  const conditions: Conditions = { latency: 20, jitter: 5, bandwidth: Infinity, ...options.conditions }
  const listeners = new Map<string, { readonly view: ClockView; readonly accept: Accept }>()
  let links: Link[] = []
  let decide: (client: string, host: string) => Fate = () => 'open'
  let stalled: Direction | undefined

  const alive = (): Link[] => (links = links.filter((link) => !link.over))

  const createClient: VirtualNetwork['client'] = (name, { origin, view = clock.view() } = {}) => {
    let dials = 0
    let mostHeld = 0
    const held = (): number => alive().filter((link) => link.client === name && link.held).length

    const transport = (url: string, events: CarrierEvents): Carrier => {
      const { host, pathname, search } = parse(url)
      const request: VirtualRequest = {
        url: pathname + search,
        ...(origin === undefined ? {} : { origin }),
        headers: { host, ...(origin === undefined ? {} : { origin }) },
      }
      const listener = (): Listener | undefined => {
        const found = listeners.get(host)
        return found && { view: found.view, accept: (carrier) => found.accept(carrier, request) }
      }
      const id = `${name}#${++dials}`
      const { link, carrier } = dial({
        id,
        client: name,
        host,
        fate: decide(name, host),
        events,
        view,
        clock,
        random,
        conditions,
        trace,
        listener,
      })
      links.push(link)
      if (stalled) link.stall(stalled)
      mostHeld = Math.max(mostHeld, held())
      return carrier
    }

    return {
      name,
      transport,
      get held() {
        return held()
      },
      get mostHeld() {
        return mostHeld
      },
      get dials() {
        return dials
      },
    }
  }

  return {
    conditions,
    trace,
    get links() {
      return alive()
    },
    listen: (host, accept, view = clock.view()) => {
      const listener = { view, accept }
      listeners.set(host, listener)
      return () => {
        if (listeners.get(host) === listener) listeners.delete(host)
      }
    },
    client: createClient,
    fate: (fate) => {
      decide = typeof fate === 'function' ? fate : () => fate
    },
    cut: () => {
      for (const link of alive()) link.cut()
    },
    stall: (direction = 'both') => {
      stalled = direction
      for (const link of alive()) link.stall(direction)
    },
    heal: () => {
      stalled = undefined
      for (const link of alive()) link.heal()
    },
  }
}
