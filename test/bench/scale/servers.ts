/** The servers under test. Each takes events with a text of data, and sends them back to whoever sent them. */
import type { Server as HttpServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { createServer } from '../../../src/server/index.ts'
import { requirePeer } from '../peers.ts'
import { EVENT, type Kind, connectRate } from './contract.ts'

/** Sends the data to everybody. */
type Broadcast = (data: string) => void

interface SocketIo {
  on(event: 'connection', listener: (socket: SocketIo) => void): void
  on(event: string, listener: (data: string) => void): void
  emit(event: string, data: string): void
}

const everybody = 'everybody'

export const servers: Readonly<Record<Kind, (http: HttpServer) => Broadcast>> = {
  ws(http) {
    const server = new WebSocketServer({ server: http, perMessageDeflate: false })
    server.on('connection', (socket) => {
      socket.on('message', (text: Buffer) => {
        const [, data] = JSON.parse(text.toString()) as [string, string]
        socket.send(JSON.stringify([EVENT, data]))
      })
    })
    return (data) => {
      const text = JSON.stringify([EVENT, data])
      for (const socket of server.clients) if (socket.readyState === socket.OPEN) socket.send(text)
    }
  },
  holdfast(http) {
    const server = createServer<{ toServer: { tick: string }; toClient: { tick: string } }>({ limits: { connectRate } })
    server.attach(http)
    server.on('session', (session) => {
      session.on(EVENT, (data) => session.send(EVENT, data))
      session.join(everybody)
    })
    // A crowd is told to come later: that is counted, and no news.
    server.on('error', () => {})
    return (data) => server.to(everybody).send(EVENT, data)
  },
  'socket.io'(http) {
    const { Server } = requirePeer('socket.io') as { Server: new (http: HttpServer, options: object) => SocketIo }
    const io = new Server(http, { serveClient: false })
    io.on('connection', (socket) => {
      socket.on(EVENT, (data: string) => socket.emit(EVENT, data))
    })
    return (data) => io.emit(EVENT, data)
  },
}
