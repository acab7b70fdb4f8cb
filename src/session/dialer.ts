import { MALFORMED, errorCodeOf, isPathFailure } from '../kernel/close-codes.ts'
import { HoldfastError, NOT_OURS } from '../kernel/errors.ts'
import { type Ladder, type LadderInput, type Phase, type Rung, climb, groundLadder } from '../kernel/ladder.ts'
import { createHttpTransport } from '../transports/http.ts'
import type { Carrier, CarrierEvents, Packet, Transport } from '../transports/transport.ts'
import { addressOf, shownOf } from '../transports/url.ts'
import type { RetryHint } from '../protocol/frames.ts'
import { type Provided, ask } from './dial.ts'
import type { ProviderContext } from './provider.ts'
import { recall, store } from './recollection.ts'
import type { ClientSettings, Platform } from './settings.ts'
import { type CarrierEntry, type Tell, tapped, tellPacket } from './trace.ts'

/** What the dialer needs of the client. */
export interface DialerHost {
  /** The session's own measure, -1 until there is one. */
  roundTrip(): number
  /** The session goes on over this carrier, whatever carried it before. */
  claim(carrier: Carrier, credentials: unknown): void
  message(carrier: Carrier, packet: Packet): void
  /** The try, or the connection, is over. */
  ended(code: number, cause: HoldfastError, retry?: RetryHint | false): void
  /** The deadline may have moved. */
  changed(): void
  /** If somebody wants to know. */
  readonly tell: Tell | undefined
}

/** Finds a carrier that works, and a better one while the session is on it: interprets the ladder's effects. */
export interface Dialer {
  /** A new try. */
  begin(context: ProviderContext): void
  /** Everything is given up; `died`: what was in use did not answer any more. */
  drop(died: boolean): void
  /** It carries the session: what was learnt is kept for the next page. */
  welcomed(): void
  deadline(): number
  due(): void
  /** Another network: nothing that was learnt need hold. */
  network(): void
}

interface Dial {
  carrier?: Carrier
  credentials?: unknown
}

/** What a closed connection is called in the application. */
export const closedBy = (code: number, reason: string): HoldfastError =>
  new HoldfastError(errorCodeOf(code), `${reason} (code ${code}).`)

export const createDialer = (
  settings: ClientSettings,
  { clock, random, memory, network, transport, post }: Platform,
  host: DialerHost,
): Dialer => {
  const transports: Record<Rung, Transport | undefined> = {
    websocket: transport,
    http:
      post &&
      createHttpTransport({ post: post(settings.credentials), clock, random }, settings.transport !== 'long-polling'),
  }
  const wanted = settings.transport === 'long-polling' ? 'http' : settings.transport
  const route = `route=${random.id().slice(0, 8)}`
  const dials: Partial<Record<Rung, Dial>> = {}
  let ladder: Ladder = groundLadder
  let context: ProviderContext | undefined
  /** This is not the first try. */
  let isCautious = false
  let provided: Provided
  let target: URL | undefined
  let remembered = { httpUntil: 0, roundTrip: -1 }
  let failure: readonly [code: number, cause: HoldfastError]

  const roundTrip = (): number => {
    const measured = host.roundTrip()
    return measured >= 0 ? measured : remembered.roundTrip >= 0 ? remembered.roundTrip : network.roundTrip()
  }
  const remember = (measured = remembered.roundTrip): void => {
    remembered = { httpUntil: ladder.httpUntil, roundTrip: measured }
    store(memory, target!.host, remembered)
  }
  const trace = (event: CarrierEntry['event'], carrier: Rung, phase: Phase, cause?: HoldfastError): void =>
    host.tell?.({ type: 'carrier', carrier, event, phase, ...(cause && { cause }) })

  const step = (input: LadderInput): void => {
    const before = ladder
    const [next, ...effects] = climb(before, input, {
      ...settings,
      now: clock.now(),
      chance: random.float(),
      transport: transports.http ? wanted : 'websocket',
      roundTrip: roundTrip(),
      cautious: isCautious,
      handshake: /^(wss|https):/.test(target?.protocol ?? '') ? 4 : 2,
    })
    ladder = next
    if (next.httpUntil !== before.httpUntil && target) remember()
    for (const effect of effects) {
      // One of them ended the try.
      if (ladder !== next) return
      if (effect.type === 'fail') return host.ended(...failure)
      trace(effect.type, effect.rung, before[effect.rung])
      perform[effect.type](effect.rung)
    }
    host.changed()
  }

  const fail = (rung: Rung, code: number, cause: HoldfastError): void => {
    const phase = ladder[rung]
    const told = !isPathFailure(code)
    // What was asked in vain says less than what failed before.
    if (told || phase !== 'asking') failure = [code, cause]
    trace('failed', rung, phase, cause)
    // It may be open, and have no credentials.
    perform.drop(rung)
    step({ type: 'failed', rung, told })
  }

  const open = (rung: Rung, dial: Dial): void => {
    let why = `No connection to ${shownOf(target!.href)}: is the server up, and does it speak holdfast.v1?`
    let missing = 2
    const arrived = (): void => {
      if (--missing === 0 && dials[rung] === dial) step({ type: 'ready', rung })
    }
    const isBare = ladder[rung] === 'asking'
    const events: CarrierEvents = {
      open: () => (isBare ? fail(rung, MALFORMED, closedBy(MALFORMED, NOT_OURS)) : arrived()),
      message(packet) {
        tellPacket(host.tell, rung, 'down', packet)
        // Only now is it one: requests begin before anybody answers, and proxies open WebSockets in the server's name.
        why = 'The connection broke'
        const phase = ladder[rung]
        if (phase === 'probing' || phase === 'claimed') {
          trace('heard', rung, phase)
          step({ type: 'heard', rung })
        }
        // Whatever answered the probe was not for the session.
        if (phase !== 'probing') host.message(dial.carrier!, packet)
      },
      close(code, reason, retryAfter) {
        const isPath = isPathFailure(code)
        const cause = closedBy(code, reason ? (isPath ? `${reason}. ${why}` : reason) : why)
        const isInUse = ladder[rung] === 'claimed' || ladder[rung] === 'heard'
        if (isPath || !isInUse) fail(rung, code, cause)
        else host.ended(code, cause, retryAfter ? { after: retryAfter } : undefined)
      },
    }
    dial.carrier = tapped(host.tell, rung, transports[rung]!(target!.href, events, isBare ? [] : undefined))
    provided.auth((credentials) => {
      dial.credentials = credentials
      arrived()
    })
  }

  const invalid = (url: unknown, error: unknown): void =>
    host.ended(
      0,
      new HoldfastError('invalid-option', `Cannot connect to ${shownOf(url)}: ${(error as Error).message}`, error),
      false,
    )

  /** Calls back when it is known where to go. */
  const locate = (use: () => void): void =>
    provided.url((given) => {
      try {
        const url = addressOf(given)
        // Appended as text: parsing and writing a query anew may change it, and it may be signed.
        if (!url.searchParams.has('route')) url.search += (url.search ? '&' : '?') + route
        // While the session is elsewhere, what is known of that stays.
        if (ladder.http !== 'heard' && url.host !== target?.host) {
          remembered = recall(memory, url.host, clock.now())
          ladder = { ...ladder, httpUntil: remembered.httpUntil }
        }
        target = url
      } catch (error) {
        return invalid(given, error)
      }
      use()
    })

  const perform = {
    dial(rung: Rung) {
      const dial: Dial = {}
      dials[rung] = dial
      const go = (): void => {
        try {
          if (dials[rung] === dial) open(rung, dial)
        } catch (error) {
          invalid(target!.href, error)
        }
      }
      if (ladder.http !== 'heard') return go()
      // Credentials, and a signed URL, may have run out while the session was on the other carrier.
      provided = ask(settings, context!, (error) => dials[rung] === dial && fail(rung, 0, error))
      locate(go)
    },
    claim: (rung: Rung) => host.claim(dials[rung]!.carrier!, dials[rung]!.credentials),
    probe: (rung: Rung) => dials[rung]!.carrier!.send('{"ping":0}'),
    drop(rung: Rung) {
      dials[rung]?.carrier?.close()
      delete dials[rung]
    },
  }

  return {
    begin(next) {
      isCautious = !!context
      context = next
      provided = ask(settings, next, (error) => host.ended(0, error))
      locate(() => step({ type: 'begin' }))
    },
    drop(died) {
      for (const rung of Object.keys(dials) as Rung[]) perform.drop(rung)
      step({ type: 'drop', died })
    },
    welcomed() {
      const measured = host.roundTrip()
      const { roundTrip } = remembered
      // Over HTTP, a connection may have been opened within it.
      remember(ladder.http === 'heard' && roundTrip >= 0 ? Math.min(measured, roundTrip) : measured)
    },
    deadline: () => ladder.deadline,
    due: () => step({ type: 'due' }),
    network: () => step({ type: 'network' }),
  }
}
