import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { SUBPROTOCOL } from '../wire/frames.ts'
import type { Carrier, Packet, TransportName } from '../transports/transport.ts'
import type { AcceptedCarrier } from './acceptor.ts'
import type { Budget } from './budget.ts'
import { type Compression, deflateOf } from './compression.ts'
import { type Limits, packetBytes } from './options.ts'

/** Milliseconds that a closing handshake may take before the socket is destroyed: a dead client never answers it. */
const CLOSE_TIMEOUT = 5_000

const packetOf = (data: RawData, isBinary: boolean): Packet => {
  const buffer = data as Buffer<ArrayBuffer>
  return isBinary ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : buffer.toString()
}

/** A text that is not compressed, as it goes to a client: RFC 6455, 5.2. */
const frameOf = (text: string): Buffer => {
  const size = Buffer.byteLength(text)
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + size)
  frame[0] = 0x81
  frame[1] = head === 2 ? size : head === 4 ? 126 : 127
  if (head === 4) frame.writeUInt16BE(size, 2)
  if (head === 10) frame.writeBigUInt64BE(BigInt(size), 2)
  frame.write(text, head)
  return frame
}

/** The last text that was sent, to anybody: of what goes to a room, there are thousands that are the same, and its frame is made once. */
let lastText = ''
let lastFrame = frameOf('')
const sharedFrameOf = (text: string): Buffer => {
  if (text !== lastText) {
    lastText = text
    lastFrame = frameOf(text)
  }
  return lastFrame
}

/** What `ws` found wrong, in our words. Other errors are the network's, and end the carrier without being anybody's fault. */
const faultOf = (error: NodeJS.ErrnoException): HoldfastError => {
  const words: Record<string, ErrorCode> = {
    WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'too-large',
    WS_ERR_INVALID_UTF8: 'malformed-frame',
  }
  return new HoldfastError(words[error.code!] ?? 'protocol', `A client was cut off: ${error.message}.`, error)
}

/** Above it, pings of the platform's own kind are not answered: who reads nothing needs no more to read. */
const CONGESTED = 65_536
/** What may wait in a connection beside all that is kept for its session: control frames. */
const HEADROOM = 1_048_576

/**
 * Messages that came compressed may be so many times larger than what came, once they have so many bytes: JSON is said in a
 * twentieth, what is sent to keep a server busy in a thousandth.
 */
const EXPANSION = 250
const EXPANSION_SLACK = 16_777_216

/** What connections may hold. */
export interface WebSocketBounds extends Pick<Limits, 'messageBytes' | 'bufferedBytes'> {
  readonly compression: boolean | Compression | undefined
  /** For what is left in those that close. */
  readonly budget: Budget
}

/** Each connection has one, so it is a class, as are those of `ws`. */
class SocketCarrier implements Carrier {
  readonly #socket: KitSocket
  /** What is under it, for texts: a frame that is made once is written in one piece. Undefined where `ws` may compress them. */
  readonly #line: Duplex | undefined
  readonly #bounds: WebSocketBounds

  constructor(socket: KitSocket, line: Duplex, bounds: WebSocketBounds) {
    this.#socket = socket
    this.#line = socket.extensions === '' ? line : undefined
    this.#bounds = bounds
  }

  get transport(): TransportName {
    return 'websocket'
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(packet: Packet): void {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return
    if (this.#line && typeof packet === 'string') this.#line.write(sharedFrameOf(packet))
    else socket.send(packet)
    if (socket.bufferedAmount > this.#bounds.bufferedBytes + HEADROOM) cut(socket, 'it does not read what it is sent')
  }

  close(code?: number, reason?: string): void {
    const socket = this.#socket
    socket.close(code, reason)
    if (socket.readyState === socket.CLOSED) return
    const account = this.#bounds.budget.open(
      () => socket.bufferedAmount,
      () => socket.terminate(),
    )
    account.update()
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT).unref()
    socket.once('close', () => {
      account.close()
      // Or a crowd that is turned away stays in memory for as long.
      clearTimeout(timer)
    })
  }
}

/** A WebSocket that knows who listens to it, so that all of them can share their listeners. */
class KitSocket extends WebSocket {
  accepted!: AcceptedCarrier
}

const cut = (socket: WebSocket, why: string): void => {
  heard(socket).fault(new HoldfastError('overflow', `A client was cut off: ${why}.`))
  socket.terminate()
}
const heard = (socket: WebSocket): AcceptedCarrier => (socket as KitSocket).accepted

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  heard(this).message(packetOf(data, isBinary))
}
/** Where messages may come compressed. */
const watchful = ({ socket }: IncomingMessage): typeof onMessage => {
  let expanded = 0
  return function onCompressed(data, isBinary) {
    expanded += (data as Buffer).length
    const isBomb = expanded > EXPANSION_SLACK && expanded > EXPANSION * socket.bytesRead
    if (isBomb) cut(this, 'it expands to far more than it sends')
    else onMessage.call(this, data, isBinary)
  }
}
// What is no message of ours costs as much as an empty one.
function onPong(this: WebSocket): void {
  heard(this).message('')
}
function onPing(this: WebSocket, data: Buffer): void {
  heard(this).message('')
  if (this.readyState === this.OPEN && this.bufferedAmount <= CONGESTED) this.pong(data)
}
function onClose(this: WebSocket): void {
  heard(this).close()
}
// `ws` closes by itself after an error, with the right code.
function onError(this: WebSocket, error: NodeJS.ErrnoException): void {
  if (error.code?.startsWith('WS_ERR')) heard(this).fault(faultOf(error))
}

/** WebSocket carriers by the `ws` package, which owns what comes: framing, masking, limits and UTF-8. */
export interface WebSocketAcceptor {
  /** True if the client offers our subprotocol: only then is it ours to answer. */
  speaks(request: IncomingMessage): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves when all that are open now have closed. */
  emptied(): Promise<void>
  /** Destroys what is still open. */
  terminate(): void
}

export const createWebSocketAcceptor = (
  bounds: WebSocketBounds,
  accept: (carrier: Carrier, request: IncomingMessage) => AcceptedCarrier,
): WebSocketAcceptor => {
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: KitSocket,
    maxPayload: packetBytes(bounds.messageBytes),
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    perMessageDeflate: deflateOf(bounds.compression),
    autoPong: false,
  })
  return {
    speaks: ({ headers }) =>
      (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === SUBPROTOCOL),
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.accepted = accept(new SocketCarrier(webSocket, socket, bounds), request)
        webSocket.on('pong', onPong)
        webSocket.on('ping', onPing)
        webSocket.on('message', webSocket.extensions === '' ? onMessage : watchful(request))
        webSocket.on('close', onClose)
        webSocket.on('error', onError)
      })
    },
    emptied: () =>
      new Promise((resolve) => {
        const look = (): void => void (server.clients.size === 0 && resolve())
        for (const socket of server.clients) socket.on('close', look)
        look()
      }),
    terminate() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
