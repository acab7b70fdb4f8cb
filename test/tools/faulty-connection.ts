import type { Socket } from 'node:net'
import { reset } from './reset.ts'

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down'

/** The faults in force, shared by all connections of a proxy and changed while they run. */
export interface Faults {
  readonly latency: Record<Direction, number>
  readonly held: Record<Direction, boolean>
  readonly swallowed: Record<Direction, boolean>
  readonly cutAfter: Record<Direction, { remaining: number; readonly done: () => void } | undefined>
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

  constructor(client: Socket, server: Socket, faults: Faults, onBytes: (direction: Direction, bytes: number) => void) {
    this.#client = client
    this.#server = server
    const cut = (): void => this.reset()
    this.#pipes = [
      new Pipe(client, server, 'up', faults, (bytes) => onBytes('up', bytes), cut),
      new Pipe(server, client, 'down', faults, (bytes) => onBytes('down', bytes), cut),
    ]
    this.closed = Promise.all([closing(client), closing(server)]).then(() => {
      for (const pipe of this.#pipes) pipe.stop()
    })
  }

  reset(): void {
    for (const pipe of this.#pipes) pipe.stop()
    reset(this.#client)
    reset(this.#server)
  }

  pump(): void {
    for (const pipe of this.#pipes) pipe.pump()
  }
}

/** Carries bytes, the end of the stream and resets from one socket to the other, in order, through the faults. */
class Pipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #direction: Direction
  readonly #faults: Faults
  readonly #cut: () => void
  readonly #transit: { readonly due: number; readonly cargo: Cargo }[] = []
  #inTransit = 0
  #lastDue = 0
  #timer: NodeJS.Timeout | undefined
  #blocked = false
  /** A byte was lost, so nothing after it can ever arrive. */
  #gap = false
  #stopped = false

  constructor(
    from: Socket,
    to: Socket,
    direction: Direction,
    faults: Faults,
    onBytes: (bytes: number) => void,
    cut: () => void,
  ) {
    this.#from = from
    this.#to = to
    this.#direction = direction
    this.#faults = faults
    this.#cut = cut
    from.on('data', (chunk: Buffer) => {
      onBytes(chunk.length)
      this.#accept(chunk)
    })
    from.on('end', () => this.#accept('end'))
    from.on('error', () => this.#accept('reset'))
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

  /** Forwards whatever is due and allowed. */
  pump(): void {
    clearTimeout(this.#timer)
    while (!this.#stopped && !this.#blocked && !this.#faults.held[this.#direction]) {
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

  #accept(cargo: Cargo): void {
    if (this.#stopped) return
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#faults.latency[this.#direction])
    this.#transit.push({ due: this.#lastDue, cargo })
    if (typeof cargo !== 'string') {
      this.#inTransit += cargo.length
      if (this.#inTransit > capacity) this.#from.pause()
    }
    this.pump()
  }

  #release(cargo: Cargo): void {
    if (typeof cargo === 'string') return
    this.#inTransit -= cargo.length
    if (this.#inTransit <= capacity && this.#from.isPaused()) this.#from.resume()
  }

  #forward(cargo: Cargo): void {
    if (this.#gap || this.#faults.swallowed[this.#direction]) {
      this.#gap = true
    } else if (cargo === 'reset') {
      this.#cut()
    } else if (cargo === 'end') {
      this.#to.end()
    } else {
      this.#write(cargo)
    }
  }

  #write(chunk: Buffer): void {
    const cut = this.#faults.cutAfter[this.#direction]
    if (!cut || chunk.length < cut.remaining) {
      if (cut) cut.remaining -= chunk.length
      this.#blocked = !this.#to.write(chunk)
      return
    }
    this.#faults.cutAfter[this.#direction] = undefined
    const finish = (): void => {
      this.#cut()
      cut.done()
    }
    // A reset throws away what the system hasn't sent yet, so it waits until the last bytes have left.
    if (cut.remaining === 0) finish()
    else {
      this.#blocked = true
      this.#to.write(chunk.subarray(0, cut.remaining), () => setTimeout(finish, 5))
    }
  }
}

function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve))
}
