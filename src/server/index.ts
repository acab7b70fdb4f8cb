/// <reference lib="esnext.disposable" preserve="true" />
/** The public names of `holdfast/server`, for Node, on the `ws` package. */
import { type IncomingMessage, type Server as HttpServer, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Contract, Untyped } from '../contract.ts'
import { systemClock } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { SUBPROTOCOL } from '../protocol/frames.ts'
import type { RetryHint } from '../protocol/frames.ts'
import { type ServerCore, createCore } from './core.ts'
import { createHttpAcceptor } from './http.ts'
import { hostOf } from './http-carrier.ts'
import { interceptRequests } from './intercept.ts'
import type { ServerOptions } from './options.ts'
import { createWebSocketAcceptor } from './websocket.ts'

export type { Contract, Untyped } from '../contract.ts'
export { HoldfastError, RequestError } from '../kernel/errors.ts'
export type { ErrorCode } from '../kernel/errors.ts'
export type { Receipt, SendOptions } from '../features/events.ts'
export type { RetryHint } from '../protocol/frames.ts'
export type { Room, ServerEvents, ServerSession } from './contract.ts'
export type { Compression } from './compression.ts'
export type { ConnectionRequest, Limits, ServerOptions } from './options.ts'
export type { EndReason } from './active.ts'

/** Everything that clients of one kind talk to. Made by {@link createServer}. */
export interface Server<C extends Contract = Untyped, Identity = unknown>
  extends
    Omit<ServerCore<C, Identity>, 'accept' | 'isAllowed' | 'close' | 'terminate' | 'options' | 'budgets'>,
    AsyncDisposable {
  /**
   * Answers the WebSocket requests of a Node HTTP server, on `path`, and the POSTs of clients that cannot have a WebSocket.
   * Everything else is left to the server's other listeners, which in turn do not see what is answered here; where there are
   * none, it is refused. Returns the way back.
   */
  attach(httpServer: HttpServer): () => void
  /** Answers one `upgrade` request; for servers that route by themselves. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Answers one other request, for servers that route by themselves: a client that cannot have a WebSocket POSTs to the same
   * path. Nobody may have read its body.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  /**
   * Drains: every client is told how much of what it sent was handled, and to come back after `after` plus a random share of
   * `spread` milliseconds (default 1000 and 5000), so that a deploy does not bring all of them in the same second. Resolves
   * when they are gone, after at most 2 s; until then clients on HTTP can fetch what they are told. Sessions end; the HTTP
   * server is left as it is.
   */
  close(options?: { retry?: RetryHint }): Promise<void>
}

/** Milliseconds that `close` lets the last packets travel. */
const CLOSE_GRACE = 2_000

const ignore = (): void => {}
const NOT_SPOKEN = `This path speaks ${SUBPROTOCOL}.\n`

interface Attachment {
  stopUpgrades(): void
  detach(): void
}

const refuseUpgrade = (socket: Duplex, status: number, body: string): void => {
  socket.on('error', ignore)
  // A client that never closes its own half must not keep ours.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/**
 * Makes the server's side. Nothing is opened until `attach`. Throws `invalid-option`, saying what was meant, for an
 * option that is none.
 */
export const createServer = <C extends Contract = Untyped, Identity = unknown>(
  options: ServerOptions<Identity> = {},
): Server<C, Identity> => {
  const clock = systemClock((task) => void setImmediate(task))
  const core = createCore<C, Identity>(options, {
    clock,
    random: systemRandom,
    isEqual: isDeepStrictEqual,
    // oxlint-disable-next-line no-console -- nobody listens to the server's errors
    report: (error) => console.error(error),
  })
  const { path, limits, compression } = core.options
  const attached = new Set<Attachment>()
  const acceptor = createWebSocketAcceptor({ ...limits, compression, budget: core.budgets.leaving }, core.accept)

  const http = createHttpAcceptor(hostOf(core, clock), limits.helloTimeout)

  const matches = ({ url = '/' }: IncomingMessage): boolean => path === undefined || url.split('?')[0] === path

  const server: Server<C, Identity> = {
    sessions: core.sessions,
    errors: core.errors,
    on: core.on,
    to: core.to,
    handleUpgrade(request, socket, head) {
      if (acceptor.speaks(request)) return acceptor.upgrade(request, socket, head)
      refuseUpgrade(socket, 400, NOT_SPOKEN)
    },
    handleRequest: http.handle,
    attach(httpServer) {
      const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        if (matches(request) && acceptor.speaks(request)) return server.handleUpgrade(request, socket, head)
        // Nobody else may hear its errors, and one that nobody hears, a reset say, ends the process.
        if (httpServer.listenerCount('upgrade') > 1) return void socket.on('error', ignore)
        if (matches(request)) refuseUpgrade(socket, 400, NOT_SPOKEN)
        else refuseUpgrade(socket, 404, 'Nothing upgrades here.\n')
      }
      const stopRequests = interceptRequests(httpServer, {
        takes: (request) => matches(request) && http.speaks(request),
        answer: server.handleRequest,
      })
      const attachment: Attachment = {
        stopUpgrades: () => void httpServer.off('upgrade', onUpgrade),
        detach() {
          attachment.stopUpgrades()
          stopRequests()
          attached.delete(attachment)
        },
      }
      httpServer.on('upgrade', onUpgrade)
      attached.add(attachment)
      return attachment.detach
    },
    async close(closing) {
      for (const { stopUpgrades } of attached) stopUpgrades()
      core.close(closing)
      let timer: NodeJS.Timeout | undefined
      const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_GRACE)))
      await Promise.race([grace, Promise.all([acceptor.emptied(), http.drain()])])
      clearTimeout(timer)
      acceptor.terminate()
      http.terminate()
      core.terminate()
      for (const { detach } of [...attached]) detach()
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
  return server
}
