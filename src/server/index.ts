/// <reference lib="esnext.disposable" preserve="true" />
/** The public names of `holdfast/server`, for Node, on the `ws` package. */
import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Contract, Untyped } from '../contract.ts'
import { systemClock } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { SUBPROTOCOL } from '../wire/frames.ts'
import type { RetryHint } from '../wire/frames.ts'
import { type ServerCore, createCore } from './core.ts'
import type { ServerOptions } from './options.ts'
import { createWebSocketAcceptor } from './websocket.ts'

export type { Contract, Untyped } from '../contract.ts'
export { HoldfastError, RequestError } from '../kernel/errors.ts'
export type { ErrorCode } from '../kernel/errors.ts'
export type { RetryHint } from '../wire/frames.ts'
export type { Room, ServerEvents, ServerSession } from './contract.ts'
export type { ConnectionRequest, Limits, ServerOptions } from './options.ts'
export type { EndReason } from './session.ts'

/** Everything that clients of one kind talk to. Made by {@link createServer}. */
export interface Server<C extends Contract = Untyped, Identity = unknown>
  extends Omit<ServerCore<C, Identity>, 'accept' | 'close' | 'options'>, AsyncDisposable {
  /**
   * Answers the WebSocket requests of a Node HTTP server, on `path`. Requests for other paths or subprotocols are left
   * to other listeners; where there are none, they are refused. Returns the way back.
   */
  attach(httpServer: HttpServer): () => void
  /** Answers one `upgrade` request; for servers that route by themselves. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Drains: every client is told how much of what it sent was handled, and to come back after `after` plus a random share of
   * `spread` milliseconds (default 1000 and 5000), so that a deploy does not bring all of them in the same second. Resolves
   * when they are gone, after at most 2 s. Sessions end; the HTTP server is left as it is.
   */
  close(options?: { retry?: RetryHint }): Promise<void>
}

/** Milliseconds that `close` lets the last packets travel. */
const CLOSE_GRACE = 2_000

const refuseUpgrade = (socket: Duplex, status: number, body: string): void => {
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
  const core = createCore<C, Identity>(options, {
    clock: systemClock((task) => void setImmediate(task)),
    random: systemRandom,
    isEqual: isDeepStrictEqual,
    // oxlint-disable-next-line no-console -- nobody listens to the server's errors
    report: (error) => console.error(error),
  })
  const { path, limits } = core.options
  const detachers = new Set<() => void>()
  let open = 0
  let onEmpty = (): void => {}
  const acceptor = createWebSocketAcceptor(limits.messageBytes, (carrier, request) => {
    const accepted = core.accept(carrier, request)
    open++
    return {
      ...accepted,
      close() {
        accepted.close()
        if (--open === 0) onEmpty()
      },
    }
  })

  const matches = ({ url = '/' }: IncomingMessage): boolean => path === undefined || url.split('?')[0] === path

  const server: Server<C, Identity> = {
    sessions: core.sessions,
    errors: core.errors,
    on: core.on,
    to: core.to,
    handleUpgrade(request, socket, head) {
      acceptor.upgrade(request, socket, head)
    },
    attach(httpServer) {
      const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        // Node hears an upgraded socket's errors no more, and one that nobody hears, a reset say, ends the process.
        socket.on('error', () => {})
        if (matches(request) && acceptor.speaks(request)) return server.handleUpgrade(request, socket, head)
        if (httpServer.listenerCount('upgrade') > 1) return
        if (matches(request)) refuseUpgrade(socket, 400, `This path speaks ${SUBPROTOCOL}.\n`)
        else refuseUpgrade(socket, 404, 'Nothing upgrades here.\n')
      }
      const detach = (): void => {
        httpServer.off('upgrade', onUpgrade)
        detachers.delete(detach)
      }
      httpServer.on('upgrade', onUpgrade)
      detachers.add(detach)
      return detach
    },
    async close(closing) {
      for (const detach of [...detachers]) detach()
      core.close(closing)
      if (open > 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, CLOSE_GRACE)
          onEmpty = () => (clearTimeout(timer), resolve())
        })
      acceptor.terminate()
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
  return server
}
