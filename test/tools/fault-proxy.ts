/**
 * A TCP proxy that misbehaves on request. It sits between real sockets, so what it breaks breaks the way networks
 * break: resets, silence, refusal, delay, at any byte. `up` is from the client to the server, `down` the other way.
 * It reads the HTTP/1.1 that goes by, and can break that as middleboxes do.
 */
import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { type Direction, FaultyConnection, type Faults } from './faulty-connection.ts'
import { type Blockade, type CutPlan, type CutPoint, type HttpExchange, HttpFaults, forget } from './http-faults.ts'

/** What went by, in the order in which it reached the proxy. */
export interface Passage {
  /** Milliseconds on the monotonic clock of this process. */
  readonly at: number
  /** Connections are numbered from 1 in the order in which they were accepted. */
  readonly connection: number
  readonly direction: Direction
  readonly bytes: number
}

/** Passages in one direction with none in the other between them. */
export interface Flight {
  readonly direction: Direction
  readonly bytes: number
}

export interface FaultProxyOptions {
  /** Where the server listens. */
  readonly target: { readonly port: number; readonly host?: string }
  /** How many passages and exchanges are remembered at least, the newest. Default: all. */
  readonly remembers?: number
}

/**
 * Below the range from which systems take the ports of outgoing connections: a refused port inside it could be taken
 * while nobody listens on it, even by the very client that connects to it, which then talks to itself.
 */
const firstPort = 20_000
const portCount = 12_000

export class FaultProxy implements AsyncDisposable {
  /** Every passage so far, or those that are remembered. */
  readonly log: Passage[] = []
  /** How many connections were accepted so far. */
  accepted = 0
  /** Bytes that reached the proxy so far, forwarded or not. */
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 }

  readonly #remembers: number
  #target: FaultProxyOptions['target']
  #listener: Server | undefined
  #port = 0
  readonly #open = new Set<FaultyConnection>()
  readonly #faults: Faults = {
    latency: { up: 0, down: 0 },
    held: { up: false, down: false },
    swallowed: { up: false, down: false },
    dribble: { up: 0, down: 0 },
    bandwidth: { up: Infinity, down: Infinity },
    cutAfter: { up: undefined, down: undefined },
    handshakes: false,
    http: new HttpFaults(),
  }

  private constructor({ target, remembers = Infinity }: FaultProxyOptions) {
    this.#target = target
    this.#remembers = remembers
    this.#faults.http.remembers = remembers
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options)
    await proxy.#listen()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** `127.0.0.1:port`, ready to follow `ws://` or `http://`. */
  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Connections that are open now, on either side. */
  get open(): number {
    return this.#open.size
  }

  /** Sends the connections to come elsewhere, as when a server comes back on another port. */
  retarget(target: FaultProxyOptions['target']): void {
    this.#target = target
  }

  /** Resets every connection now, on both sides; answers how many. */
  cut(): number {
    const connections = [...this.#open]
    for (const connection of connections) connection.reset()
    return connections.length
  }

  /**
   * Lets exactly `count` more bytes through in one direction, counted over all connections, and resets the connection
   * that carried the last of them; with 0, the connection that brings the next byte. Resolves when that has happened.
   */
  cutAfterBytes(direction: Direction, count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#faults.cutAfter[direction] = { remaining: count, done: resolve }
    })
  }

  /**
   * Bytes vanish while both ends go on believing in the connection. TCP never delivers what follows a gap, so a
   * connection that has lost a byte stays silent in that direction for ever, even when the hole is closed again.
   */
  blackHole(direction: Direction | 'both', on: boolean): void {
    for (const each of both(direction)) this.#faults.swallowed[each] = on
  }

  /** Bytes wait, and go on in order when released: a partition that heals. */
  hold(direction: Direction | 'both', on: boolean): void {
    for (const each of both(direction)) this.#faults.held[each] = on
    for (const connection of this.#open) connection.pump()
  }

  /** One-way delay, for what arrives from now on. Order is kept when it shrinks. */
  latency(milliseconds: number, direction: Direction | 'both' = 'both'): void {
    for (const each of both(direction)) this.#faults.latency[each] = milliseconds
  }

  /** Bytes a second of each connection, each way, for what comes from now on; null: endless. */
  bandwidth(bytes: number | null): void {
    for (const each of both('both')) this.#faults.bandwidth[each] = (bytes ?? Infinity) / 1000
  }

  /** Bytes arrive one by one, so many milliseconds apart, of what comes from now on; 0: as they were sent. */
  dribble(direction: Direction, pause: number): void {
    this.#faults.dribble[direction] = pause
  }

  /**
   * Makes new connections cost a round trip of the latency before their first byte gets anywhere, as TCP's handshake
   * does; the real one, on the loopback, costs nothing. Then a clock can count round trips.
   */
  handshakes(on: boolean): void {
    this.#faults.handshakes = on
  }

  /** Breaks the WebSockets that are opened from now on; what they were opened under stays with them. */
  block(blockade: Blockade, { after = 3_000 }: { readonly after?: number } = {}): void {
    this.#faults.http.blockade = blockade
    this.#faults.http.lifetime = after
  }

  unblock(): void {
    this.#faults.http.blockade = undefined
  }

  /** Answers to POSTs go on when they are whole, or as they come. */
  gather(on: boolean): void {
    this.#faults.http.gathers = on
  }

  /** Every HTTP exchange so far, Upgrades among them. */
  get exchanges(): readonly HttpExchange[] {
    return this.#faults.http.exchanges
  }

  /** How many requests came with this method, `UPGRADE` for those that ask for a WebSocket. */
  requests(method: 'POST' | 'OPTIONS' | 'GET' | 'UPGRADE'): number {
    return this.#faults.http.count(method)
  }

  /**
   * Cuts an answer: its request is delivered, the connection is reset once the answer is there and has gone on as far
   * as `point`. An answer without such a place goes on whole, and the cut waits for the next that fits. Resolves when
   * it has happened.
   */
  cutAnswer(point: CutPoint, plan: CutPlan = {}): Promise<HttpExchange> {
    return this.#faults.http.plan(point, plan)
  }

  /** POSTs wait in front of the server, with what comes behind them on their connections, until released. */
  holdPosts(on: boolean): void {
    this.#faults.http.holdsPosts = on
    for (const connection of this.#open) connection.resume()
  }

  /** Refuses new connections (nobody listens on the port), or accepts them again. Open ones are left alone. */
  async refuse(on: boolean): Promise<void> {
    if (on) this.#stopListening()
    else if (!this.#listener) await this.#listen()
  }

  /**
   * The conversation of one connection as alternating flights. With some latency their number is what it costs in
   * round trips: what one end sends without waiting for the other stays in its flight.
   */
  flights(connection: number): Flight[] {
    const flights: Flight[] = []
    for (const { direction, bytes } of this.log.filter((passage) => passage.connection === connection)) {
      const last = flights.at(-1)
      if (last?.direction === direction) flights.splice(-1, 1, { direction, bytes: last.bytes + bytes })
      else flights.push({ direction, bytes })
    }
    return flights
  }

  /** Ends everything. Resolves when every socket of the proxy is closed. */
  async close(): Promise<void> {
    this.#stopListening()
    const connections = [...this.#open]
    for (const connection of connections) connection.reset()
    await Promise.all(connections.map((connection) => connection.closed))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #listen(): Promise<void> {
    for (let attempts = 0; ; attempts++) {
      const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        this.#accept(client)
      })
      try {
        listener.listen(this.#port || firstPort + Math.floor(Math.random() * portCount), '127.0.0.1')
        await once(listener, 'listening')
        this.#listener = listener
        this.#port = (listener.address() as AddressInfo).port
        return
      } catch (error) {
        if (attempts === 50 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      }
    }
  }

  #stopListening(): void {
    // Closes the port at once; the connections that came through it live on.
    this.#listener?.close()
    this.#listener = undefined
  }

  #accept(client: Socket): void {
    const number = ++this.accepted
    const { port, host = '127.0.0.1' } = this.#target
    const server = connect({ port, host, allowHalfOpen: true, noDelay: true })
    const connection = new FaultyConnection(number, client, server, this.#faults, (direction, bytes) => {
      this.bytes[direction] += bytes
      this.log.push({ at: performance.now(), connection: number, direction, bytes })
      forget(this.log, this.#remembers)
    })
    this.#open.add(connection)
    void connection.closed.then(() => this.#open.delete(connection))
  }
}

function both(direction: Direction | 'both'): Direction[] {
  return direction === 'both' ? ['up', 'down'] : [direction]
}
