/**
 * The servers of all uses, in a process of its own, so that the page's "Kill the server" can mean just that: main.ts starts
 * it, tells it what to do, and starts it again.
 *
 *     node demo/server/app-server.ts <database>
 */
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Server, createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'
import type { AppContext, Visitor, Vitals } from '../uses/app.ts'
import { type AppName, apps } from '../uses/apps.ts'
import { createBareTraffic } from '../uses/traffic/bare.ts'
import { lanes } from '../uses/traffic/contract.ts'
import { openLedger } from '../uses/traffic/ledger.ts'
import { createCountingCodec } from '../uses/tally.ts'
import { createTokens, welcoming } from '../uses/visitors.ts'
import { openDatabase } from './database.ts'
import { processVitals } from './vitals.ts'

/** What main.ts tells this process. */
export type Order =
  { readonly type: 'drain'; readonly spread: number } | { readonly type: 'expire'; readonly page: string }

const [, , file = ':memory:'] = process.argv
const database = openDatabase(file)
const tokens = createTokens(database)
const gets = new Map<string, (query: URLSearchParams) => unknown>()
const http = createHttpServer(({ method, url }, response) => {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://localhost')
  const answer = method === 'GET' ? gets.get(pathname) : undefined
  if (!answer) return void response.writeHead(404).end()
  response.writeHead(200, { 'cache-control': 'no-store', 'content-type': 'application/json' })
  response.end(JSON.stringify(answer(searchParams)))
})
const servers = new Map<AppName, Server<never, Visitor>>()
const codec = createCountingCodec()
const vitals: Vitals = { ...processVitals(), messages: () => codec.count }
const ends: (() => void)[] = []
for (const [name, app] of Object.entries(apps) as [AppName, (typeof apps)[AppName]][]) {
  const server = createServer<never, Visitor>({
    ...welcoming(tokens),
    ...app.options,
    path: `/live/${name}`,
    schema: app.schema,
    codec,
  })
  servers.set(name, server)
  // Pages that are closed leave without a word: no news.
  server.on('error', (error) => {
    if (error.code !== 'unresponsive') console.error(name, error)
  })
  server.attach(http)
  const get: AppContext['get'] = (path, answer) => void gets.set(path, answer)
  ends.push(app.serve(server as never, { database, vitals, servers, get }))
}

const bare = createBareTraffic(openLedger(database))
const sockets = new WebSocketServer({ noServer: true })
http.on('upgrade', (request, socket: Duplex, head) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  // While the servers drain, nobody else listens to it, and an error that nobody hears would end the process.
  if (pathname !== '/bare') return void socket.on('error', () => {})
  const page = searchParams.get('line') ?? ''
  const lane = lanes.find((each) => each === searchParams.get('lane')) ?? 'websocket'
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    bare.connected(page, lane, webSocket)
    webSocket.on('message', (data: Buffer) => bare.heard(page, lane, data.toString()))
    webSocket.on('error', () => {})
    webSocket.on('close', () => bare.closed(page, lane, webSocket))
  })
})
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))

const drain = async (spread: number): Promise<void> => {
  for (const end of [...ends, bare.end]) end()
  await Promise.all([...servers.values()].map((server) => server.close({ retry: { after: 1_000, spread } })))
  for (const socket of sockets.clients) socket.close(1001)
  database.close()
  process.exit()
}
process.on('message', (order: Order) => {
  if (order.type === 'drain') return void drain(order.spread)
  tokens.expire(order.page)
  for (const { sessions } of servers.values())
    for (const session of sessions)
      if (session.identity.page === order.page) session.reauthenticate('The token ran out')
})
process.once('SIGTERM', () => void drain(1_000))
// Ctrl-C reaches every process of the terminal; main.ts then says when to drain.
process.on('SIGINT', () => {})
// Without main.ts nobody can reach this process: it must not outlive it.
process.on('disconnect', () => process.exit())
