/** The server that browser tests talk to: one HTTP server, everything under test attached to it. */
import type { Server } from 'node:http'
import { WebSocketServer } from 'ws'
import { type KillableServer, startHttpServer } from './http-server.ts'

/** On the port it had before, if it had one, as a server that was started again. */
export async function startAppServer(port?: number): Promise<KillableServer> {
  return startHttpServer(attachEcho, port)
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
