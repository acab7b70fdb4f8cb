import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { SUBPROTOCOL } from '../wire/frames.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import type { AcceptedCarrier } from './acceptor.ts'
import { packetBytes } from './options.ts'

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

const carrierOf = (socket: WebSocket): Carrier => ({
  transport: 'websocket',
  get bufferedAmount() {
    return socket.bufferedAmount
  },
  send(packet) {
    if (socket.readyState === socket.OPEN) socket.send(packet)
  },
  close(code, reason) {
    socket.close(code, reason)
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
  messageBytes: number,
  accept: (carrier: Carrier, request: IncomingMessage) => AcceptedCarrier,
): WebSocketAcceptor => {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: packetBytes(messageBytes),
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    perMessageDeflate: false,
  })
  return {
    speaks: ({ headers }) =>
      (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === SUBPROTOCOL),
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const accepted = accept(carrierOf(webSocket), request)
        webSocket.on('message', (data, isBinary) => accepted.message(packetOf(data, isBinary)))
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
