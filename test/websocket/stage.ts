/** A drop-in socket in virtual time, over WebSockets whose other side is the test. */
import { HoldfastWebSocket, type WebSocketOptions } from 'holdfast/websocket'
import { virtualClock, virtualLifecycle } from 'holdfast/testing'

/** A WebSocket of which the test decides what happens to it. */
export class FakeSocket {
  readonly url: string
  readonly protocols: string | string[]
  readonly sent: unknown[] = []
  readonly closed: unknown[][] = []
  readyState = 0
  protocol = ''
  extensions = ''
  bufferedAmount = 0
  #binaryType = 'blob'
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: Event) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  onclose: ((event: Event) => void) | null = null

  constructor(url: string, protocols: string | string[] = []) {
    if (!/^wss?:/.test(url)) throw new DOMException(`${url} is no URL`, 'SyntaxError')
    this.url = url
    this.protocols = protocols
  }
  get binaryType(): string {
    return this.#binaryType
  }
  set binaryType(type: string) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
  }
  send(data: unknown): void {
    if (this.readyState === 0) throw new DOMException('It is connecting', 'InvalidStateError')
    this.sent.push(data)
  }
  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code < 5000))
      throw new DOMException(`${code}`, 'InvalidAccessError')
    if (reason.length > 123) throw new DOMException(reason, 'SyntaxError')
    if (this.readyState > 1) return
    this.readyState = 2
    this.closed.push(code === undefined ? [] : [code, reason])
  }
  open(protocol = ''): void {
    this.readyState = 1
    this.protocol = protocol
    this.onopen?.(new Event('open'))
  }
  say(data: unknown): void {
    this.onmessage?.(new MessageEvent('message', { data, origin: 'ws://host' }))
  }
  /** The connection is over: as a refused or broken one, unless told otherwise. */
  end(code = 1006, reason = '', wasClean = code !== 1006): void {
    const wasConnecting = this.readyState === 0
    this.readyState = 3
    if (wasConnecting) this.onerror?.(new Event('error'))
    this.onclose?.(Object.assign(new Event('close'), { code, reason, wasClean }))
  }
}

export const URL = 'wss://host/'

/** Without chance, unless told otherwise: waits are as long as they get. */
export const stage = (
  options: WebSocketOptions = {},
  url: ConstructorParameters<typeof HoldfastWebSocket>[0] = URL,
  protocols?: ConstructorParameters<typeof HoldfastWebSocket>[1],
  chance = 0,
) => {
  const clock = virtualClock()
  const view = clock.view()
  const lifecycle = virtualLifecycle()
  const sockets: FakeSocket[] = []
  const log: string[] = []
  const watches = new Set<unknown>()
  let watched = 0
  class Recorded extends FakeSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  const socket = new HoldfastWebSocket(
    url,
    protocols,
    { WebSocket: Recorded, ...options },
    {
      look: () => ({ now: view.now(), chance, online: lifecycle.online() }),
      watch(until, tell) {
        const stops = [
          lifecycle.subscribe((event) => void (/wake|network/.test(event) && tell('wake'))),
          ...(until < Infinity ? [view.after(until - view.now(), () => tell('timeout'))] : []),
        ]
        watches.add(stops)
        watched++
        return () => {
          watches.delete(stops)
          for (const stop of stops) stop()
        }
      },
    },
  )
  socket.addEventListener('open', () => log.push(`open ${socket.readyState}`))
  socket.addEventListener('message', ({ data }) => log.push(`message ${String(data)}`))
  socket.addEventListener('error', (event) => log.push(['error', (event as ErrorEvent).message].join(' ').trim()))
  socket.addEventListener('close', ({ code, reason, wasClean }) =>
    log.push(`close ${code}${reason && ` ${reason}`}${wasClean ? '' : ' unclean'} ${socket.readyState}`),
  )
  socket.addEventListener('drop', (event) => log.push(`drop ${String((event as MessageEvent).data)}`))
  return {
    socket,
    sockets,
    log,
    clock,
    view,
    lifecycle,
    /** Timers, and watches over page and network, that it has. */
    get held() {
      return [view.pending, watches.size]
    },
    /** How often it began to watch. */
    get watched() {
      return watched
    },
    /** The underlying socket of the last try. */
    get last(): FakeSocket {
      return sockets.at(-1)!
    },
    /** Those that are connecting or open. */
    get live() {
      return sockets.filter(({ readyState }) => readyState < 2).length
    },
    pass: (duration: number) => clock.advance(duration),
  }
}
