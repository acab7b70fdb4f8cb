/** A real server behind a fault proxy, and clients of it. All of it is gone when the test is over. */
import {
  type ConnectOptions,
  type Contract,
  type ErrorCode,
  type HoldfastError,
  type Socket,
  type Status,
  connect,
} from 'holdfast'
import { type Server, type ServerOptions, type ServerSession, createServer } from 'holdfast/server'
import { expect, onTestFinished } from 'vitest'
import { FaultProxy } from '../../tools/fault-proxy.ts'
import { type KillableServer, startHttpServer } from '../../tools/http-server.ts'
import { Seen } from './seen.ts'

/** What the two sides say to each other in most tests. */
export interface Chat {
  toServer: { say: string; bytes: Uint8Array }
  toClient: { said: string; bytes: Uint8Array }
  requests: { add(input: readonly [number, number]): number; hang(): never }
  serverRequests: { confirm(input: string): boolean }
  streams: { count(to: number): number }
}

/** Tries again soon: these tests wait for many tries. */
const impatient: ConnectOptions = { backoff: { base: 20, factor: 1, max: 20, jitter: 0 } }

export interface Setup<C extends Contract, Identity> extends ServerOptions<Identity> {
  /** A `session` listener. */
  readonly session?: (session: ServerSession<C, Identity>) => void
}

/** When to clean up. Tests that run side by side hand over their own: which test runs is not known otherwise. */
export type Finished = (task: () => Promise<void>) => void

export interface Backend<C extends Contract, Identity> {
  /** The server that runs, or ran last. */
  readonly server: Server<C, Identity>
  /** Every session of every server that ran here, and every error that one of them told of. */
  readonly sessions: Seen<ServerSession<C, Identity>>
  readonly errors: Seen<HoldfastError>
  readonly proxy: FaultProxy
  /** The server's own, behind the proxy. */
  readonly port: number
  /** Through the proxy. */
  readonly url: string
  connect(options?: ConnectOptions): Socket<C>
  /** The process dies: its connections are reset and its memory is gone. */
  kill(): Promise<void>
  /** It is started again, on the same port, knowing nothing. */
  start(): Promise<void>
}

export async function serve<C extends Contract = Chat, Identity = unknown>(
  setup: Setup<C, Identity> = {},
  finished: Finished = onTestFinished,
): Promise<Backend<C, Identity>> {
  const { session: onSession, ...options } = setup
  const sessions = new Seen<ServerSession<C, Identity>>()
  const errors = new Seen<HoldfastError>()
  const run = async (port?: number): Promise<{ server: Server<C, Identity>; http: KillableServer }> => {
    const server = createServer<C, Identity>({ path: '/live', ...options })
    server.on('session', (session) => {
      onSession?.(session)
      sessions.add(session)
    })
    server.on('error', errors.add)
    return { server, http: await startHttpServer((http) => void server.attach(http), port) }
  }
  let running = await run()
  const proxy = await FaultProxy.start({ target: { port: running.http.port } })
  const url = `ws://${proxy.host}/live`
  const backend: Backend<C, Identity> = {
    sessions,
    errors,
    proxy,
    port: running.http.port,
    url,
    get server() {
      return running.server
    },
    connect: (own) => open<C>(url, own, finished),
    async kill() {
      await running.http.kill()
      // A dead process has no timers left. Nobody fetches what it has to say by HTTP, and nobody waits until it sees that.
      void running.server.close()
    },
    async start() {
      running = await run(running.http.port)
    },
  }
  finished(async () => {
    await proxy.close()
    await backend.kill()
  })
  return backend
}

/** `connect`, to be closed when the test is over. */
export function open<C extends Contract = Chat>(
  url: Parameters<typeof connect>[0],
  options: ConnectOptions = {},
  finished: Finished = onTestFinished,
): Socket<C> {
  const socket = connect<C>(url, { ...impatient, ...options })
  finished(() => socket.close({ timeout: 0 }))
  return socket
}

/** The first status that fits, from now on. */
export async function status(socket: Pick<Socket, 'status'>, fits: (status: Status) => boolean): Promise<Status> {
  const seen = new Seen<Status>()
  const stop = socket.status.subscribe(seen.add)
  try {
    return await seen.find(fits)
  } finally {
    stop()
  }
}

export const isOpen = ({ state }: Status): boolean => state === 'open'
export const isClosed = ({ state }: Status): boolean => state === 'closed'

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`)
}

/** Matchers, without the `any` that vitest gives them. */
export const containing = (text: string): unknown => expect.stringContaining(text)
export const errorWith = (code: ErrorCode): Error => expect.objectContaining({ code }) as Error
