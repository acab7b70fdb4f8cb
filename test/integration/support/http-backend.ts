/** A server for clients that POST by hand. */
import { once } from 'node:events'
import { type Server as HttpServer, createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Server, type ServerOptions, type ServerSession, createServer } from 'holdfast/server'
import { expect, onTestFinished } from 'vitest'
import { type Answered, carrierId, envelope, send } from './post.ts'
import { hello, sessionId } from './raw.ts'
import { Seen } from './seen.ts'

/** A real server without a proxy before it. */
export interface HttpBackend {
  readonly server: Server
  readonly http: HttpServer
  readonly url: string
  readonly host: string
  readonly sessions: Seen<ServerSession>
}

/** `prepare` does something to the HTTP server before it is attached to. */
export const serveHttp = async (
  options: ServerOptions = {},
  prepare?: (http: HttpServer) => void,
): Promise<HttpBackend> => {
  const server = createServer({ path: '/live', ...options })
  const sessions = new Seen<ServerSession>()
  server.on('session', (session) => {
    session.on('say', (text) => session.send('said', text))
    sessions.add(session)
  })
  server.on('error', () => {})
  const http = createHttpServer()
  prepare?.(http)
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
    // Nobody is left to fetch what it has to say, and the test does not wait until it sees that.
    void server.close()
  })
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`
  return { server, http, host, url: `http://${host}/live`, sessions }
}

/** A carrier with a session on it, and what posts on it. */
export const opened = async (
  backend: Pick<HttpBackend, 'url'>,
): Promise<{ carrier: string; post: (change: object, ...lines: unknown[]) => Promise<Answered> }> => {
  const carrier = carrierId()
  const post = (change: object, ...lines: unknown[]): Promise<Answered> =>
    send(backend.url, envelope(carrier, change, ...lines))
  const { body } = await post({ push: 1, poll: 20_000 }, hello(sessionId()))
  expect(await body).toContain('"welcome"')
  return { carrier, post }
}
