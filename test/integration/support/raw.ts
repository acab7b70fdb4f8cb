/** Ends of a WebSocket that say exactly what the test makes them say, right or wrong. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { startHttpServer } from '../../tools/http-server.ts'
import { Seen } from './seen.ts'

/** What stands in control lines, as far as tests look at it. */
export interface Said {
  readonly hello?: { readonly session: string; readonly attempt: number; readonly from: number; readonly got: number }
  readonly welcome?: { readonly life: string; readonly got: number; readonly from: number }
  readonly bye?: {
    readonly code: number
    readonly reason?: string
    readonly got?: number
    readonly retry?: { readonly after: number; readonly spread?: number }
  }
  readonly ack?: number
  readonly ping?: number
  readonly pong?: number
}

/** One end of a real WebSocket. */
export class RawPeer {
  readonly socket: WebSocket
  /** Every line that came, parsed. */
  readonly lines = new Seen<unknown>()
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data, isBinary) => {
      if (isBinary) return this.lines.add(data)
      for (const line of (data as Buffer).toString().split('\n')) this.lines.add(JSON.parse(line))
    })
    // What is wrong with the connection is told by its close.
    socket.on('error', () => {})
    this.closed = once(socket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: (reason as Buffer).toString(),
    }))
    onTestFinished(() => socket.terminate())
  }

  /** One packet. What isn't text or bytes is written as JSON, one value a line. */
  send(...lines: readonly unknown[]): void {
    const [first] = lines
    if (first instanceof Uint8Array) this.socket.send(first)
    else this.socket.send(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  }

  /** The first control line with this part. */
  async said<K extends keyof Said>(part: K): Promise<NonNullable<Said[K]>> {
    const line = await this.lines.find((value) => typeof value === 'object' && value !== null && part in value)
    return (line as Required<Said>)[part]
  }

  /** Everything in order: an answered ping comes after the answers to what was sent before it. */
  async settled(): Promise<void> {
    const ping = Math.floor(Math.random() * 1e9)
    this.send({ ping })
    await this.lines.find((value) => (value as Said | null)?.pong === ping)
  }
}

export const sessionId = (): string => randomBytes(16).toString('base64url')

/** A hello as a client of its own would say it. */
export const hello = (session: string, change: Readonly<Record<string, unknown>> = {}): object => ({
  hello: { session, attempt: 1, nonce: sessionId(), from: 1, got: 0, ...change },
})

export interface RawOptions {
  /** The subprotocol asked for. */
  readonly protocol?: string
  readonly origin?: string
  /** Whether it offers to compress what it sends, all of it. Default: false. */
  readonly compresses?: boolean
}

/** A client without manners. */
export async function rawClient(
  url: string,
  { protocol = 'holdfast.v1', origin, compresses = false }: RawOptions = {},
): Promise<RawPeer> {
  const perMessageDeflate = compresses && { threshold: 0 }
  const socket = new WebSocket(url, protocol, { perMessageDeflate, ...(origin !== undefined && { origin }) })
  const peer = new RawPeer(socket)
  await once(socket, 'open')
  return peer
}

/** One that has a session. */
export async function rawSession(url: string, session = sessionId(), change = {}): Promise<RawPeer> {
  const peer = await rawClient(url)
  peer.send(hello(session, change))
  await peer.said('welcome')
  return peer
}

export interface RawServer {
  readonly url: string
  /** Every connection that was made, with the time. */
  readonly peers: Seen<RawPeer>
  readonly times: number[]
}

/** A server without manners. `talk` is called with each connection, after its first line. */
export async function rawServer(
  talk: (peer: RawPeer, connection: number) => void = () => {},
  options: ServerOptions = {},
): Promise<RawServer> {
  const websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, ...options })
  const peers = new Seen<RawPeer>()
  const times: number[] = []
  const server = await startHttpServer((http) => {
    http.on('upgrade', (request, socket, head) => {
      websockets.handleUpgrade(request, socket, head, (websocket) => {
        times.push(performance.now())
        const peer = new RawPeer(websocket)
        peers.add(peer)
        const connection = peers.all.length
        websocket.once('message', () => talk(peer, connection))
      })
    })
  })
  onTestFinished(() => server.kill())
  return { url: `ws://127.0.0.1:${server.port}/live`, peers, times }
}

/** As a well-behaved server says it. */
export const welcome = (change: Readonly<Record<string, unknown>> = {}): object => ({
  welcome: { got: 0, from: 1, life: 'a life', up: 1_000_000, keep: 120_000, idle: 25_000, limit: 1_048_576, ...change },
})
