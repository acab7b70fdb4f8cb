/** WebSocket clients that cost next to nothing, so that the machine is the server's: no events, no streams, one buffer for all of them. */
import { connectRaw, headersOf } from './raw.ts'

export interface Line {
  send(text: string): void
}

export interface LineHost {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly protocol: string | undefined
  opened(line: Line): void
  /** A message. Its bytes are good for the moment only. */
  message(payload: Buffer): void
  closed(): void
}

const MASK = [0x5a, 0xc3, 0x3c, 0xa5] as const
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/** One frame of a client's. */
const frame = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload
  const head = length < 126 ? 6 : 8
  const bytes = Buffer.allocUnsafe(head + length)
  bytes[0] = 0x80 | opcode
  bytes[1] = 0x80 | (length < 126 ? length : 126)
  if (head === 8) bytes.writeUInt16BE(length, 2)
  for (let at = 0; at < 4; at++) bytes[head - 4 + at] = MASK[at]!
  for (let at = 0; at < length; at++) bytes[head + at] = payload[at]! ^ MASK[at & 3]!
  return bytes
}

/** Where the frame's payload begins and ends; undefined while its head has not come. */
const measure = (bytes: Buffer, at: number): [from: number, to: number] | undefined => {
  if (bytes.length < at + 2) return undefined
  const short = bytes[at + 1]! & 127
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < at + head) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  return [at + head, at + head + length]
}

export const openLine = (to: LineHost): void => {
  let isOpen = false

  const take = (bytes: Buffer): number => {
    let at = 0
    if (!isOpen) {
      at = bytes.indexOf('\r\n\r\n') + 4
      if (at < 4) return 0
      if (!bytes.subarray(0, 12).equals(SWITCHING)) {
        socket.destroy()
        return bytes.length
      }
      isOpen = true
      to.opened({ send: (text) => void socket.write(frame(TEXT, Buffer.from(text))) })
    }
    for (let span: [number, number] | undefined; (span = measure(bytes, at)) && span[1] <= bytes.length; at = span[1]) {
      const opcode = bytes[at]! & 15
      const payload = bytes.subarray(...span)
      if (opcode === PING) socket.write(frame(PONG, payload))
      else if (opcode === CLOSE) socket.destroy()
      else to.message(payload)
    }
    return at
  }

  const socket = connectRaw(to, take, to.closed)
  const protocol = to.protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${to.protocol}\r\n`
  socket.write(
    `GET ${to.path} HTTP/1.1\r\n${headersOf(to)}Cache-Control: no-cache\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}\r\n`,
  )
}

const SWITCHING = Buffer.from('HTTP/1.1 101')
