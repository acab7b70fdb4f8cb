import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { SUBPROTOCOL } from '../wire/frames.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
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

const carrierOf = (socket: WebSocket, { bufferedBytes, budget }: WebSocketBounds, cut: () => void): Carrier => ({
  transport: 'websocket',
  get bufferedAmount() {
    return socket.bufferedAmount
  },
  send(packet) {
    if (socket.readyState !== socket.OPEN) return
    socket.send(packet)
    if (socket.bufferedAmount > bufferedBytes + HEADROOM) cut()
  },
  close(code, reason) {
    socket.close(code, reason)
    if (socket.readyState === socket.CLOSED) return
    const account = budget.open(
      () => socket.bufferedAmount,
      () => socket.terminate(),
    )
    account.update()
    socket.once('close', account.close)
    setTimeout(() => socket.terminate(), CLOSE_TIMEOUT).unref()
  },
})

/** WebSocket carriers by the `ws` package, which owns framing, masking, limits and UTF-8. */
export interface WebSocketAcceptor {
  /** True if the client offers our subprotocol: only then is it ours to answer. */
  speaks(request: IncomingMessage): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Destroys what is still open. */
  terminate(): void
}

export const createWebSocketAcceptor = (
  bounds: WebSocketBounds,
  accept: (carrier: Carrier, request: IncomingMessage) => AcceptedCarrier,
): WebSocketAcceptor => {
  const server = new WebSocketServer({
    noServer: true,
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
        const cut = (why: string): void => {
          accepted.fault(new HoldfastError('overflow', `A client was cut off: ${why}.`))
          webSocket.terminate()
        }
        const accepted = accept(
          carrierOf(webSocket, bounds, () => cut('it does not read what it is sent')),
          request,
        )
        const isCompressed = webSocket.extensions !== ''
        let expanded = 0
        // What is no message of ours costs as much as an empty one.
        webSocket.on('pong', () => accepted.message(''))
        webSocket.on('ping', (data) => {
          accepted.message('')
          if (webSocket.readyState === webSocket.OPEN && webSocket.bufferedAmount <= CONGESTED) webSocket.pong(data)
        })
        webSocket.on('message', (data, isBinary) => {
          expanded += isCompressed ? (data as Buffer).length : 0
          if (expanded > EXPANSION_SLACK && expanded > EXPANSION * request.socket.bytesRead)
            return cut('it expands to far more than it sends')
          accepted.message(packetOf(data, isBinary))
        })
        webSocket.on('close', accepted.close)
        // `ws` closes by itself after an error, with the right code.
        webSocket.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code?.startsWith('WS_ERR')) accepted.fault(faultOf(error))
        })
      })
    },
    terminate() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
