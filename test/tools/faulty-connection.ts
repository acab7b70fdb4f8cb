import type { Socket } from 'node:net'
import type { HttpFaults } from './http-faults.ts'
import { type Filter, HttpMiddlebox } from './http-middlebox.ts'
import { reset } from './reset.ts'

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down'

/** The faults in force, shared by all connections of a proxy and changed while they run. */
export interface Faults {
  readonly latency: Record<Direction, number>
  readonly held: Record<Direction, boolean>
  readonly swallowed: Record<Direction, boolean>
  /** Milliseconds between two bytes. */
  readonly dribble: Record<Direction, number>
  /** Bytes a millisecond, of each connection. */
  readonly bandwidth: Record<Direction, number>
  readonly cutAfter: Record<Direction, { remaining: number; readonly done: () => void } | undefined>
  /** Whether a new connection costs a round trip of the latency. */
  handshakes: boolean
  readonly http: HttpFaults
}

type Cargo = Buffer | 'end' | 'reset'

/** A pipe stops reading above this many bytes in transit, as a network with a full send buffer does. */
const capacity = 1 << 20

/** One proxied connection: two sockets and a pipe in each direction. */
export class FaultyConnection {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>
  readonly #client: Socket
  readonly #server: Socket
  readonly #pipes: readonly Pipe[]
  readonly #middlebox: HttpMiddlebox

  constructor(
    number: number,
    client: Socket,
    server: Socket,
    faults: Faults,
    onBytes: (direction: Direction, bytes: number) => void,
  ) {
    this.#client = client
    this.#server = server
    const cut = (): void => this.reset()
    this.#middlebox = new HttpMiddlebox(number, faults.http, {
      answer: (bytes) => {
        down.accept(bytes)
        down.accept('end')
      },
      cut,
    })
    const { up: upwards, down: downwards } = this.#middlebox
    const up = new Pipe({ from: client, to: server, direction: 'up', filter: upwards, faults, onBytes, cut })
    const down = new Pipe({ from: server, to: client, direction: 'down', filter: downwards, faults, onBytes, cut })
    this.#pipes = [up, down]
    this.closed = Promise.all([closing(client), closing(server)]).then(() => this.#stop())
  }

  reset(): void {
    this.#stop()
    reset(this.#client)
    reset(this.#server)
  }

  pump(): void {
    for (const pipe of this.#pipes) pipe.pump()
  }

  /** Goes on with what had to wait for leave. */
  resume(): void {
    for (const pipe of this.#pipes) pipe.resume()
  }

  #stop(): void {
    this.#middlebox.stop()
    for (const pipe of this.#pipes) pipe.stop()
  }
}

interface PipeParts {
  readonly from: Socket
  readonly to: Socket
  readonly direction: Direction
  readonly filter: Filter
  readonly faults: Faults
  readonly onBytes: (direction: Direction, bytes: number) => void
  /** Resets the connection. */
  readonly cut: () => void
}

/** Carries bytes, the end of the stream and resets from one socket to the other, in order, through the faults. */
class Pipe {
  readonly #parts: PipeParts
  readonly #transit: { readonly due: number; readonly cargo: Cargo }[] = []
  #inTransit = 0
  /** When TCP's handshake is over. */
  readonly #open: number
  #lastDue = 0
  /** When what was sent so far is on the line. */
  #lineFree = 0
  #timer: NodeJS.Timeout | undefined
  #blocked = false
  /** A byte was lost, so nothing after it can ever arrive. */
  #gap = false
  #stopped = false

  constructor(parts: PipeParts) {
    this.#parts = parts
    const { from, to, faults } = parts
    this.#open = performance.now() + (faults.handshakes ? faults.latency.up + faults.latency.down : 0)
    from.on('data', (chunk: Buffer) => this.accept(chunk))
    from.on('end', () => this.accept('end'))
    from.on('error', () => this.accept('reset'))
    to.on('drain', () => {
      this.#blocked = false
      this.pump()
    })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#transit.length = 0
  }

  /** Takes what has come from one side, or what is said in its name. */
  accept(cargo: Cargo): void {
    const { from, direction, faults, onBytes } = this.#parts
    if (typeof cargo !== 'string') onBytes(direction, cargo.length)
    if (this.#stopped) return
    const sent = Math.max(this.#open, performance.now())
    if (typeof cargo !== 'string')
      this.#lineFree = Math.max(this.#lineFree, sent) + cargo.length / faults.bandwidth[direction]
    this.#lastDue = Math.max(this.#lastDue, Math.max(this.#lineFree, sent) + faults.latency[direction])
    const pause = faults.dribble[direction]
    if (pause > 0 && typeof cargo !== 'string')
      for (const byte of cargo) this.#transit.push({ due: (this.#lastDue += pause), cargo: Buffer.of(byte) })
    else this.#transit.push({ due: this.#lastDue, cargo })
    if (typeof cargo !== 'string') {
      this.#inTransit += cargo.length
      if (this.#inTransit > capacity) from.pause()
    }
    this.pump()
  }

  /** Forwards whatever is due and allowed. */
  pump(): void {
    const { filter, faults, direction } = this.#parts
    clearTimeout(this.#timer)
    while (!this.#stopped && !this.#blocked && !faults.held[direction] && !filter.waits()) {
      const next = this.#transit[0]
      if (!next) return
      const wait = next.due - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait)
        return
      }
      this.#transit.shift()
      this.#release(next.cargo)
      this.#forward(next.cargo)
    }
  }

  /** Goes on with what the filter kept waiting. */
  resume(): void {
    if (!this.#stopped && !this.#parts.filter.waits()) this.#carry(Buffer.alloc(0))
    this.pump()
  }

  #release(cargo: Cargo): void {
    if (typeof cargo === 'string') return
    const { from } = this.#parts
    this.#inTransit -= cargo.length
    if (this.#inTransit <= capacity && from.isPaused()) from.resume()
  }

  #forward(cargo: Cargo): void {
    const { to, direction, filter, faults, cut } = this.#parts
    if (this.#gap || faults.swallowed[direction]) {
      this.#gap = true
    } else if (cargo === 'reset') {
      cut()
    } else if (cargo === 'end') {
      this.#write(filter.finish())
      to.end()
    } else {
      this.#carry(cargo)
    }
  }

  #carry(chunk: Buffer): void {
    const { bytes, cut } = this.#parts.filter.pass(chunk)
    if (cut) this.#writeLast(bytes, cut)
    else this.#write(bytes)
  }

  #write(chunk: Buffer): void {
    if (chunk.length === 0) return
    const { to, direction, faults } = this.#parts
    const cut = faults.cutAfter[direction]
    if (!cut || chunk.length < cut.remaining) {
      if (cut) cut.remaining -= chunk.length
      this.#blocked = !to.write(chunk)
      return
    }
    faults.cutAfter[direction] = undefined
    this.#writeLast(chunk.subarray(0, cut.remaining), cut.done)
  }

  /** Resets the connection behind these bytes. */
  #writeLast(bytes: Buffer, done: () => void): void {
    const finish = (): void => {
      this.#parts.cut()
      done()
    }
    // A reset throws away what the system hasn't sent yet, so it waits until the last bytes have left.
    if (bytes.length === 0) finish()
    else {
      this.#blocked = true
      this.#parts.to.write(bytes, () => setTimeout(finish, 5))
    }
  }
}

function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve))
}
