/** What a proxy does to the HTTP that goes by, for all of its connections, and what it has seen. */
import type { HttpPart } from './http-reader.ts'

/** Ways in which networks break WebSockets and leave plain HTTP alone. */
export type Blockade =
  /** Upgrades are answered with 403 at once, and the connection is closed. */
  | '403'
  /** Upgrades go on without `Upgrade` and `Connection`, as plain GETs; the server's answer to that comes back. */
  | 'stripped'
  /** Upgrades are never answered, and never reach the server. */
  | 'hang'
  /** Upgrades are accepted; everything behind them vanishes, both ways. The end of the connection doesn't. */
  | 'swallowed'
  /** Upgrades are accepted, and connections reset a while later. */
  | 'killed'

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly isUpgrade: boolean
  readonly headers: ReadonlyMap<string, string>
  /** How its body begins: whole if it is short, the first 4,096 bytes or some more if it is long. */
  readonly text: string
  /** Bytes on the wire, the framing of chunks with the body. */
  readonly head: number
  readonly body: number
  /** All of it has come through. */
  readonly isComplete: boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly head: number
  readonly body: number
  /** All of it has gone on to the client. */
  readonly isComplete: boolean
}

/** A request and what became of it. */
export interface HttpExchange {
  /** The connection it came on, numbered as in the proxy's log. */
  readonly connection: number
  /** When its head came through, on the monotonic clock of this process. */
  readonly at: number
  readonly request: HttpRequest
  /** Absent until its head came through. */
  readonly answer: HttpAnswer | undefined
}

/** Which requests are meant. A push brings lines, a poll waits for lines; one request can be both. */
type Fits = 'push' | 'poll' | 'post' | ((request: HttpRequest) => boolean)

/**
 * Where an answer is cut: before its first byte, behind so many bytes of its body, or at a place of this kind: in the
 * second line, inside of a character that takes several bytes. The connection ends with it.
 */
export type CutPoint = 'all' | 'mid-line' | 'mid-character' | number

export interface CutPlan {
  readonly of?: Fits
  /** Counted from 1 over the requests that come through from now on. */
  readonly nth?: number
}

interface Cut {
  readonly fits: (request: HttpRequest) => boolean
  readonly point: CutPoint
  remaining: number
  readonly done: (exchange: HttpExchange) => void
}

/** A cut that has found its exchange. */
export interface DueCut {
  /** How many bytes of this part of the answer are in front of the place, if it is in there. Told every part once. */
  find(part: HttpPart): number | undefined
  /** It has happened. */
  done(exchange: HttpExchange): void
  /** The answer had no such place: it waits for the next one. */
  again(): void
}

/** Lets the oldest go, many at a time, where more than twice as many are there as are remembered. */
export function forget(list: unknown[], remembers: number): void {
  if (list.length > 2 * remembers) list.splice(0, list.length - remembers)
}

export class HttpFaults {
  /** Every exchange so far, or those that are remembered, in the order in which the requests came through. */
  readonly exchanges: HttpExchange[] = []
  remembers = Infinity
  readonly #counts = new Map<string, number>()
  blockade: Blockade | undefined
  /** Milliseconds for which a WebSocket lives that is going to be killed. */
  lifetime = 3_000
  holdsPosts = false
  /** Answers go on when they are whole, as through a proxy that buffers. */
  gathers = false
  readonly #cuts = new Set<Cut>()

  /** A request has come through. */
  add(exchange: HttpExchange): void {
    const { isUpgrade, method } = exchange.request
    const name = isUpgrade ? 'UPGRADE' : method
    this.#counts.set(name, this.count(name) + 1)
    this.exchanges.push(exchange)
    forget(this.exchanges, this.remembers)
  }

  /** How many requests of this method there were; an Upgrade is no GET here. */
  count(method: string): number {
    return this.#counts.get(method) ?? 0
  }

  plan(point: CutPoint, { of = 'post', nth = 1 }: CutPlan): Promise<HttpExchange> {
    return new Promise((done) => this.#cuts.add({ fits: fitting(of), point, remaining: nth, done }))
  }

  /** Counts a request that is complete; answers with the cut that waited for it. */
  due(request: HttpRequest): DueCut | undefined {
    for (const cut of this.#cuts) {
      if (!cut.fits(request) || --cut.remaining > 0) continue
      this.#cuts.delete(cut)
      const { point, done } = cut
      return { find: finder(point), done, again: () => void this.#cuts.add({ ...cut, remaining: 1 }) }
    }
    return undefined
  }
}

function fitting(of: Fits): (request: HttpRequest) => boolean {
  if (typeof of === 'function') return of
  return (request) => request.method === 'POST' && (of === 'post' || of in envelope(request))
}

/** The first line of a POST of Holdfast's, decoded; of another one, nothing. */
function envelope({ text }: HttpRequest): object {
  try {
    const value: unknown = JSON.parse(text.split('\n', 1)[0]!)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function finder(point: CutPoint): DueCut['find'] {
  if (point === 'all') return ({ type }) => (type === 'head' ? 0 : undefined)
  const find = typeof point === 'number' ? behind(point) : point === 'mid-line' ? inSecondLine() : inCharacter
  return (part) => (part.type === 'body' ? find(part.payload) : undefined)
}

function behind(count: number): (payload: Buffer) => number | undefined {
  let left = count
  return ({ length }) => {
    if (length >= left) return left
    left -= length
    return undefined
  }
}

function inSecondLine(): (payload: Buffer) => number | undefined {
  let hasBegun = false
  return (payload) => {
    const start = hasBegun ? 0 : payload.indexOf('\n') + 1
    hasBegun ||= start > 0
    return hasBegun && payload.length > start ? start + 1 : undefined
  }
}

function inCharacter(payload: Buffer): number | undefined {
  const first = payload.findIndex((byte) => byte >= 0xc0)
  return first < 0 ? undefined : first + 1
}
