/** One side of a conversation by hand: it says what no correct peer would say, and sees every packet. */
import type { Carrier, Packet, VirtualNetwork } from 'holdfast/testing'

/** Where a world's tabs connect to. */
const HOST = 'server.test'

/** One connection, seen from the side that is played by hand. */
export interface RawConnection {
  /** What arrived, packet by packet. */
  readonly packets: readonly Packet[]
  /** The lines of all text packets, decoded. */
  readonly lines: readonly unknown[]
  /** The code with which it closed; absent while it is open. */
  readonly closed: number | undefined
  /** Says these frames (JSON), a line each, in one packet; a string goes as it is. */
  say(...frames: unknown[]): void
  /** Sends one packet as it is. */
  send(packet: Packet): void
  close(code?: number, reason?: string): void
}

const connection = (carrier: () => Carrier): RawConnection & { packets: Packet[]; closed: number | undefined } => ({
  packets: [],
  closed: undefined,
  get lines() {
    const texts = this.packets.filter((packet) => typeof packet === 'string')
    return texts.flatMap((text) => text.split('\n')).map((line) => JSON.parse(line) as unknown)
  },
  say(...frames) {
    this.send(frames.map((frame) => (typeof frame === 'string' ? frame : JSON.stringify(frame))).join('\n'))
  },
  send: (packet) => carrier().send(packet),
  close: (code, reason) => carrier().close(code, reason),
})

interface HelloLine {
  readonly hello: { readonly session: string; readonly attempt: number; readonly from: number; readonly got: number }
}

/** What a hello can be answered with: a session that has just been made, and has nothing to say. */
export const welcome = (change: object = {}): object => ({
  welcome: { got: 0, from: 1, life: 'the-life-of-a-raw-server', up: 1_000_000, limit: 1_048_576, ...change },
})

/** Takes the place of a world's server. `greet` answers each connection's first packet; without it nobody does. */
export const rawServer = (
  network: VirtualNetwork,
  greet?: (connection: RawConnection, hello: HelloLine['hello']) => void,
): RawConnection[] => {
  const connections: RawConnection[] = []
  network.listen(HOST, (carrier) => {
    const here = connection(() => carrier)
    connections.push(here)
    return {
      message: (packet) => {
        here.packets.push(packet)
        if (here.packets.length === 1) greet?.(here, (here.lines[0] as HelloLine).hello)
      },
      close: (code) => (here.closed = code),
    }
  })
  return connections
}

/** Dials a world's server as a client of its own. */
export const rawClient = (network: VirtualNetwork, name = 'raw', origin?: string): RawConnection => {
  const { transport } = network.client(name, origin === undefined ? {} : { origin })
  const here = connection(() => carrier)
  const carrier = transport(`wss://${HOST}/live`, {
    open: () => {},
    message: (packet) => here.packets.push(packet),
    close: (code) => (here.closed = code),
  })
  return here
}

/** A hello that a server accepts. */
export const hello = (change: object = {}): object => ({
  hello: {
    session: 'a-session-of-a-raw-client',
    nonce: 'a-nonce-of-a-raw-client',
    attempt: 1,
    from: 1,
    got: 0,
    ...change,
  },
})
