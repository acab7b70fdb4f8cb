/** A socket in virtual time, to a server that knows nothing of sessions: the test is the server. */
import type { HoldfastError, Wire, WireOptions, WireOpening, WireSocket } from 'holdfast/wire'
import { plain } from 'holdfast/wire'
import { seededRandom, virtualClock, virtualLifecycle, virtualNetwork, type Carrier, type Link } from 'holdfast/testing'
import { createWireSocket } from '../../src/wire/connect.ts'

/** The server's end of one connection. */
export interface Peer {
  /** What came, as it came. */
  readonly texts: string[]
  /** The same, read. */
  readonly got: unknown[]
  /** How the client closed it. */
  closed: number | undefined
  say(message: unknown): void
  close(code: number, reason?: string): void
}

export type Answer = (message: Record<string, unknown>, peer: Peer) => unknown

/** `answer`: what the server says to each message, undefined for nothing. */
export const stage = (
  options: Partial<WireOptions<WireOpening>> = {},
  answer: Answer = () => undefined,
  url: Parameters<typeof createWireSocket>[0] = 'ws://feed/',
) => {
  const clock = virtualClock()
  const view = clock.view()
  const random = seededRandom(1)
  const network = virtualNetwork({ clock, random, conditions: { jitter: 0 } })
  const lifecycle = virtualLifecycle()
  const client = network.client('page', { view, lifecycle })
  const peers: Peer[] = []
  const accept = (carrier: Carrier) => {
    const peer: Peer = {
      texts: [],
      got: [],
      closed: undefined,
      say: (message) =>
        carrier.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message)),
      close: (code, reason) => carrier.close(code, reason),
    }
    peers.push(peer)
    return {
      message(packet: string | Uint8Array) {
        const text = String(packet)
        peer.texts.push(text)
        const message = JSON.parse(text) as Record<string, unknown>
        peer.got.push(message)
        const reply = answer(message, peer)
        if (reply !== undefined) peer.say(reply)
      },
      close(code: number) {
        peer.closed = code
      },
    }
  }
  const listen = (): (() => void) => network.listen('feed', { accept, bare: !options.wire?.protocols })
  let unlisten = listen()
  const reported: unknown[] = []
  const errors: HoldfastError[] = []
  const wire: Wire = options.wire ?? plain()
  const socket: WireSocket = createWireSocket(
    url,
    { ...options, wire },
    { clock: view, random, lifecycle, transport: client.transport, report: (error) => reported.push(error) },
  )
  socket.onError((error) => errors.push(error))
  return {
    socket,
    clock,
    view,
    network,
    lifecycle,
    client,
    peers,
    errors,
    reported,
    get peer(): Peer {
      return peers.at(-1)!
    },
    get link(): Link {
      return network.links.at(-1)!
    },
    get state() {
      return socket.status.get().state
    },
    /** Nobody listens until the returned function is called. */
    down(): () => void {
      unlisten()
      network.cut()
      return () => {
        unlisten = listen()
      }
    },
    pass: (duration = 1_000) => clock.advance(duration),
  }
}

/** What became of a promise: its value, or the code of its error. */
export const outcome = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise
  } catch (error) {
    return (error as HoldfastError).code
  }
}
