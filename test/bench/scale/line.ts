/** WebSocket clients that cost next to nothing, so that the machine is the server's: no events, no streams, one buffer for all of them. */
import { type Socket, connect } from 'node:net'

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

const shared = Buffer.allocUnsafe(262_144)
const nothing = Buffer.alloc(0)
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
  let rest: Buffer = nothing
  let isOpen = false

  const take = (bytes: Buffer): void => {
    let at = 0
    if (!isOpen) {
      at = bytes.indexOf('\r\n\r\n') + 4
      if (at < 4) return void (rest = Buffer.from(bytes))
      if (!bytes.subarray(0, 12).equals(SWITCHING)) return void socket.destroy()
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
    rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
  }

  const socket: Socket = connect({
    host: to.host,
    port: to.port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        const bytes = shared.subarray(0, length)
        take(rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes)
        return true
      },
    },
  })
  const protocol = to.protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${to.protocol}\r\n`
  socket.write(
    `GET ${to.path} HTTP/1.1\r\nHost: ${to.host}:${to.port}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nCache-Control: no-cache\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}\r\n`,
  )
  socket.on('error', () => {})
  socket.on('close', to.closed)
}

const SWITCHING = Buffer.from('HTTP/1.1 101')
