/** TCP connections that cost next to nothing: one buffer for all of them, and no events for what comes. */
import { type Socket, connect } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

const shared = Buffer.allocUnsafe(262_144)
const nothing = Buffer.alloc(0)

/** `take` is given what came and was not taken yet, whose bytes are good for the moment only, and returns how many of them it takes. */
export const connectRaw = ({ host, port }: Address, take: (bytes: Buffer) => number, closed: () => void): Socket => {
  let rest: Buffer = nothing
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        const fresh = shared.subarray(0, length)
        const bytes = rest.length > 0 ? Buffer.concat([rest, fresh]) : fresh
        const taken = take(bytes)
        rest = taken === bytes.length ? nothing : Buffer.from(bytes.subarray(taken))
        return true
      },
    },
  })
  socket.on('error', () => {})
  socket.on('close', closed)
  return socket
}

/** What a browser says of itself with each request. */
export const headersOf = ({ host, port }: Address): string =>
  `Host: ${host}:${port}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n`
