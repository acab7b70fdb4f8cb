import { INTERNAL, MALFORMED, TIMEOUT, TOO_MANY, UNAUTHORIZED } from '../kernel/close-codes.ts'
import { HoldfastError, RequestError, thrownBy } from '../kernel/errors.ts'
import { sizeOf } from '../kernel/size.ts'
import type { Clock } from '../platform/clock.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { decodeControl, isCount, isId, optional, shape } from '../protocol/decode.ts'
import type { Bye, Hello, RetryHint } from '../protocol/frames.ts'
import type { Budget } from './budget.ts'
import { dismiss } from './dismiss.ts'
import { type ConnectionRequest, type Limits, packetBytes } from './options.ts'
import { isDeep } from './parts.ts'
import type { Peer } from './session.ts'

/** Milliseconds that `authenticate` may take until the client is told that its hello came through. */
const PATIENCE = 50

const isHello = shape({
  session: isId,
  nonce: isId,
  attempt: isCount,
  from: (from) => isCount(from) && from !== 0,
  got: isCount,
  life: optional(isId),
  age: optional(isCount),
  blobs: optional(isCount),
})

interface Opening {
  readonly hello: Hello | undefined
  /** Of the pings before it, the last one. */
  readonly ping: number | undefined
  /** What follows, or stands in its place. */
  readonly rest: Packet
}

/** What a carrier begins with. */
const openingOf = (packet: Packet, fault: (error: HoldfastError) => void): Opening => {
  let ping: number | undefined
  for (let rest = packet; ;) {
    const line = typeof rest === 'string' ? rest.split('\n', 1)[0]! : ''
    const control =
      line.startsWith('{') && !isDeep(line) ? decodeControl(line, fault, { hello: isHello, ping: isCount }) : {}
    const behind = rest.slice(line.length + 1)
    if (control.hello) return { hello: control.hello, ping, rest: behind }
    if (control.ping === undefined) return { hello: undefined, ping, rest }
    ping = control.ping
    rest = behind
  }
}

/** What a carrier tells the server that accepted it. */
export interface AcceptedCarrier {
  message(packet: Packet): void
  /** What came was refused by the carrier itself, which closes. */
  fault(error: HoldfastError): void
  close(): void
}

/** Somebody who has not shown who it is. */
interface Stranger {
  message(packet: Packet): void
  leave(): void
}

/** A class, because every connection has one; what a stranger needs, and its request, goes when it is known. */
class Accepted<Identity> implements AcceptedCarrier {
  readonly #carrier: Carrier
  readonly fault: (error: HoldfastError) => void
  stranger: Stranger | undefined = undefined
  peer: Peer<Identity> | undefined = undefined

  constructor(carrier: Carrier, fault: (error: HoldfastError) => void) {
    this.#carrier = carrier
    this.fault = fault
  }

  message(packet: Packet): void {
    if (this.peer) this.peer.receive(this.#carrier, packet)
    else this.stranger?.message(packet)
  }

  close(): void {
    this.stranger?.leave()
    this.peer?.lose(this.#carrier)
  }
}

/** What the acceptor needs of the server. */
export interface AcceptorHost<Identity> {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'helloTimeout' | 'messageBytes' | 'connecting'>
  /** For what strangers send ahead. */
  readonly budget: Budget
  onError(error: HoldfastError): void
  /** When the client is to come again; undefined if it may go on now. */
  admit(hello: Hello): RetryHint | undefined
  /** Rejects with a `RequestError` for credentials that are not accepted. */
  authenticate(auth: unknown, request: ConnectionRequest): Promise<Identity>
  /** The carrier, which opened at this time of the clock, has shown who it is. Undefined if it was dismissed. */
  open(carrier: Carrier, hello: Hello, identity: Identity, openedAt: number): Peer<Identity> | undefined | void
}

const CROWD = 'Too many are connecting'

/** When those may come again who were one too many. */
export const LATER: RetryHint = { after: 1_000, spread: 5_000 }

/**
 * From a new carrier to its session: the first line must be a hello, or a ping that probes the carrier before it; `authenticate`
 * decides, and only then is anything else looked at. What comes meanwhile waits, within bounds.
 */
export const createAcceptor = <Identity>(host: AcceptorHost<Identity>) => {
  const { clock, onError } = host
  const { helloTimeout, messageBytes, connecting } = host.limits
  /** Those that have not said hello, the oldest first, and how to let each go. */
  const silent = new Set<() => void>()
  /** How many are being asked who they are. */
  let asking = 0
  /** One for all of them: to note where an error was made takes time, and there are thousands. */
  let crowd: HoldfastError | undefined

  return (carrier: Carrier, request: ConnectionRequest): AcceptedCarrier => {
    const accepted = new Accepted<Identity>(carrier, onError)
    const openedAt = clock.now()
    let waiting: Packet[] | undefined
    let waitingBytes = 0

    const refuse = (bye: Bye, error?: HoldfastError): void => {
      if (!accepted.stranger) return
      leave()
      dismiss(carrier, bye)
      if (error) onError(error)
    }
    const tooMuch = (reason: string, retry?: RetryHint): void =>
      refuse({ code: TOO_MANY, reason, ...(retry && { retry }) }, new HoldfastError('overflow', `${reason}.`))
    const giveWay = (): void => tooMuch(`More than ${connecting} connections that did not say who they are`, LATER)
    const account = host.budget.open(
      () => waitingBytes,
      () => tooMuch('Too much was sent ahead by all who connect', LATER),
    )
    /** It is no stranger any more, or not here. */
    const settle = (): void => {
      if (waiting) asking--
      waiting = undefined
      silent.delete(giveWay)
      account.close()
      disarm()
    }
    const leave = (): void => {
      accepted.stranger = undefined
      settle()
    }
    const disarm = clock.after(helloTimeout, () =>
      refuse({ code: TIMEOUT, reason: `No session within ${helloTimeout} ms` }),
    )

    const authenticate = async (hello: Hello): Promise<void> => {
      let identity: Identity
      // A carrier that was heard on works both ways: the client need not look for another one.
      const relax = clock.after(PATIENCE, () => carrier.send('{}'))
      try {
        identity = await host.authenticate(hello.auth, request)
      } catch (error) {
        if (error instanceof RequestError) return refuse({ code: UNAUTHORIZED, reason: error.message })
        const bye = { code: INTERNAL, reason: 'The server could not check the credentials' }
        return refuse(bye, thrownBy(error, '`authenticate`'))
      } finally {
        relax()
      }
      if (!accepted.stranger) return
      const packets = waiting!
      leave()
      const peer = host.open(carrier, hello, identity, openedAt) ?? undefined
      accepted.peer = peer
      for (const packet of packets) peer?.receive(carrier, packet)
    }

    const begin = (packet: Packet): void => {
      const { hello, ping, rest } = openingOf(packet, onError)
      if (ping !== undefined) carrier.send(JSON.stringify({ pong: ping }))
      if (hello) {
        const retry = host.admit(hello)
        if (retry) {
          crowd ??= new HoldfastError('try-later', `${CROWD}.`)
          return refuse({ code: TOO_MANY, reason: CROWD, retry }, crowd)
        }
        silent.delete(giveWay)
        asking++
        waiting = []
        if (rest.length > 0) hold(rest)
        void authenticate(hello)
      } else if (ping !== undefined && rest.length === 0) charge(packet)
      else {
        const reason = 'The first frame must be a hello'
        refuse({ code: MALFORMED, reason }, new HoldfastError('protocol', `${reason}.`))
      }
    }

    const hold = (packet: Packet): void => {
      waiting!.push(packet)
      charge(packet)
    }

    /** A client may send so much ahead of its welcome, and no more: memory and work for strangers are bounded. */
    const charge = (packet: Packet): void => {
      waitingBytes += sizeOf(packet)
      if (waitingBytes > packetBytes(messageBytes)) tooMuch('Too much was sent before the welcome')
      else account.update()
    }

    accepted.stranger = {
      message(packet) {
        // A sign of life is no frame.
        if (packet === '') return
        if (waiting) hold(packet)
        else begin(packet)
      },
      leave,
    }
    silent.add(giveWay)
    const [oldest] = silent.size + asking > connecting ? silent : []
    oldest?.()
    return accepted
  }
}
