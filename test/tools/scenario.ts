/** A server behind a fault proxy, with every fault as a command whose arguments and answer are plain JSON. */
import { startAppServer } from './app-server.ts'
import { FaultProxy, type Flight } from './fault-proxy.ts'
import type { Blockade } from './http-faults.ts'
import type { KillableServer } from './http-server.ts'
import type { Direction } from './faulty-connection.ts'

export interface Traffic {
  /** Connections accepted so far, and open now. */
  readonly accepted: number
  readonly open: number
  readonly bytes: Readonly<Record<Direction, number>>
}

/** One HTTP exchange, as plain JSON. */
export interface Exchange {
  readonly connection: number
  /** `UPGRADE` for those that ask for a WebSocket. */
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** How its body begins. */
  readonly text: string
  /** Bytes of its head. */
  readonly head: number
  readonly status: number | undefined
}

export class Scenario implements AsyncDisposable {
  readonly #proxy: FaultProxy
  readonly #port: number
  #server: KillableServer | undefined

  private constructor(server: KillableServer, proxy: FaultProxy) {
    this.#server = server
    this.#port = server.port
    this.#proxy = proxy
  }

  static async open(): Promise<Scenario> {
    const server = await startAppServer()
    return new Scenario(server, await FaultProxy.start({ target: { port: server.port } }))
  }

  /** `127.0.0.1:port` of the proxy, ready to follow `ws://`. */
  get host(): string {
    return this.#proxy.host
  }

  cut(): number {
    return this.#proxy.cut()
  }

  /** Answers when the cut is prepared, not when it has happened. */
  cutAfterBytes(direction: Direction, count: number): void {
    void this.#proxy.cutAfterBytes(direction, count)
  }

  blackHole(direction: Direction | 'both', on: boolean): void {
    this.#proxy.blackHole(direction, on)
  }

  hold(direction: Direction | 'both', on: boolean): void {
    this.#proxy.hold(direction, on)
  }

  async refuse(on: boolean): Promise<void> {
    await this.#proxy.refuse(on)
  }

  latency(milliseconds: number): void {
    this.#proxy.latency(milliseconds)
  }

  handshakes(on: boolean): void {
    this.#proxy.handshakes(on)
  }

  dribble(direction: Direction, pause: number): void {
    this.#proxy.dribble(direction, pause)
  }

  gather(on: boolean): void {
    this.#proxy.gather(on)
  }

  block(blockade: Blockade, options?: { readonly after: number }): void {
    this.#proxy.block(blockade, options)
  }

  unblock(): void {
    this.#proxy.unblock()
  }

  exchanges(): Exchange[] {
    return this.#proxy.exchanges.map(({ connection, request, answer }) => ({
      connection,
      method: request.isUpgrade ? 'UPGRADE' : request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      text: request.text,
      head: request.head,
      status: answer?.status,
    }))
  }

  traffic(): Traffic {
    const { accepted, open, bytes } = this.#proxy
    return { accepted, open, bytes }
  }

  flights(connection: number): Flight[] {
    return this.#proxy.flights(connection)
  }

  /** The server's process dies: its connections are reset and its memory is gone. */
  async killServer(): Promise<void> {
    await this.#server?.kill()
    this.#server = undefined
  }

  /** It starts again, on the same port, knowing nothing. */
  async startServer(): Promise<void> {
    this.#server ??= await startAppServer(this.#port)
  }

  async close(): Promise<void> {
    await this.#proxy.close()
    await this.killServer()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** What can be asked of a scenario from afar. */
export const commands = [
  'cut',
  'cutAfterBytes',
  'blackHole',
  'hold',
  'refuse',
  'latency',
  'handshakes',
  'dribble',
  'gather',
  'block',
  'unblock',
  'exchanges',
  'traffic',
  'flights',
  'killServer',
  'startServer',
  'close',
] as const satisfies readonly (keyof Scenario)[]

export type Command = (typeof commands)[number]
