import { sizeOf } from '../kernel/size.ts'
import { SUBPROTOCOL } from '../protocol/frames.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { closeEvent, defineHandlers } from '../websocket/standard.ts'
import type { VirtualClient } from './client.ts'
import type { ClockView } from './view.ts'
import type { DialEvents } from './websocket.ts'

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const
const CONSTANTS = { CONNECTING, OPEN, CLOSING, CLOSED }

/** What the connection was closed with, where it just broke. RFC 6455, 7.4.1 */
const BROKEN = 1006
/** The most bytes of a reason. */
const LONGEST_REASON = 123
/** A token: RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^`|~\w-]+$/

type Data = Parameters<WebSocket['send']>[0]

const fail = (name: string, message: string): never => {
  throw new DOMException(message, name)
}

/** The URL as the standard wants it: https://websockets.spec.whatwg.org/#dom-websocket-websocket */
export const webSocketUrl = (url: string | URL): URL => {
  const base = globalThis.location?.href
  if (!URL.canParse(String(url), base)) return fail('SyntaxError', `The URL '${String(url)}' is invalid.`)
  const parsed = new URL(String(url), base)
  parsed.protocol = parsed.protocol.replace('http', 'ws')
  if (!/^wss?:$/.test(parsed.protocol))
    fail('SyntaxError', `The URL's scheme must be ws or wss, not ${parsed.protocol}`)
  if (parsed.href.includes('#')) fail('SyntaxError', 'The URL contains a fragment, which a WebSocket has no use for.')
  return parsed
}

const checkProtocols = (protocols: readonly string[]): void => {
  const isWrong = (protocol: string, index: number): boolean =>
    !TOKEN.test(protocol) || protocols.indexOf(protocol) !== index
  const wrong = protocols.find(isWrong)
  if (wrong !== undefined) fail('SyntaxError', `The subprotocol '${wrong}' is invalid, or stands there twice.`)
}

const isBuffer = (data: unknown): data is ArrayBuffer =>
  ['[object ArrayBuffer]', '[object SharedArrayBuffer]'].includes(Object.prototype.toString.call(data))

/** What is sent, as bytes or text. */
const packetOf = (data: unknown): Packet => {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return isBuffer(data) ? new Uint8Array(data).slice() : String(data)
}

/** A page's WebSocket class, as the standard has it, over a virtual network. `endAll` ends all that there are, with that code. */
export interface PageWebSockets {
  readonly WebSocket: typeof WebSocket
  endAll(code: number, reason: string): void
}

/** For pages whose network this client is. */
export const createPageWebSockets = ({ transport }: VirtualClient, view: ClockView): PageWebSockets => {
  const alive = new Set<PageWebSocket>()

  class PageWebSocket extends EventTarget {
    static {
      Object.assign(this, CONSTANTS)
      Object.assign(this.prototype, CONSTANTS)
      defineHandlers(this.prototype)
    }

    readonly url: string
    readonly extensions = ''
    protocol = ''
    readyState: number = CONNECTING
    readonly #carrier: Carrier
    #binaryType: BinaryType = 'blob'
    /** Bytes that were sent too late. */
    #lost = 0
    /** What waits for a Blob to be read. */
    #turn: Promise<void> | undefined

    constructor(url: string | URL, protocols: string | string[] = []) {
      super()
      const { href, origin } = webSocketUrl(url)
      const offered = [protocols].flat().map(String)
      checkProtocols(offered)
      this.url = href
      const chosen = offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : ''
      const events: DialEvents = {
        open: () => {
          if (this.readyState !== CONNECTING) return
          this.readyState = OPEN
          this.protocol = chosen
          this.dispatchEvent(new Event('open'))
        },
        message: (packet) => {
          if (this.readyState === OPEN)
            this.dispatchEvent(new MessageEvent('message', { data: this.#dataOf(packet), origin }))
        },
        close: (code, reason) => this.end(code, reason),
        shut: (code, reason) => this.end(code, reason),
      }
      this.#carrier = transport(href, events, chosen || [])
      alive.add(this)
    }

    get binaryType(): BinaryType {
      return this.#binaryType
    }
    set binaryType(type: BinaryType) {
      if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
    }
    get bufferedAmount(): number {
      return this.#lost + this.#carrier.bufferedAmount
    }

    send(data: Data): void {
      if (this.readyState === CONNECTING) fail('InvalidStateError', 'It is still connecting.')
      if (data instanceof Blob)
        return this.#inTurn(async () => this.#put(new Uint8Array(await data.arrayBuffer())), true)
      const packet = packetOf(data)
      this.#inTurn(() => this.#put(packet))
    }

    close(code?: number, reason: string = ''): void {
      if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
        fail('InvalidAccessError', `The code must be 1000, or between 3000 and 4999, not ${code}.`)
      if (sizeOf(reason) > LONGEST_REASON) fail('SyntaxError', `The reason is longer than ${LONGEST_REASON} bytes.`)
      const before = this.readyState
      if (before >= CLOSING) return
      this.readyState = CLOSING
      this.#inTurn(() => this.#carrier.close(code, reason))
      if (before === CONNECTING) view.after(0, () => this.end(BROKEN, '', true))
    }

    end(code: number, reason: string, isFailure = this.readyState === CONNECTING): void {
      if (this.readyState === CLOSED) return
      this.readyState = CLOSED
      alive.delete(this)
      if (isFailure) this.dispatchEvent(new Event('error'))
      this.dispatchEvent(closeEvent({ code, reason, wasClean: code !== BROKEN }))
    }

    #inTurn(task: () => void | Promise<void>, takesTime = false): void {
      if (this.#turn || takesTime) this.#turn = (this.#turn ?? Promise.resolve()).then(task)
      else void task()
    }

    #put(packet: Packet): void {
      if (this.readyState === OPEN) this.#carrier.send(packet)
      else this.#lost += sizeOf(packet)
    }

    #dataOf(packet: Packet): unknown {
      if (typeof packet === 'string') return packet
      const bytes = packet.slice()
      return this.#binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
    }
  }

  return {
    WebSocket: PageWebSocket as unknown as typeof WebSocket,
    endAll: (code, reason) => {
      for (const socket of alive) {
        socket.close()
        socket.end(code, reason)
      }
    },
  }
}
