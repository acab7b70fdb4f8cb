/** The server that integration and browser tests talk to: one HTTP server, everything under test attached to it. */
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { reset } from './reset.ts'

export interface AppServer {
  readonly port: number
  /** Ends as a killed process does: every connection is reset and nothing is said. */
  kill(): Promise<void>
}

/** On the port it had before, if it had one, as a server that was started again. */
export async function startAppServer(port = 0): Promise<AppServer> {
  const http = createServer((_request, response) => response.writeHead(404).end())
  attachEcho(http)
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    port: (http.address() as AddressInfo).port,
    async kill() {
      const closed = once(http, 'close')
      http.close()
      for (const socket of sockets) reset(socket)
      await closed
    },
  }
}

/** A bare WebSocket that answers with what it gets, on `/echo`; other upgrades are refused unless others take them. */
function attachEcho(http: Server): void {
  const echo = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/echo') {
      echo.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on('message', (data, isBinary) => websocket.send(data, { binary: isBinary }))
      })
    } else if (pathname === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
  })
}
