import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { type Conditions, createStream, type Stream } from './stream.ts'
import type { Trace } from './trace.ts'

/** Which way bytes go: `up` from client to server, `down` from server to client. */
export type Direction = 'up' | 'down' | 'both'

/** What is spoken on a connection. */
export type Protocol = 'websocket' | 'http'

/** One connection between a client and a server, from its dial on, with the faults that can befall it. */
export interface Link {
  /** The client's name and the number of its connection: `a#3`. */
  readonly id: string
  /** What is spoken on it. An HTTP connection carries one exchange after another, and waits for the next in between. */
  readonly protocol: Protocol
  /** Who dialled. */
  readonly client: string
  /** Whom: the host part of the URL, with its port. */
  readonly host: string
  /** Whether the client uses it: it has neither closed it nor been told that it closed; over HTTP, it waits for an answer. */
  readonly held: boolean
  /** Whether nothing can happen on it any more, at either end. */
  readonly over: boolean
  /**
   * The connection dies: at once, or after so many more bytes have arrived in one direction (the handshake's count too).
   * What is under way then is lost, a packet of which a part is missing included (of an HTTP answer, the part before
   * arrives); each end that can still hear anything is told, 1006 or status 0, at its own time.
   */
  cut(after?: { readonly up?: number; readonly down?: number }): void
  /** Nothing arrives in that direction until `heal`: packets, closes, the handshake. */
  stall(direction?: Direction): void
  /** What was stalled arrives after all, late; a cut that is still to come is taken back. */
  heal(): void
  /** What goes in that direction is gone for good and nobody is told: an end that hears nothing hears no close either. */
  halfOpen(direction?: Direction): void
  /** What goes in that direction is gone for good, but a cut is heard: a black hole, between two ends that can still be reset. */
  swallow(direction?: Direction): void
}

/** What went over a network so far. Heads and frames have the sizes that they usually have. */
export interface Traffic {
  /** Connections that were dialled. */
  connections: number
  /** Of these, WebSockets. */
  webSockets: number
  /** HTTP exchanges. */
  exchanges: number
  /** Bytes that were sent, whether or not they arrived. */
  readonly bytes: { up: number; down: number }
}

/** What a connection needs of the network around it. */
export interface Surroundings {
  /** The id of the link. */
  readonly id: string
  readonly clock: Clock
  readonly random: Random
  readonly conditions: Conditions
  readonly trace: Trace
  readonly traffic: Traffic
}

/** A TCP connection: both its directions, and the faults that can befall them. */
export interface Line {
  readonly up: Stream
  readonly down: Stream
  readonly faults: Pick<Link, 'cut' | 'stall' | 'heal' | 'halfOpen' | 'swallow'>
  /** Writes down what happened on it. */
  note(what: string, detail?: unknown): void
}

/** A connection whose ends are told by `broken` that it was cut. */
export const createLine = (
  { id, clock, random, conditions, trace, traffic: { bytes } }: Surroundings,
  broken: { readonly client: () => void; readonly server: () => void },
): Line => {
  const up = createStream(clock, random, conditions, (more) => (bytes.up += more))
  const down = createStream(clock, random, conditions, (more) => (bytes.down += more))
  const note = (what: string, detail?: unknown): void => trace.add(id, what, detail)

  const cut = (): void => {
    note('is cut')
    up.end(broken.server)
    down.end(broken.client)
  }

  const streams = (direction: Direction): Stream[] =>
    direction === 'both' ? [up, down] : direction === 'up' ? [up] : [down]

  return {
    up,
    down,
    note,
    faults: {
      cut: (after = {}) => {
        if (after.up === undefined && after.down === undefined) return cut()
        note('will be cut', after)
        if (after.up !== undefined) up.limit(after.up, cut)
        if (after.down !== undefined) down.limit(after.down, cut)
      },
      stall: (direction = 'both') => {
        note('stalls', direction)
        for (const stream of streams(direction)) stream.stall()
      },
      heal: () => {
        note('heals')
        up.heal()
        down.heal()
      },
      halfOpen: (direction = 'both') => {
        note('is half open', direction)
        for (const stream of streams(direction)) stream.vanish(true)
      },
      swallow: (direction = 'both') => {
        note('is swallowed', direction)
        for (const stream of streams(direction)) stream.vanish(false)
      },
    },
  }
}
