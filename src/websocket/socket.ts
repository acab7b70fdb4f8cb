import {
  CLOSED,
  CLOSING,
  CONNECTING,
  type Connection,
  type Input,
  OPEN,
  WAITING,
  failed,
  initial,
  step,
} from './machine.ts'
import { type Ports, page } from './page.ts'
import { type Data, type Provided, type Settings, type Underlying, type WebSocketOptions, resolve } from './options.ts'
import { closeEvent, copy, defineHandlers, errorEvent } from './standard.ts'

/** A function is called, a promise waited for, and anything else taken as it is. */
type Source = (() => unknown) | (object & { then?: unknown }) | undefined

type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null

const CONSTANTS = { CONNECTING, OPEN, CLOSING, CLOSED }

/** A WebSocket that connects again. Interprets what the machine decides, and decides nothing. */
export class HoldfastWebSocket extends EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3
  declare onopen: Handler<Event>
  declare onmessage: Handler<MessageEvent>
  declare onerror: Handler<Event>
  declare onclose: Handler<CloseEvent>
  declare addEventListener: WebSocket['addEventListener']
  declare removeEventListener: WebSocket['removeEventListener']

  static {
    Object.assign(this, CONSTANTS)
    Object.assign(this.prototype, CONSTANTS)
    defineHandlers(this.prototype)
  }

  readonly #sources: readonly Source[]
  readonly #settings: Settings
  readonly #ports: Ports
  #connection: Connection = initial
  /** The last one, live or not. */
  #socket: Underlying | undefined
  #binaryType: BinaryType = 'blob'
  #queue: Data[] = []
  /** Ends the timer and the listeners that the present state has. */
  #unwatch: (() => void) | undefined

  constructor(
    url: Provided<string | URL>,
    protocols?: Provided<string | string[] | null | undefined>,
    options: WebSocketOptions = {},
    ports: Ports = page,
  ) {
    super()
    this.#sources = [url, protocols] as Source[]
    this.#settings = resolve(options)
    this.#ports = ports
    if (!this.#settings.startClosed) this.reconnect()
  }

  get readyState(): 0 | 1 | 2 | 3 {
    const { state } = this.#connection
    return state === WAITING ? CONNECTING : state
  }
  get url(): string {
    return this.#socket?.url ?? ''
  }
  get protocol(): string {
    return this.#socket?.protocol ?? ''
  }
  get extensions(): string {
    return this.#socket?.extensions ?? ''
  }
  /** Bytes that wait, here and in the underlying WebSocket. */
  get bufferedAmount(): number {
    return (this.#socket?.bufferedAmount ?? 0) + new Blob(this.#queue).size
  }
  get binaryType(): BinaryType {
    return this.#binaryType
  }
  set binaryType(type: BinaryType) {
    // It ignores what it does not know.
    const socket = this.#socket ?? { binaryType: type }
    socket.binaryType = type
    this.#binaryType = socket.binaryType as BinaryType
  }
  /** How many tries have failed since a connection last held. */
  get retryCount(): number {
    return this.#connection.tries
  }
  /** When it tries again, as `performance.now()` tells the time; Infinity unless that has a time. */
  get retryAt(): number {
    const { state, until } = this.#connection
    return state === WAITING ? until : Infinity
  }

  send(data: Data): void {
    const { state } = this.#connection
    if (state === OPEN && this.#socket!.readyState === OPEN) this.#socket!.send(data as never)
    else if (this.#queue.length >= this.#settings.maxEnqueuedMessages)
      this.dispatchEvent(new MessageEvent('drop', { data }))
    else this.#queue.push(copy(data))
  }

  /** Takes what waits back: it will not be sent. */
  drainQueuedMessages(): Data[] {
    return this.#queue.splice(0)
  }

  /** Connects now, whatever is under way, and from whatever state. */
  reconnect(code?: number, reason: string = ''): void {
    this.#socket?.close(code, reason)
    this.#apply({ type: 'reconnect', end: { code: code ?? 1005, reason, wasClean: true } })
  }

  /** Until `reconnect`, if that comes. What waits is kept. */
  close(code?: number, reason?: string): void {
    const before = this.#connection
    this.#apply({ type: 'close', hasSocket: (this.#socket?.readyState as number) < CLOSING })
    try {
      // Node.js tells the end of a try within this call.
      this.#socket?.close(code, reason)
    } catch (error) {
      this.#connection = before
      this.#watch()
      throw error
    }
  }

  #apply(input: Input): void {
    const before = this.#connection
    const connection = step(before, input, this.#settings, this.#ports.look())
    this.#connection = connection
    const { epoch, state, end } = connection
    const isNew = epoch !== before.epoch
    if (this.#settings.debug) this.#settings.debugLogger(input.type, connection)
    if (isNew) {
      // Nobody waits for its close event, which takes 20 s (Firefox) or 60 s (Chromium) on a dead line.
      this.#socket?.close()
      if (end?.error) this.dispatchEvent(errorEvent(end.error))
      if (end) this.dispatchEvent(closeEvent(end))
    }
    // Whoever was told may have done something: that has been seen to already.
    if (connection !== this.#connection || input.type === 'message') return
    this.#watch()
    if (isNew && state === CONNECTING) this.#connect()
    if (before.asked! < connection.asked!) {
      const { message } = this.#settings.heartbeat
      this.#socket!.send((typeof message === 'function' ? message() : message) as never)
    }
  }

  #watch(): void {
    const { state, until } = this.#connection
    this.#unwatch?.()
    if (state !== CLOSED) this.#unwatch = this.#ports.watch(until, (type) => this.#apply({ type }))
  }

  /** What comes of an earlier try than the present one is ignored. */
  #ofThisTry<T>(task: (value: T) => void): (value: T) => void {
    const { epoch } = this.#connection
    return (value) => {
      if (epoch === this.#connection.epoch) task(value)
    }
  }

  #connect(): void {
    const open = this.#ofThisTry((given: readonly unknown[]) => this.#open(given))
    const fail = this.#ofThisTry((error) => this.#apply({ type: 'ended', end: failed(error) }))
    const given = this.#sources.map((source) => (typeof source === 'function' ? (async () => source())() : source))
    // What is known is used at once.
    if (given.some((value) => value?.then))
      Promise.all(given as unknown[])
        .then(open)
        .catch(fail)
    else
      try {
        open(given)
      } catch (error) {
        if (this.#socket) return fail(error)
        // What was never right is the caller's fault, as it is with a WebSocket.
        this.#unwatch!()
        this.#connection = initial
        throw error
      }
  }

  /** What the application's own functions throw here goes where the platform puts it, and changes nothing. */
  #open([url, protocols]: readonly unknown[]): void {
    const socket = new this.#settings.WebSocket(url as string, (protocols ?? []) as string[])
    this.#socket = socket
    socket.binaryType = this.#binaryType
    socket.onopen = this.#ofThisTry(() => {
      const connection = this.#connection
      try {
        this.#settings.handshake(socket as unknown as globalThis.WebSocket)
      } finally {
        if (connection === this.#connection) {
          this.#apply({ type: 'open' })
          for (const data of this.#queue.splice(0)) this.send(data)
          this.dispatchEvent(new Event('open'))
        }
      }
    })
    socket.onmessage = this.#ofThisTry(({ data, origin }: MessageEvent<unknown>) => {
      if (this.#connection.state !== OPEN) return
      let isPong
      this.#apply({ type: 'message' })
      try {
        isPong = this.#settings.heartbeat.isPong(data)
      } finally {
        if (!isPong) this.dispatchEvent(new MessageEvent('message', { data, origin }))
      }
    })
    /** It is passed on with the end, which follows at once. */
    let error: Event | undefined
    socket.onerror = (event: Event) => {
      error = event
    }
    socket.onclose = this.#ofThisTry((event: CloseEvent) => {
      const { code, reason, wasClean } = event
      let isFinal
      try {
        isFinal = !this.#settings.shouldReconnectOnClose(event)
      } finally {
        this.#apply({ type: 'ended', end: { code, reason, wasClean, error }, isFinal })
      }
    })
  }
}
