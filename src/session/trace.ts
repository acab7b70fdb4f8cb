import { type HoldfastError, excerpt } from '../kernel/errors.ts'
import type { Phase, Rung } from '../kernel/ladder.ts'
import { sizeOf } from '../kernel/size.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import type { Clock } from '../platform/clock.ts'
import type { Status } from './status.ts'

/** One step of the way to a carrier that works. */
export interface CarrierEntry {
  readonly type: 'carrier'
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly carrier: Rung
  /**
   * `dial`: it is opened. `claim`: the session goes on over it. `probe`: it is asked for a sign of life first. `heard`: it works.
   * `failed`: it could not be opened, or broke. `drop`: it was given up.
   */
  readonly event: 'dial' | 'claim' | 'probe' | 'heard' | 'failed' | 'drop'
  /** How far it had come before. */
  readonly phase: Phase
  /** Why it failed. */
  readonly cause?: HoldfastError
}

/** What was handed to a carrier (`up`), or came from it, as docs/protocol.md has it, without its secrets. */
export interface PacketEntry {
  readonly type: 'packet'
  readonly at: number
  readonly carrier: Rung
  readonly direction: 'up' | 'down'
  /** In hello and welcome, `session`, `nonce`, `life` and `auth` are `…`. */
  readonly data: Packet
}

/** The status, at the beginning and after each change. */
export interface StatusEntry {
  readonly type: 'status'
  readonly at: number
  readonly status: Status
}

/** What the `trace` option is told. */
export type TraceEntry = CarrierEntry | PacketEntry | StatusEntry

/** Who is told. A console prints a line of each, of the status where its state changes. */
export type Trace = ((entry: TraceEntry) => void) | Pick<Console, 'debug'>

type Untimed<E> = E extends unknown ? Omit<E, 'at'> : never
/** Tells, and never throws. */
export type Tell = (entry: Untimed<TraceEntry>) => void

/** Speaks of a hello or a welcome, and is no counted frame: other servers may write it otherwise, or send it back. */
const OPENING = /^[^[].*"(hello|welcome)"/s
/** docs/protocol.md#opening */
const SECRET = /^(session|nonce|life|auth)$/

const redact = (line: string): string => {
  if (!OPENING.test(line)) return line
  try {
    return JSON.stringify(JSON.parse(line), (key, value: unknown) => (SECRET.test(key) ? '…' : value))
  } catch {
    return '…'
  }
}

const lineOf = (entry: TraceEntry): string => {
  if (entry.type === 'packet') {
    const { carrier, direction, data } = entry
    const text = typeof data === 'string' ? data : String.fromCharCode(...data.subarray(0, 80))
    return `${direction === 'up' ? '↑' : '↓'} ${carrier} ${sizeOf(data)} B ${excerpt(text).replaceAll('\n', ' ')}`
  }
  const [what, { cause }] =
    entry.type === 'status'
      ? [entry.status.state, entry.status]
      : [`${entry.carrier} ${entry.event}, ${entry.phase}`, entry]
  return what + (cause ? `: ${cause.message}` : '')
}

/** Undefined where nobody wants to know: that costs nothing. `thrown`: what whoever was told threw. */
export const createTrace = (
  trace: Trace | undefined,
  clock: Clock,
  thrown: (error: unknown, where: string) => void,
): Tell | undefined => {
  let state = ''
  const print = (entry: TraceEntry): void => {
    // The status has counters, which change with every message.
    if (entry.type === 'status' && state === (state = entry.status.state)) return
    ;(trace as Pick<Console, 'debug'>).debug(`holdfast ${lineOf(entry)}`)
  }
  const tell = typeof trace === 'function' ? trace : trace && print
  return (
    tell &&
    ((entry) => {
      try {
        tell({ ...entry, at: clock.now() })
      } catch (error) {
        thrown(error, 'The `trace` function')
      }
    })
  )
}

/** Tells of what a carrier is handed, or brings. An empty packet is a sign of life, and tells nothing. */
export const tellPacket = (
  tell: Tell | undefined,
  carrier: Rung,
  direction: PacketEntry['direction'],
  packet: Packet,
): void => {
  if (!tell || !packet.length) return
  const data = typeof packet === 'string' ? packet.split('\n').map(redact).join('\n') : packet
  tell({ type: 'packet', carrier, direction, data })
}

/** The same carrier, which tells what it is handed. */
export const tapped = (tell: Tell | undefined, rung: Rung, carrier: Carrier): Carrier => {
  const send: Carrier['send'] = (packet, patient) => {
    tellPacket(tell, rung, 'up', packet)
    carrier.send(packet, patient)
  }
  return tell ? (Object.create(carrier, { send: { value: send } }) as Carrier) : carrier
}
