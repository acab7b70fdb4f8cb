import { CLOSED, CONNECTING, type Connection, type End, IDLE, type Input, OPEN, failed, idle, step } from './machine.ts'
import { type Ports, page } from './page.ts'
import { type Data, type Provided, type Settings, type Underlying, type WebSocketOptions, resolve } from './options.ts'

type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null

type Source = (() => unknown) | (object & { then?: unknown }) | undefined

/** Of an error, or of an event that has its message, perhaps. */
const errorEvent = (error: object & { message?: string }): Event =>
  Object.assign(new Event('error'), { error, message: error.message })

/** Node.js has `CloseEvent` from 23 on. */
const closeEvent = ({ code, reason, wasClean }: End): CloseEvent => {
  const values = { code, reason, wasClean }
  return globalThis.CloseEvent ? new CloseEvent('close', values) : Object.assign(new Event('close'), values)
}

/** A WebSocket that connects again. Interprets what the machine decides, and decides nothing. */
export class ReconnectingWebSocket extends EventTarget {
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
    const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
    Object.assign(this, constants)
    Object.assign(this.prototype, constants)
    for (const type of ['open', 'message', 'error', 'close'])
      Object.defineProperty(this.prototype, `on${type}`, {
        get(this: ReconnectingWebSocket) {
          return this.#handlers[type] ?? null
        },
        set(this: ReconnectingWebSocket, value: unknown) {
          const isHandler = typeof value === 'function'
          this.#handlers[type] = isHandler ? (value as EventListener) : null
          // One that is there keeps its place among the listeners.
          this[isHandler ? 'addEventListener' : 'removeEventListener'](type, this.#handle)
        },
      })
  }

  readonly #handlers: Record<string, EventListener | null> = {}
  readonly #handle = (event: Event): unknown => this.#handlers[event.type]!.call(this, event)
  readonly #sources: readonly Source[]
  readonly #settings: Settings
  readonly #ports: Ports
  #connection: Connection = idle
  /** The last one, live or not. */
  #socket: Underlying | undefined
  #binaryType: BinaryType = 'blob'
  #queue: Data[] = []
  #settled: AbortController | undefined

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
    return (this.#connection.state >> 1) as 0 | 1 | 2 | 3
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
    this.#binaryType = type
    if (this.#socket) this.#socket.binaryType = type
  }
  /** How many tries have failed since a connection last held. */
  get retryCount(): number {
    return this.#connection.tries
  }
  /** When it tries again, as `performance.now()` tells the time; Infinity unless that has a time. */
  get retryAt(): number {
    return this.#connection.state ? Infinity : this.#connection.until
  }

  send(data: Data): void {
    const { state } = this.#connection
    if (state === OPEN && this.#socket!.readyState === 1) this.#socket!.send(data as never)
    else if ((state > OPEN && state < IDLE) || this.#queue.length >= this.#settings.maxEnqueuedMessages)
      this.#drop(data)
    else this.#queue.push(structuredClone(data))
  }

  /** Takes what waits back: it will not be sent. */
  drainQueuedMessages(): Data[] {
    return this.#queue.splice(0)
  }

  /** Connects now, whatever is under way, and from whatever state. */
  reconnect(code?: number, reason: string = ''): void {
    // It checks the arguments.
    this.#socket?.close(code, reason)
    this.#apply('reconnect', { code: code ?? 1005, reason, wasClean: true })
  }

  /** For good: what waits is dropped. */
  close(code?: number, reason?: string): void {
    const hasSocket = (this.#socket?.readyState ?? 3) < 2
    this.#socket?.close(code, reason)
    this.#apply('close', undefined, hasSocket)
    for (const data of this.drainQueuedMessages()) this.#drop(data)
  }

  #drop(data: Data): void {
    this.dispatchEvent(new MessageEvent('drop', { data }))
  }

  #apply(...input: Input): void {
    const ports = this.#ports
    const before = this.#connection
    const [connection, end, asks] = step(before, input, {
      now: ports.now(),
      chance: ports.chance(),
      online: ports.online(),
      settings: this.#settings,
    })
    const { epoch, until, state } = (this.#connection = connection)
    if (this.#settings.debug) this.#settings.debugLogger(input[0], connection)
    // Nobody waits for its close event, which takes 20 s (Firefox) or 60 s (Chromium) on a dead line.
    if (epoch !== before.epoch) this.#socket?.close()
    if (end) {
      if (end.error) this.dispatchEvent(errorEvent(end.error))
      this.dispatchEvent(closeEvent(end))
    }
    // Whoever was told may have done something.
    if (connection !== this.#connection || input[0] === 'message') return
    // Timer and listeners are what the state needs.
    this.#settled?.abort()
    const { signal } = (this.#settled = new AbortController())
    if (until < Infinity) ports.after(until - ports.now(), () => this.#apply('timeout'), signal)
    if (state < CLOSED) ports.onWake(() => this.#apply('wake'), signal)
    if (epoch !== before.epoch && state === CONNECTING) this.#dial()
    if (asks) {
      const { message } = this.#settings.heartbeat
      this.#socket!.send((typeof message === 'function' ? message() : message) as never)
    }
  }

  #dial(): void {
    const { epoch } = this.#connection
    const connect = ([url, protocols]: readonly unknown[]): void => {
      if (epoch !== this.#connection.epoch) return
      const socket = new this.#settings.WebSocket(url as string, (protocols ?? []) as string[])
      this.#socket = socket
      socket.binaryType = this.#binaryType
      let error: Event | undefined
      socket.onopen =
        socket.onmessage =
        socket.onclose =
          (event: Event) => {
            if (epoch === this.#connection.epoch) this.#hear(event, error)
          }
      // It is passed on with the end, which follows at once.
      socket.onerror = (event: Event) => {
        error = event
      }
    }
    const fail = (error: unknown): void => {
      if (epoch === this.#connection.epoch) this.#apply('ended', failed(error))
    }
    const given = this.#sources.map((source) => (typeof source === 'function' ? (async () => source())() : source))
    // What is known is used at once.
    if (given.some((value) => value?.then))
      Promise.all(given as Promise<unknown>[])
        .then(connect)
        .catch(fail)
    else
      try {
        connect(given)
      } catch (error) {
        // What was never right is the caller's fault, as it is with a WebSocket.
        if (this.#socket) return fail(error)
        this.#settled?.abort()
        throw error
      }
  }

  #hear(event: Event, error: Event | undefined): void {
    const connection = this.#connection
    const { handshake, heartbeat, shouldReconnectOnClose } = this.#settings
    // What the application's own code throws goes where the platform puts it, and changes nothing here.
    if (event.type === 'open') {
      try {
        handshake(this.#socket as WebSocket)
      } finally {
        if (connection === this.#connection) {
          this.#apply('open')
          for (const data of this.drainQueuedMessages()) this.send(data)
          this.dispatchEvent(new Event('open'))
        }
      }
    } else if (event.type === 'close') {
      let isFinal
      try {
        isFinal = !shouldReconnectOnClose(event as CloseEvent)
      } finally {
        this.#apply('ended', Object.assign(event as CloseEvent, { error }), isFinal)
      }
    } else if (this.readyState === 1) {
      const { data, origin } = event as MessageEvent<unknown>
      let isPong
      this.#apply('message')
      try {
        isPong = heartbeat.isPong(data)
      } finally {
        if (!isPong) this.dispatchEvent(new MessageEvent('message', { data, origin }))
      }
    }
  }
}
