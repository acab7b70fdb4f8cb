/** The same line over other libraries. Which one it is, its page knows: it has no other. */
import type { Move, RawMessage } from '../contract.ts'
import { type ByHand, byHand } from './by-hand.ts'
import { type Dialled, questions } from './line.ts'

/** Put there by the page's first module: what the library exports. */
declare const peer: unknown

/** What is like a WebSocket. */
interface SocketLike {
  addEventListener(type: 'open' | 'message', listener: (event: MessageEvent<string>) => void): void
  send(text: string): void
  close(): void
}

interface EngineSocket {
  on(event: 'open', listener: () => void): void
  on(event: 'message', listener: (text: string) => void): void
  send(text: string): void
  close(): void
}

interface SocketIoSocket {
  on(event: 'connect', listener: () => void): void
  on(event: 'move', listener: (move: Move) => void): void
  emit(event: 'move', move: Move): void
  emitWithAck(event: string, data: RawMessage['data']): Promise<unknown>
  disconnect(): void
}

interface MqttClient {
  on(event: 'connect', listener: () => void): void
  on(event: 'message', listener: (topic: string, payload: Uint8Array) => void): void
  publish(topic: string, text: string, options: { readonly qos: 0 | 1 }): void
  end(force: boolean): void
}

/** By hand over whatever takes texts. */
function over(
  { send, close }: { send(text: string): void; close(): void },
  listen: (opened: () => void, line: ByHand) => void,
): Dialled {
  const line = byHand((message) => send(JSON.stringify(message)), close)
  return { line, opened: new Promise<void>((resolve) => listen(resolve, line)) }
}

const overSocket = (socket: SocketLike): Dialled =>
  over({ send: (text) => socket.send(text), close: () => socket.close() }, (opened, line) => {
    socket.addEventListener('open', opened)
    socket.addEventListener('message', ({ data }) => line.hear(data))
  })

const reconnecting = (): Dialled =>
  overSocket(new (peer as new (url: string) => SocketLike)(`ws://${location.host}/raw`))

function mqtt(qos: 0 | 1): Dialled {
  const { connect } = peer as { connect(url: string): MqttClient }
  const client = connect(`ws://${location.host}/mqtt`)
  const decoder = new TextDecoder()
  return over(
    { send: (text) => client.publish('up', text, { qos }), close: () => client.end(true) },
    (opened, line) => {
      client.on('connect', opened)
      client.on('message', (_topic, payload) => line.hear(decoder.decode(payload)))
    },
  )
}

/** By the names of libraries.ts. */
export const peerLines: Readonly<Record<string, () => Dialled>> = {
  'reconnecting-websocket': reconnecting,
  partysocket: reconnecting,

  'engine.io'() {
    const Socket = peer as new (url: string, options: object) => EngineSocket
    const socket = new Socket(`ws://${location.host}`, { transports: ['websocket'] })
    return over({ send: (text) => socket.send(text), close: () => socket.close() }, (opened, line) => {
      socket.on('open', opened)
      socket.on('message', line.hear)
    })
  },

  'socket.io'() {
    const connect = peer as (url: string, options: object) => SocketIoSocket
    const socket = connect(`ws://${location.host}`, { transports: ['websocket'], forceNew: true })
    return {
      opened: new Promise<void>((resolve) => socket.on('connect', resolve)),
      line: {
        send: (move) => socket.emit('move', move),
        onMove: (listener) => socket.on('move', listener),
        ...questions((event, data) => socket.emitWithAck(event, data) as Promise<never>),
        settled: () => Promise.resolve(),
        close: () => socket.disconnect(),
      },
    }
  },

  sockjs() {
    const SockJs = peer as new (url: string, protocols: null, options: object) => SocketLike
    return overSocket(new SockJs(`http://${location.host}/sockjs`, null, { transports: 'websocket' }))
  },

  'mqtt, QoS 0': () => mqtt(0),
  'mqtt, QoS 1': () => mqtt(1),
}
