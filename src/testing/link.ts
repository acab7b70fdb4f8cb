import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Carrier, CarrierEvents, Packet } from '../transports/transport.ts'
import type { ClockView } from './clock.ts'
import { type Conditions, createStream, type Stream } from './stream.ts'
import type { Trace } from './trace.ts'

/** Which way bytes go: `up` from client to server, `down` from server to client. */
export type Direction = 'up' | 'down' | 'both'

/** What becomes of a dial. `drop`: the connection is taken, upgraded, and dropped at once, as by a proxy with nothing behind it. */
export type Fate = 'open' | 'refuse' | 'hang' | 'drop'

/** One connection between a client and a server, from its dial on, with the faults that can befall it. */
export interface Link {
  /** The client's name and the number of its dial: `a#3`. */
  readonly id: string
  /** Who dialled. */
  readonly client: string
  /** Whom: the host part of the URL, with its port. */
  readonly host: string
  /** Whether the client still holds its end: it has neither closed it nor been told that it closed. */
  readonly held: boolean
  /** Whether nothing can happen on it any more, at either end. */
  readonly over: boolean
  /**
   * The connection dies: at once, or after so many more bytes have arrived in one direction (the handshake's count too).
   * What is under way then is lost, a packet of which a part is missing included; each end that can still hear
   * anything is told 1006, at its own time.
   */
  cut(after?: { readonly up?: number; readonly down?: number }): void
  /** Nothing arrives in that direction until `heal`: packets, closes, the handshake. */
  stall(direction?: Direction): void
  /** What was stalled arrives after all, late; a cut that is still to come is taken back. */
  heal(): void
  /** What goes in that direction is gone for good and nobody is told: an end that hears nothing hears no close either. */
  halfOpen(direction?: Direction): void
}

/** What a server hears of a carrier that it accepted; it is open from the start. */
export type ServerEvents = Omit<CarrierEvents, 'open'>

/** Who answers at a host. */
export interface Listener {
  /** Where its code runs. */
  readonly view: Pick<ClockView, 'enter' | 'stopped'>
  /** Takes a carrier. */
  readonly accept: (carrier: Carrier) => ServerEvents
}

/** What a dial needs of the network around it. */
export interface Dial {
  readonly id: string
  readonly client: string
  readonly host: string
  readonly fate: Fate
  readonly events: CarrierEvents
  /** Where the client's code runs. */
  readonly view: ClockView
  readonly clock: Clock
  readonly random: Random
  readonly conditions: Conditions
  readonly trace: Trace
  /** Who answers at the host just now. */
  readonly listener: () => Listener | undefined
}

/** One end of a link, as the tab or process there sees it. */
interface End {
  readonly name: string
  /** Where what this end says goes. */
  readonly out: Stream
  /** Bytes that masking adds to a frame: clients must. RFC 6455, 5.3 */
  readonly mask: number
  view: Pick<ClockView, 'enter' | 'stopped'>
  state: 'waiting' | 'open' | 'done'
  events: ServerEvents
}

/** Bytes that a kernel's send buffer takes over from a process, before the process has to keep them. */
const SEND_WINDOW = 64 * 1024
/** Bytes of a usual request to upgrade, of the answer, and of a close frame. */
const UPGRADE_REQUEST = 400
const UPGRADE_RESPONSE = 160
const CLOSE_FRAME = 8

/** What a side is told where the other gave no code, and where the connection just broke. RFC 6455, 7.4.1 */
const NO_CODE = 1005
const BROKEN = 1006

const encoder = new TextEncoder()

/** Bytes of a packet on the line, the frame's header included. RFC 6455, 5.2 */
const frameSize = (packet: Packet, mask: number): number => {
  const content = typeof packet === 'string' ? encoder.encode(packet).length : packet.length
  return content + mask + (content < 126 ? 2 : content < 65_536 ? 4 : 10)
}

/** Neither done with its connection, nor gone altogether. */
const isThere = ({ state, view }: End): boolean => state !== 'done' && !view.stopped

/** Dials: returns the link, and the client's end of it as a carrier. */
export const dial = (options: Dial): { readonly link: Link; readonly carrier: Carrier } => {
  const { id, clock, random, conditions, trace } = options
  const up = createStream(clock, random, conditions)
  const down = createStream(clock, random, conditions)
  const deaf: ServerEvents = { message: () => {}, close: () => {} }
  const inPlace = { enter: (task: () => void) => task(), stopped: false }
  const client: End = { name: 'client', out: up, mask: 4, view: options.view, state: 'waiting', events: options.events }
  const server: End = { name: 'server', out: down, mask: 0, view: inPlace, state: 'waiting', events: deaf }
  let upgrading = false

  const note = (what: string, detail?: unknown): void => trace.add(id, what, detail)

  const tellClosed = (end: End, code: number, reason: string): void =>
    end.view.enter(() => {
      if (end.state === 'done') return
      end.state = 'done'
      note(`${end.name} hears close`, `${code} ${reason}`)
      end.events.close(code, reason)
    })

  const carrier = (end: End, peer: End): Carrier => ({
    transport: 'websocket',
    get bufferedAmount() {
      return end.state === 'open' ? Math.max(0, end.out.unarrived - SEND_WINDOW) : 0
    },
    send: (packet) => {
      if (end.state !== 'open') return
      // Copied, as a WebSocket does: the caller may use its bytes again.
      const sent = typeof packet === 'string' ? packet : packet.slice()
      note(`${end.name} sends`, sent)
      end.out.write(frameSize(sent, end.mask), () =>
        peer.view.enter(() => {
          if (peer.state !== 'open') return
          note(`${peer.name} gets`, sent)
          peer.events.message(sent)
        }),
      )
    },
    close: (code = NO_CODE, reason = '') => {
      if (end.state === 'done') return
      // Given up before it opened, the connection is dropped: there is no close frame yet.
      const told: [number, string] = end.state === 'open' ? [code, reason] : [BROKEN, '']
      end.state = 'done'
      note(`${end.name} closes`, `${code} ${reason}`)
      end.out.write(CLOSE_FRAME, () => tellClosed(peer, ...told))
    },
  })

  const refuse = (): void => down.write(0, () => tellClosed(client, BROKEN, ''))

  const answer = (): void =>
    down.write(UPGRADE_RESPONSE, () =>
      client.view.enter(() => {
        if (client.state !== 'waiting') return
        client.state = 'open'
        note('client is open')
        options.events.open()
      }),
    )

  const upgrade = (): void => {
    const listener = options.listener()
    if (options.fate === 'drop') answer()
    if (!listener || options.fate === 'drop') return refuse()
    server.view = listener.view
    listener.view.enter(() => {
      if (server.state === 'done') return
      server.state = 'open'
      note('server accepts')
      answer()
      server.events = listener.accept(carrier(server, client))
    })
  }

  /** One round trip of TCP, one of the Upgrade. */
  const shakeHands = (): void =>
    up.write(0, () => {
      if (!options.listener() || options.fate === 'refuse') return refuse()
      down.write(0, () => {
        if (client.state !== 'waiting') return
        upgrading = true
        up.write(UPGRADE_REQUEST, upgrade)
      })
    })

  const cut = (): void => {
    note('is cut')
    up.end(() => tellClosed(server, BROKEN, ''))
    down.end(() => tellClosed(client, BROKEN, ''))
  }

  const streams = (direction: Direction): Stream[] =>
    direction === 'both' ? [up, down] : direction === 'up' ? [up] : [down]

  const link: Link = {
    id,
    client: options.client,
    host: options.host,
    get held() {
      return isThere(client)
    },
    get over() {
      if (isThere(client)) return false
      // A request to upgrade may still be under way though the client gave up.
      return !isThere(server) || (server.state === 'waiting' && (!upgrading || up.vanished))
    },
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
      for (const stream of streams(direction)) stream.vanish()
    },
  }

  note('client dials', options.fate)
  if (options.fate === 'hang') link.halfOpen()
  shakeHands()
  return { link, carrier: carrier(client, server) }
}
