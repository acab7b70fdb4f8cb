import { CloseCode } from '../kernel/close-codes.ts'
import { SUBPROTOCOL } from '../wire/frames.ts'
import type { Carrier, Packet, Transport } from './transport.ts'

/** Absolute and `ws:`; relative to the page where there is one. Throws a `TypeError` for what is no URL. */
export const webSocketUrl = (url: string): string => {
  const absolute = new URL(url, globalThis.location?.href)
  absolute.protocol = absolute.protocol.replace(/^http/, 'ws')
  absolute.hash = ''
  return absolute.href
}

/** The platform's WebSocket as a carrier. */
export const webSocketTransport: Transport = (url, events) => {
  const socket = new WebSocket(webSocketUrl(url), SUBPROTOCOL)
  socket.binaryType = 'arraybuffer'
  const abandon = (): void => {
    socket.onopen = socket.onmessage = socket.onclose = null
  }
  const carrier: Carrier = {
    transport: 'websocket',
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    send(packet) {
      if (socket.readyState === WebSocket.OPEN) socket.send(packet)
    },
    // The close event of a dead connection comes after 20 s (Firefox) or 60 s (Chromium): nobody waits for it.
    close() {
      abandon()
      socket.close()
    },
  }
  const refuse = (): void => {
    carrier.close()
    events.close(CloseCode.malformed, `The server does not speak ${SUBPROTOCOL}`)
  }
  socket.onopen = () => (socket.protocol === SUBPROTOCOL ? events.open() : refuse())
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    events.message((typeof data === 'string' ? data : new Uint8Array(data)) satisfies Packet)
  socket.onclose = ({ code, reason }) => {
    abandon()
    events.close(code, reason)
  }
  return carrier
}
