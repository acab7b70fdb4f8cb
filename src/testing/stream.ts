import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'

/** What a line is like. */
export interface Conditions {
  /** How long a byte is under way, one way, in milliseconds. */
  latency: number
  /** Up to this many milliseconds more, drawn anew for each packet. Packets never overtake each other. */
  jitter: number
  /** Bytes a second, each way. */
  bandwidth: number
  /** How many connections a client keeps to one host for HTTP, as browsers do; one more request waits until one is free. */
  connections: number
  /** How long a server keeps such a connection open on which nothing is asked, in milliseconds. */
  keepAlive: number
}

/** One direction of a connection: bytes that arrive in order, late, or not at all. */
export interface Stream {
  /** Bytes written that have not arrived. */
  readonly unarrived: number
  /** Whether `vanish` was called. */
  readonly vanished: boolean
  /**
   * Puts `bytes` on the line; `arrive` is called when the last of them is there. `partly` is called instead, with how many
   * are, where a limit ends the line among them.
   */
  write(bytes: number, arrive: () => void, partly?: (bytes: number) => void): void
  /** Nothing arrives until `heal`; TCP goes on trying. */
  stall(): void
  /** What was held arrives after all; a limit is lifted. */
  heal(): void
  /** What is under way and all that is written from now on is gone, and nobody is told; only, unless `endsToo`, of its end. */
  vanish(endsToo: boolean): void
  /** Lets `bytes` more arrive, then calls `spent`. What is only partly among them does not arrive as a whole. */
  limit(bytes: number, spent: () => void): void
  /** What is under way is lost, `arrive` is the last thing that comes through. */
  end(arrive: () => void): void
}

interface Segment {
  readonly bytes: number
  readonly at: number
  readonly arrive: () => void
  readonly partly: (bytes: number) => void
}

const nothing = (): void => {}

/** A line under `conditions`, which may change at any time. `count` hears of the bytes that are written. */
export const createStream = (
  clock: Clock,
  random: Random,
  conditions: Conditions,
  count: (bytes: number) => void = nothing,
): Stream => {
  let flying: Segment[] = []
  let unarrived = 0
  let lineFree = 0
  let stalled = false
  let vanished = false
  let endVanishes = false
  let ended = false
  let healedAt = 0
  let left = Infinity
  let onSpent = nothing
  let disarm = nothing

  const delay = (): number => conditions.latency + random.float() * conditions.jitter

  const arm = (): void => {
    disarm()
    const [head] = flying
    if (head && !stalled) disarm = clock.after(Math.max(head.at, healedAt) - clock.now(), land)
  }

  const land = (): void => {
    const segment = flying.shift() as Segment
    unarrived -= segment.bytes
    if (segment.bytes <= left) {
      left -= segment.bytes
      arm()
      segment.arrive()
      if (left > 0) return
    } else segment.partly(left)
    left = Infinity
    onSpent()
  }

  const put = (bytes: number, arrive: () => void, partly: (bytes: number) => void = nothing): void => {
    count(bytes)
    unarrived += bytes
    if (vanished && (endVanishes || !ended)) return
    lineFree = Math.max(lineFree, clock.now()) + (bytes / conditions.bandwidth) * 1000
    flying.push({ bytes, at: lineFree + delay(), arrive, partly })
    if (flying.length === 1) arm()
  }

  return {
    get unarrived() {
      return unarrived
    },
    get vanished() {
      return vanished
    },
    write: (bytes, arrive, partly) => {
      if (!ended) put(bytes, arrive, partly)
    },
    stall: () => {
      stalled = true
      disarm()
    },
    heal: () => {
      left = Infinity
      if (!stalled) return
      stalled = false
      healedAt = clock.now() + delay()
      arm()
    },
    vanish: (endsToo) => {
      vanished = true
      endVanishes ||= endsToo
      flying = []
      disarm()
    },
    limit: (bytes, spent) => {
      left = bytes
      onSpent = spent
      if (bytes > 0) return
      left = Infinity
      spent()
    },
    end: (arrive) => {
      if (ended) return
      ended = true
      left = Infinity
      flying = []
      disarm()
      put(0, arrive)
    },
  }
}
