import { HTTP_TYPE, SUBPROTOCOL } from '../protocol/frames.ts'
import type { Protocol } from './link.ts'
import type { PageFetch } from './page-fetch.ts'

/** Who asks for something: for a WebSocket or by `fetch`, and whether in our protocol. */
export interface Asking {
  readonly protocol: Protocol
  readonly speaks: boolean
}

/** What stands in for the platform's. */
export interface StandIns {
  readonly WebSocket: typeof WebSocket
  readonly fetch: PageFetch['fetch']
  /** Whether that URL is theirs; what is for others goes to what was there before. */
  takes(url: URL, asking: Asking): boolean
}

type WebSocketArguments = ConstructorParameters<typeof WebSocket>

/** What was put somewhere. */
interface Layer {
  readonly before: PropertyDescriptor | undefined
  isOver: boolean
  restore(): void
}
const layers = new WeakMap<object, Layer>()

/** What was there before, or before that, of what is not over. */
const below = ({ before }: Layer): PropertyDescriptor | undefined => {
  const layer = layers.get(Object(before?.value) as object)
  return layer?.isOver ? below(layer) : before
}

/** Puts something into the globals, or another object. Returns the way back, whoever puts something over it. */
const put = (name: string, value: unknown, into: object = globalThis): Layer => {
  const layer: Layer = {
    before: Object.getOwnPropertyDescriptor(into, name),
    isOver: false,
    restore: () => {
      layer.isOver = true
      if (Object.getOwnPropertyDescriptor(into, name)?.value !== value) return
      const before = below(layer)
      if (before) Object.defineProperty(into, name, before)
      else Reflect.deleteProperty(into, name)
    },
  }
  layers.set(Object(value) as object, layer)
  Object.defineProperty(into, name, { configurable: true, enumerable: true, writable: true, value })
  return layer
}

/** What becomes of a page's network, as the page itself hears it. Where nobody could hear that it is back, it is not said to be gone. */
export interface PageEvents {
  happen(event: string): void
  /** Nothing happens any more. */
  end(): void
}

export const createPageEvents = (): PageEvents => {
  let restore = (): void => {}
  let isOver = false
  return {
    happen: (event) => {
      if (isOver || !(globalThis as Partial<typeof globalThis>).dispatchEvent) return
      restore()
      if (event === 'offline') restore = put('onLine', false, navigator).restore
      globalThis.dispatchEvent(new Event(event))
    },
    end: () => {
      isOver = true
      restore()
    },
  }
}

const speaks = ({ method, headers }: RequestInit = {}): boolean =>
  method === 'POST' && new Headers(headers).get('accept') === HTTP_TYPE

/** The ways back. */
export interface Restore {
  webSocket(): void
  fetch(): void
}

/** Lets an application's code have stand-ins for the platform's `WebSocket` and `fetch`, if they are for that application. */
export const install = ({ WebSocket: Ours, fetch: ourFetch, takes }: StandIns): Restore => {
  const { WebSocket: Theirs, fetch: theirFetch } = globalThis as Partial<typeof globalThis>
  /** The URL, if it is ours. */
  const taken = (url: string | URL, asking: Asking): URL | undefined => {
    const base = globalThis.location?.href
    const parsed = URL.canParse(String(url), base) ? new URL(String(url), base) : undefined
    return parsed && takes(parsed, asking) ? parsed : undefined
  }

  /** Constants, instances and all else is asked of what was there. */
  const webSocket = new Proxy(Theirs ?? Ours, {
    construct: (target, given: WebSocketArguments, newTarget) => {
      const [url, protocols = []] = given
      const asking: Asking = { protocol: 'websocket', speaks: [protocols].flat().includes(SUBPROTOCOL) }
      const isForUs = !webSocketLayer.isOver && taken(url, asking)
      return isForUs ? new Ours(...given) : (Reflect.construct(target, given, newTarget) as WebSocket)
    },
    get: (target, key, receiver) =>
      key === Symbol.hasInstance
        ? (value: unknown) => value instanceof target || value instanceof Ours
        : (Reflect.get(target, key, receiver) as unknown),
  })
  const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const isForUs = !fetchLayer?.isOver && !(input instanceof Request)
    const url = isForUs ? taken(input, { protocol: 'http', speaks: speaks(init) }) : undefined
    return url ? ourFetch(url.href, init ?? {}) : theirFetch!(input, init)
  }

  const webSocketLayer = put('WebSocket', webSocket)
  const fetchLayer = theirFetch && put('fetch', fetch)
  return { webSocket: webSocketLayer.restore, fetch: () => fetchLayer?.restore() }
}
