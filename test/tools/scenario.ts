/** A server behind a fault proxy, with every fault as a command whose arguments and answer are plain JSON. */
import { Book } from '../chaos/chatter.ts'
import { startChatServer } from '../chaos/server-process.ts'
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

interface ScenarioServer extends KillableServer {
  /** Its process stands still for so many milliseconds; resolves when it goes on. */
  pause?(milliseconds: number): Promise<void>
  /** Ends as a deploy has it: every client is told, and nothing is in doubt. */
  drain?(): Promise<void>
}

/** `app`: for pages that do this and that. `chat`: a process of its own, for chaos; a book that outlives it says what it said and heard. */
export type ScenarioKind = 'app' | 'chat'

export class Scenario implements AsyncDisposable {
  readonly #proxy: FaultProxy
  readonly #port: number
  readonly #start: (port: number) => Promise<ScenarioServer>
  #server: ScenarioServer | undefined

  private constructor(start: (port: number) => Promise<ScenarioServer>, server: ScenarioServer, proxy: FaultProxy) {
    this.#start = start
    this.#server = server
    this.#port = server.port
    this.#proxy = proxy
  }

  static async open(kind: ScenarioKind = 'app'): Promise<Scenario> {
    const book = new Book()
    const start = (port?: number): Promise<ScenarioServer> =>
      kind === 'app' ? startAppServer(port) : startChatServer(port, book)
    const server = await start()
    return new Scenario(start, server, await FaultProxy.start({ target: { port: server.port } }))
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

  bandwidth(bytes: number | null): void {
    this.#proxy.bandwidth(bytes)
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
    this.#server ??= await this.#start(this.#port)
  }

  /** Its process stands still for so long; resolves when it goes on. */
  async pauseServer(milliseconds: number): Promise<void> {
    await this.#server?.pause?.(milliseconds)
  }

  /** It says goodbye to everybody, ends, and starts again. */
  async restartServer(): Promise<void> {
    await this.#server?.drain?.()
    this.#server = await this.#start(this.#port)
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
  'bandwidth',
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
  'pauseServer',
  'restartServer',
  'close',
] as const satisfies readonly (keyof Scenario)[]

export type Command = (typeof commands)[number]
