import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import * as ws from 'ws'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { SUBPROTOCOL } from '../protocol/frames.ts'
import type { Carrier, Packet, TransportName } from '../transports/transport.ts'
import type { AcceptedCarrier } from './acceptor.ts'
import type { Budget } from './budget.ts'
import { type Compression, deflateOf } from './compression.ts'
import { type Limits, packetBytes } from './options.ts'

/** Milliseconds that a closing handshake may take before the socket is destroyed: a dead client never answers it. */
const CLOSE_TIMEOUT = 5_000

const packetOf = (data: Buffer<ArrayBuffer>, isBinary: boolean): Packet =>
  isBinary ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data.toString()

/** What `ws` frames with, and exports, though its types do not tell. Its options must be whole. */
interface Framing {
  frame(data: Buffer, options: typeof TEXT): Buffer[]
}
const { Sender } = ws as unknown as { readonly Sender: Framing }
/** A whole text from a server: RFC 6455, 5.2. */
const TEXT = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true } as const
const frameOf = (text: string): Buffer => Buffer.concat(Sender.frame(Buffer.from(text), TEXT))

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
    if (socket.bufferedAmount > this.#bounds.bufferedBytes + HEADROOM) socket.cut('it does not read what it is sent')
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

/** A WebSocket that tells what happens to whoever accepted it, and to nobody else: listeners would be a table for each of them. */
class KitSocket extends ws.WebSocket {
  accepted: AcceptedCarrier | undefined = undefined

  override emit(event: string | symbol, ...given: unknown[]): boolean {
    const { accepted } = this
    if (!accepted) return super.emit(event, ...given)
    switch (event) {
      case 'message':
        accepted.message(packetOf(given[0] as Buffer<ArrayBuffer>, given[1] as boolean))
        return true
      case 'ping':
      case 'pong':
        // What is no message of ours costs as much as an empty one.
        accepted.message('')
        if (event === 'ping' && this.readyState === this.OPEN && this.bufferedAmount <= CONGESTED) this.pong(given[0])
        return true
      case 'error':
        // `ws` closes by itself after an error, with the right code.
        if ((given[0] as NodeJS.ErrnoException).code?.startsWith('WS_ERR')) accepted.fault(faultOf(given[0] as Error))
        return true
      case 'close':
        super.emit(event, ...given)
        accepted.close()
        return true
      default:
        return super.emit(event, ...given)
    }
  }

  cut(why: string): void {
    this.accepted?.fault(new HoldfastError('overflow', `A client was cut off: ${why}.`))
    this.terminate()
  }
}

/** One whose messages may come compressed. */
class CompressedSocket extends KitSocket {
  line: Socket | undefined = undefined
  expanded = 0

  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event === 'message') {
      this.expanded += (given[0] as Buffer).length
      const isBomb = this.expanded > EXPANSION_SLACK && this.expanded > EXPANSION * (this.line?.bytesRead ?? Infinity)
      if (isBomb) {
        this.cut('it expands to far more than it sends')
        return true
      }
    }
    return super.emit(event, ...given)
  }
}

const ignore = (): void => {}

/** WebSocket carriers by the `ws` package, which owns framing, masking, limits and UTF-8. */
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
  const server = new ws.WebSocketServer({
    noServer: true,
    WebSocket: bounds.compression ? CompressedSocket : KitSocket,
    maxPayload: packetBytes(bounds.messageBytes),
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    perMessageDeflate: deflateOf(bounds.compression),
    autoPong: false,
  })
  return {
    speaks: ({ headers }) =>
      (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === SUBPROTOCOL),
    upgrade(request, socket, head) {
      // Node hears an upgraded socket's errors no more, and one that nobody hears, a reset say, ends the process.
      socket.on('error', ignore)
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // `ws` hears them from now on, and two listeners take more memory than one.
        socket.off('error', ignore)
        webSocket.accepted = accept(new SocketCarrier(webSocket, socket, bounds), request)
        if (webSocket instanceof CompressedSocket) webSocket.line = request.socket
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
