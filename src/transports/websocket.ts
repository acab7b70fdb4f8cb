import { NORMAL, UNREACHABLE } from '../kernel/close-codes.ts'
import { SUBPROTOCOL } from '../protocol/frames.ts'
import type { Carrier, Transport } from './transport.ts'

/** The platform's WebSocket as a carrier. */
export const webSocketTransport: Transport = (url, { open, message, close }, protocols = SUBPROTOCOL) => {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols)
  socket.binaryType = 'arraybuffer'
  const carrier: Carrier = {
    transport: 'websocket',
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    send: (packet) => socket.readyState === 1 && socket.send(packet as string),
    // The close event of a dead connection comes after 20 s (Firefox) or 60 s (Chromium): nobody waits for it.
    close(code) {
      socket.onopen = socket.onmessage = socket.onclose = null
      // For most of the others it throws.
      if (code === NORMAL) socket.close(code)
      else socket.close()
    },
  }
  socket.onopen = () => {
    if (!protocols.length || [protocols].flat().includes(socket.protocol)) return open()
    // As in Chromium and Node.js, which fail the handshake.
    carrier.close()
    close(UNREACHABLE, '')
  }
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    message(typeof data === 'string' ? data : new Uint8Array(data))
  socket.onclose = ({ code, reason }) => close(code, reason)
  return carrier
}
