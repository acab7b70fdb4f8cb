/** The other libraries' servers: each has the conversation of server.ts with whoever connects. */
import type { Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, createWebSocketStream } from 'ws'
import type { RawMessage } from './contract.ts'
import type { Talk } from './loop-server.ts'
import { requirePeer } from './peers.ts'

type Converse = (say: (message: RawMessage) => void) => Talk

interface TextSocket {
  on(event: 'message' | 'data', listener: (text: string) => void): void
  send(text: string): void
  write(text: string): void
}

interface Emitting<Connection> {
  on(event: 'connection', listener: (connection: Connection) => void): void
}

interface SocketIoConnection {
  onAny(
    listener: (event: RawMessage['event'], data: RawMessage['data'], answer?: (data: unknown) => void) => void,
  ): void
  emit(event: 'move', data: RawMessage['data']): void
}

interface MqttConnection {
  publish(packet: object, done: () => void): void
}

interface MqttBroker {
  handle(stream: Duplex): void
  on(
    event: 'publish',
    listener: (packet: { readonly topic: string; readonly payload: Buffer }, from: MqttConnection | null) => void,
  ): void
}

const hear = (talk: Talk, text: string): void => talk(JSON.parse(text) as RawMessage)

function serveMqtt(http: HttpServer, converse: Converse, qos: 0 | 1, broker: MqttBroker): void {
  const talks = new WeakMap<MqttConnection, Talk>()
  broker.on('publish', ({ topic, payload }, from) => {
    if (topic !== 'up' || !from) return
    let talk = talks.get(from)
    if (!talk) {
      talk = converse((message) => from.publish({ topic: 'down', payload: JSON.stringify(message), qos }, () => {}))
      talks.set(from, talk)
    }
    hear(talk, payload.toString())
  })
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/mqtt') return
    sockets.handleUpgrade(request, socket, head, (webSocket) => broker.handle(createWebSocketStream(webSocket)))
  })
}

async function createBroker(): Promise<MqttBroker> {
  const { Aedes } = requirePeer('aedes') as { Aedes: { createBroker(options: object): Promise<MqttBroker> } }
  // What waits for one client may be as much as a run.
  return Aedes.createBroker({ concurrency: 1e6, queueLimit: 1e6 })
}

/** By the names of libraries.ts; those that are not here have the bare WebSocket's. */
export const peerServers: Readonly<Record<string, (http: HttpServer, converse: Converse) => unknown>> = {
  'engine.io'(http, converse) {
    const { attach } = requirePeer('engine.io') as { attach(http: HttpServer, options: object): Emitting<TextSocket> }
    attach(http, { transports: ['websocket'], destroyUpgrade: false }).on('connection', (socket) => {
      const talk = converse((message) => socket.send(JSON.stringify(message)))
      socket.on('message', (text) => hear(talk, text))
    })
  },

  'socket.io'(http, converse) {
    const { Server } = requirePeer('socket.io') as {
      Server: new (http: HttpServer, options: object) => Emitting<SocketIoConnection>
    }
    const options = { serveClient: false, transports: ['websocket'], destroyUpgrade: false }
    new Server(http, options).on('connection', (socket) => {
      const answers = new Map<number, (data: unknown) => void>()
      let lastId = 0
      const talk = converse(({ id, data }) => {
        if (id === undefined) return socket.emit('move', data)
        answers.get(id)!(data)
        answers.delete(id)
      })
      socket.onAny((event, data, answer) => {
        if (!answer) return talk({ event, data })
        answers.set(++lastId, answer)
        talk({ event, data, id: lastId })
      })
    })
  },

  sockjs(http, converse) {
    const { createServer } = requirePeer('sockjs') as {
      createServer(options: object): Emitting<TextSocket> & { installHandlers(http: HttpServer, options: object): void }
    }
    const server = createServer({ log: () => {} })
    server.on('connection', (socket) => {
      const talk = converse((message) => socket.write(JSON.stringify(message)))
      socket.on('data', (text) => hear(talk, text))
    })
    server.installHandlers(http, { prefix: '/sockjs' })
  },

  'mqtt, QoS 0': async (http, converse) => serveMqtt(http, converse, 0, await createBroker()),
  'mqtt, QoS 1': async (http, converse) => serveMqtt(http, converse, 1, await createBroker()),
}
