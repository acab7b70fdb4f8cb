import type { Clock } from '../platform/clock.ts'
import type { Carrier } from '../transports/transport.ts'
import type { AcceptedCarrier } from './acceptor.ts'
import type { Budgets } from './budget.ts'
import { openEnvelope } from './envelope.ts'
import type { Exchange } from './exchange.ts'
import { type ConnectionRequest, type Limits, packetBytes } from './options.ts'
import { type PostCarrier, createPostCarrier } from './post-carrier.ts'

/** More closed carriers than this are not remembered: a client that comes too late is told 410 without a reason. */
const MAX_REMEMBERED = 10_000
/** What lines need beside an outbox that is full: base64 for its bytes, and control frames. */
const HEADROOM = 2
/** Carriers of one session that may live side by side: the one that it leaves, and the one that it goes to. */
const CARRIERS_OF_A_SESSION = 2

/** What HTTP carriers need of the server. */
export interface HttpCarriersHost {
  readonly clock: Clock
  /** The most bytes of a message from a client. */
  readonly messageBytes: number
  /** The most bytes of messages to a client that wait for it. */
  readonly bufferedBytes: number
  /** The most bytes that wait for all clients, and that all of them send ahead. */
  readonly budgets: Budgets
  /** The most carriers at a time. */
  readonly carriers: number
  /** A new carrier, already open; it looks at the request's origin, too. */
  accept(carrier: Carrier, request: ConnectionRequest): AcceptedCarrier
  /** Whether pages of the request's origin may talk to the server. */
  isAllowed(request: ConnectionRequest): boolean
}

/** All carriers that are made of POSTs. */
export interface HttpCarriers {
  /** Takes one POST. */
  readonly exchange: Exchange
  /** From now on, takes no new ones. Tells, perhaps at once, when all of them have closed and told their last lines. */
  close(drained: () => void): void
  /** Ends those that are left: what hangs is answered, and no timer stays armed. */
  terminate(): void
}

interface Entry {
  readonly carrier: PostCarrier
  readonly origin: unknown
}

/** What a server has for its HTTP carriers. */
export const hostOf = (
  {
    accept,
    isAllowed,
    budgets,
    options: { limits },
  }: Pick<HttpCarriersHost, 'accept' | 'isAllowed' | 'budgets'> & { readonly options: { readonly limits: Limits } },
  clock: Clock,
): HttpCarriersHost => ({
  clock,
  messageBytes: limits.messageBytes,
  bufferedBytes: limits.bufferedBytes,
  budgets,
  carriers: CARRIERS_OF_A_SESSION * limits.sessions,
  accept,
  isAllowed,
})

/** Makes carriers of exchanges. docs/protocol.md#http */
export const createHttpCarriers = (host: HttpCarriersHost): HttpCarriers => {
  const { clock, bufferedBytes, carriers: most } = host
  const mostBytes = packetBytes(host.messageBytes)
  const entries = new Map<string, Entry>()
  /** Closed ones, the oldest first. */
  const remembered = new Set<string>()
  /** Those that have something to tell, or may have. */
  const busy = new Set<string>()
  let onDrained: (() => void) | undefined

  const settle = (id: string): void => {
    if (busy.delete(id) && busy.size === 0) onDrained?.()
  }
  const forget = (id: string): void => {
    entries.delete(id)
    remembered.delete(id)
    settle(id)
  }
  const remember = (id: string): void => {
    remembered.add(id)
    const [oldest] = remembered
    if (remembered.size <= MAX_REMEMBERED) return
    entries.get(oldest!)?.carrier.terminate()
    forget(oldest!)
  }

  const open = (id: string, request: ConnectionRequest): Entry => {
    busy.add(id)
    const carrier = createPostCarrier({
      clock,
      budget: host.budgets.leaving,
      packetBytes: mostBytes,
      bufferedSize: HEADROOM * (bufferedBytes + mostBytes),
      accept: (carrier) => host.accept(carrier, request),
      closed: () => remember(id),
      drained: () => settle(id),
      forgotten: () => forget(id),
    })
    const entry = { carrier, origin: request.headers['origin'] }
    entries.set(id, entry)
    return entry
  }

  /** The status of an exchange with an unknown carrier that is not about to begin one. */
  const refusal = (push: number | undefined, got: number, lines: string): number | undefined => {
    if (push !== 1 || got > 0) return 410
    if (!/[^\n]/.test(lines)) return 400
    return onDrained || entries.size - remembered.size >= most ? 503 : undefined
  }

  return {
    exchange(request, body, answer) {
      const refuse = (status: number): (() => void) => {
        answer.send(status, '')
        return () => {}
      }
      const opened = openEnvelope(body)
      if (!opened) return refuse(400)
      const { envelope, lines } = opened
      const known = entries.get(envelope.carrier)
      const isOpening = !known && envelope.push === 1
      // Who was refused may ask again for the words that said so.
      if (!isOpening && !host.isAllowed(request) && known?.origin !== request.headers['origin']) return refuse(403)
      const status = known ? undefined : refusal(envelope.push, envelope.got, lines)
      if (status !== undefined) return refuse(status)
      const { carrier } = known ?? open(envelope.carrier, request)
      return carrier.take({ envelope, lines, answer })
    },
    close(drained) {
      onDrained = drained
      if (busy.size === 0) drained()
    },
    terminate() {
      onDrained ??= () => {}
      for (const { carrier } of entries.values()) carrier.terminate()
      for (const id of [...entries.keys()]) forget(id)
    },
  }
}
