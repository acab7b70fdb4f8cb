/** A Node HTTP server that can die. */
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { reset } from './reset.ts'

export interface KillableServer {
  readonly port: number
  /** Ends as a killed process does: every connection is reset and nothing is said. */
  kill(): Promise<void>
}

/** On the port it had before, if it had one, as a server that was started again. `attach` adds what it is for. */
export async function startHttpServer(attach: (http: Server) => void, port = 0): Promise<KillableServer> {
  const http = createServer((_request, response) => response.writeHead(404).end())
  attach(http)
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
