import type { Carrier, CarrierEvents, Packet } from '../transports/transport.ts'
import type { ClockView } from './view.ts'
import { type Fate, refusesUpgrade } from './fate.ts'
import type { Host, ServerEvents, VirtualRequest } from './host.ts'
import { createLine, type Link, type Surroundings } from './link.ts'
import type { Stream } from './stream.ts'

/** What the client's end of a dial tells. A carrier that was given up is silent; a WebSocket still hears the end of its closing handshake. */
export interface DialEvents extends CarrierEvents {
  /** The connection is over that this end has closed: the server answered, or it broke. */
  shut?(code: number, reason: string): void
}

/** What a dial needs to know. */
export interface Dial extends Surroundings {
  readonly client: string
  readonly host: string
  readonly request: VirtualRequest
  readonly fate: Fate
  /** Without our subprotocol. */
  readonly bare: boolean
  readonly events: DialEvents
  /** Where the client's code runs. */
  readonly view: ClockView
  /** Who answers at the host just now. */
  readonly listener: () => Host | undefined
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
  const { id, clock, fate } = options
  const { up, down, faults, note } = createLine(options, {
    client: () => {
      if (client.state === 'done') tellShut(BROKEN, '')
      tellClosed(client, BROKEN, '')
    },
    server: () => tellClosed(server, BROKEN, ''),
  })
  const deaf: ServerEvents = { message: () => {}, close: () => {} }
  const inPlace = { enter: (task: () => void) => task(), stopped: false }
  const client: End = { name: 'client', out: up, mask: 4, view: options.view, state: 'waiting', events: options.events }
  const server: End = { name: 'server', out: down, mask: 0, view: inPlace, state: 'waiting', events: deaf }
  let upgrading = false

  const tellClosed = (end: End, code: number, reason: string): void =>
    end.view.enter(() => {
      if (end.state === 'done') return
      end.state = 'done'
      note(`${end.name} hears close`, `${code} ${reason}`)
      end.events.close(code, reason)
    })

  const tellShut = (code: number, reason: string): void => options.view.enter(() => options.events.shut?.(code, reason))

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
      end.out.write(CLOSE_FRAME, () => {
        tellClosed(peer, ...told)
        if (end === client && options.events.shut) down.write(CLOSE_FRAME, () => tellShut(...told))
      })
    },
  })

  const refuse = (): void => {
    server.state = 'done'
    down.write(0, () => tellClosed(client, BROKEN, ''))
  }

  const answer = (): void =>
    down.write(UPGRADE_RESPONSE, () => {
      if (fate === 'swallow') faults.halfOpen()
      if (typeof fate === 'object' && 'killAfter' in fate) clock.after(fate.killAfter, () => link.over || faults.cut())
      client.view.enter(() => {
        if (client.state !== 'waiting') return
        client.state = 'open'
        note('client is open')
        options.events.open()
      })
    })

  const upgrade = (): void => {
    const listener = options.listener()
    const accept = listener?.accept
    // What answers in the server's name says what the client wants to hear: which is nothing, if it says nothing.
    const isUnderstood = options.bare === !!listener?.bare
    if (fate === 'drop' && isUnderstood) answer()
    if (!accept || !isUnderstood || fate === 'drop' || refusesUpgrade(fate)) return refuse()
    server.view = listener.view
    listener.view.enter(() => {
      if (server.state === 'done') return
      server.state = 'open'
      note('server accepts')
      answer()
      server.events = accept(carrier(server, client), options.request)
    })
  }

  /** One round trip of TCP, one of the Upgrade. */
  const shakeHands = (): void =>
    up.write(0, () => {
      if (!options.listener() || fate === 'refuse') return refuse()
      down.write(0, () => {
        if (client.state !== 'waiting') return
        if (fate === 'hang-upgrade') faults.halfOpen()
        upgrading = true
        up.write(UPGRADE_REQUEST, upgrade)
      })
    })

  const link: Link = {
    id,
    protocol: 'websocket',
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
    ...faults,
  }

  note('client dials', fate)
  if (fate === 'hang') faults.halfOpen()
  shakeHands()
  return { link, carrier: carrier(client, server) }
}
