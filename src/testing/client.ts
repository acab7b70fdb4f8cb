import { sizeOf } from '../kernel/size.ts'
import type { Post } from '../transports/post.ts'
import type { Transport } from '../transports/transport.ts'
import { HTTP_TYPE } from '../protocol/frames.ts'
import type { ClockView, Timeline } from './view.ts'
import type { Fate } from './fate.ts'
import type { Host, VirtualRequest } from './host.ts'
import type { VirtualLifecycle } from './lifecycle.ts'
import type { Link, Protocol, Traffic } from './link.ts'
import { createPool, type Pool } from './pool.ts'
import type { SeededRandom } from './random.ts'
import type { Conditions } from './stream.ts'
import type { Trace } from './trace.ts'
import { dial } from './websocket.ts'

/** Who dials on a virtual network. */
export interface VirtualClient {
  /** Its name in traces and on its links. */
  readonly name: string
  /** Dials WebSockets as this client. */
  readonly transport: Transport
  /** Posts as this client, as a page's `fetch` would. */
  readonly post: Post
  /** How many connections it uses now: dialled, not closed by it, and it was not told that they closed; of HTTP, those that it waits on. */
  readonly held: number
  /** The most it ever used at a time. */
  readonly mostHeld: number
  /** How many connections it opened. */
  readonly dials: number
  /** How often it posted. */
  readonly posts: number
  /** Its network is gone: its connections break, the other ends are not told, new ones are refused; its page hears `offline`. */
  offline(): void
  /** Its network is back, and its page hears it. */
  online(): void
  /** Its process is gone: its connections break; of HTTP, what was to outlive the page goes on. */
  vanish(): void
}

/** What a client can be told. */
export interface VirtualClientOptions {
  /** The origin of its page. */
  readonly origin?: string
  /** Where its code runs. */
  readonly view?: ClockView
  /** The life of its page, to hear of `offline()` and `online()`. */
  readonly lifecycle?: Pick<VirtualLifecycle, 'happen'>
}

/** What a client needs of its network. */
export interface ClientNetwork {
  readonly clock: Timeline
  readonly random: SeededRandom
  readonly conditions: Conditions
  readonly trace: Trace
  readonly traffic: Traffic
  /** Who answers at a host just now. */
  host(name: string): Host | undefined
  /** What becomes of a dial or exchange. */
  fate(client: string, host: string, protocol: Protocol, body?: string): Fate
  /** The links of this client on which something can still happen. */
  links(client: string): readonly Link[]
  /** The number of a client's next connection: no two have the same, though one page follows another. */
  count(client: string): number
  /** A connection was dialled. */
  add(link: Link): void
}

/** The schemes that a WebSocket takes, HTTP's for the matching ones; and those that can be posted to. */
const WEBSOCKET = ['ws:', 'wss:', 'http:', 'https:']
const HTTP = ['http:', 'https:']

/** The most bytes that browsers let outlive a page. https://fetch.spec.whatwg.org/#http-network-or-cache-fetch */
const LONGEST_OUTLIVING = 65_536

const POST_HEADERS = { accept: HTTP_TYPE, 'content-type': 'text/plain;charset=UTF-8' }

const parse = (url: string, schemes: readonly string[]): URL => {
  const parsed = new URL(url)
  if (!schemes.includes(parsed.protocol))
    throw new SyntaxError(`${url} is no URL that starts with ${schemes.join(', ')}`)
  return parsed
}

/** A client that has dialled nobody yet. */
export const createClient = (
  network: ClientNetwork,
  name: string,
  { origin, view = network.clock.view(), lifecycle }: VirtualClientOptions,
): VirtualClient => {
  const pools = new Map<string, Pool>()
  const own = { ...network, client: name, view }
  let dials = 0
  let posts = 0
  let mostHeld = 0
  let isOffline = false

  const held = (): number => network.links(name).filter((link) => link.held).length
  const count = (): void => {
    mostHeld = Math.max(mostHeld, held())
  }
  const nextId = (): string => {
    dials++
    return `${name}#${network.count(name)}`
  }
  const fate = (host: string, protocol: Protocol, body?: string): Fate =>
    isOffline ? 'refuse' : network.fate(name, host, protocol, body)

  const requestTo = ({ host, pathname, search }: URL, headers = {}): VirtualRequest => ({
    url: pathname + search,
    ...(origin === undefined ? {} : { origin }),
    headers: { host, ...(origin === undefined ? {} : { origin }), ...headers },
  })

  const transport: Transport = (url, events, protocols) => {
    const parsed = parse(url, WEBSOCKET)
    const { host } = parsed
    const { link, carrier } = dial({
      ...own,
      id: nextId(),
      host,
      request: requestTo(parsed),
      fate: fate(host, 'websocket'),
      bare: protocols?.length === 0,
      events,
      listener: () => network.host(host),
    })
    network.add(link)
    count()
    return carrier
  }

  const createPoolTo = (host: string): Pool => {
    const pool = createPool({ ...own, host, listener: () => network.host(host), name: nextId, opened: network.add })
    pools.set(host, pool)
    return pool
  }

  const post: Post = (url, body, outlive, events, priority) => {
    const parsed = parse(url, HTTP)
    const { host } = parsed
    posts++
    const giveUp = (pools.get(host) ?? createPoolTo(host)).take({
      request: requestTo(parsed, POST_HEADERS),
      body,
      events,
      yields: priority === 'low',
      outlives: outlive && sizeOf(body) <= LONGEST_OUTLIVING,
      fate: () => fate(host, 'http', body),
      isOver: false,
    })
    count()
    return giveUp
  }

  return {
    name,
    transport,
    post,
    get held() {
      return held()
    },
    get mostHeld() {
      return mostHeld
    },
    get dials() {
      return dials
    },
    get posts() {
      return posts
    },
    offline: () => {
      isOffline = true
      for (const link of network.links(name)) {
        link.halfOpen('up')
        link.cut()
      }
      view.enter(() => lifecycle?.happen('offline'))
    },
    online: () => {
      isOffline = false
      view.enter(() => lifecycle?.happen('online'))
    },
    vanish: () => {
      for (const link of own.links(name)) if (link.protocol === 'websocket') link.cut()
      for (const pool of pools.values()) pool.abandon()
    },
  }
}
