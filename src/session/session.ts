import { createInbox } from '../kernel/inbox.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { type Heartbeat, freshLiveness, judge, livenessDeadline, observe } from '../kernel/liveness.ts'
import { type DropReason, type Encoded, type Entry, type OutboxBounds, createOutbox, sizeOf } from '../kernel/outbox.ts'
import { CloseCode } from '../kernel/close-codes.ts'
import type { Clock } from '../platform/clock.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { decodeBinary, decodeControl, decodeFrame } from '../wire/decode.ts'
import { encodeControl } from '../wire/encode.ts'
import { type Bye, type Control, type CountedFrame, FIRST_LIMIT, type Welcome } from '../wire/frames.ts'

/** Frames are gathered into packets of about this many characters: large enough to make a packet's cost small, small enough to be on its way soon. */
const PACKET_SIZE = 65_536
/** An acknowledgement is due after so many messages, bytes, or milliseconds. docs/protocol.md#acknowledging */
const ACK_MESSAGES = 64
const ACK_BYTES = 262_144
const ACK_DELAY = 1_000
/** A volatile message is dropped where more than this many bytes have not even left the process. */
const CONGESTED = 65_536
/** Producers (streams) rest while so much is waiting or unacknowledged. */
const BACKLOG_MESSAGES = 1_000
const BACKLOG_BYTES = 1_048_576

/** What a session needs from the endpoint that owns it: the client's runtime or the server's acceptor. */
export interface SessionHost {
  readonly clock: Clock
  readonly heartbeat: Heartbeat
  readonly bounds: OutboxBounds
  /** A message for the application. MUST NOT throw. */
  deliver(frame: CountedFrame): void
  /** Something arrived that cannot be used; the connection goes on. */
  fault(error: HoldfastError): void
  welcome?(welcome: Welcome): void
  bye(bye: Bye): void
  /** The carrier is of no use any more. */
  broken(code: number, error: HoldfastError): void
  /** A queued message will not be sent. */
  dropped(frame: Encoded, why: DropReason): void
  /** The outbox has no room for this message: throw, or do what the bounds say. */
  overflow(item: Encoded | Entry): void
  /** Counters or deadlines may have moved. */
  changed(): void
}

/** One end's half of the conversation: numbers, acknowledgements, replay and liveness. Both ends use this very code. */
export interface Session {
  /** How many of the other side's frames were delivered here. */
  readonly got: number
  /** The number of the first frame that the next carrier starts with. */
  readonly from: number
  readonly queued: number
  readonly unacknowledged: number
  /** Bytes that wait to be sent or acknowledged. */
  readonly bytes: number
  /** Smoothed round trip in milliseconds, -1 until measured. */
  readonly roundTrip: number
  /** When `due` must be called next, in the clock's time; Infinity for never. */
  readonly deadline: number
  /** The most bytes one frame may have; undefined until the other side told. */
  limit: number | undefined
  /** Queues a frame for sending, exactly once and in order. */
  push(item: Encoded | Entry, force?: boolean): void
  /** Takes back what has not been sent. False if it has been. */
  withdraw(entry: Entry): boolean
  /** Sends a line now or never. */
  volatile(line: string): void
  /** Begins to use a carrier; `opening` goes out at once with everything that waits behind it, unless that is held until `resume`. */
  attach(carrier: Carrier, opening: Control, hold?: boolean): void
  /** The other side told where it stands. False if that cannot be continued. */
  resume(from: number, got: number): boolean
  /** Stops using the carrier, which is returned for the owner to close. Frames wait for the next one. */
  detach(): Carrier | undefined
  /** Takes what a carrier brought; ignored unless it is the attached one. */
  receive(carrier: Carrier, packet: Packet): void
  /** Does what is due at this time. */
  due(): void
  /** Asks for a sign of life now. */
  probe(): void
  /** Resolves when all that was pushed so far is acknowledged. */
  flush(): Promise<void>
  /** A promise while too much is waiting, undefined while there is room. */
  backlog(): Promise<void> | undefined
  /** Sends the last control frame, with everything that still waits in front of it. */
  farewell(bye: Bye): void
  /** The other side forgot the session (after `got` frames, if it knows that much). Returns what was out, oldest first. */
  reset(got: number | undefined): Encoded[]
  /** After a reset: these go out again, and of what waits only what `keep` accepts. */
  restart(frames: Encoded[], keep: (frame: Encoded) => boolean): void
  /** The end: whoever waits is told why. */
  end(error: HoldfastError): void
}

export const createSession = (host: SessionHost): Session => {
  const { clock, heartbeat } = host
  const outbox = createOutbox(host.bounds, (frame, why) => host.dropped(frame, why))
  const inbox = createInbox()
  let carrier: Carrier | undefined
  /** Both ends know where they stand: the welcome was received, or sent. */
  let resumed = false
  let limit: number | undefined
  let control: Control | undefined
  let volatiles: string[] = []
  let scheduled = false
  let liveness = freshLiveness(clock.now())
  let attachedAt = 0
  let held = false
  let pings = 0
  let owed = 0
  let owedBytes = 0
  let ackAt = Infinity
  let flushes: { number: number; resolve: () => void; reject: (error: HoldfastError) => void }[] = []
  let rests: (() => void)[] = []

  const settleDebt = (): void => {
    owed = owedBytes = 0
    ackAt = Infinity
  }

  const schedule = (): void => {
    if (scheduled || !carrier) return
    scheduled = true
    clock.soon(() => {
      scheduled = false
      send()
    })
  }

  const signal = (part: Control): void => {
    control = { ...control, ...part }
    schedule()
  }

  const send = (opening?: Control): void => {
    if (!carrier) return
    const to = carrier
    let lines: string[] = opening ? [encodeControl(opening)] : []
    let size = 0
    const ship = (): void => {
      if (lines.length > 0) to.send(lines.join('\n'))
      lines = []
      size = 0
    }
    const room = limit ?? FIRST_LIMIT
    const now = clock.now()
    for (let frame; !held && (frame = outbox.next(room, now)) !== undefined;) {
      if (typeof frame === 'string') {
        if (size + frame.length > PACKET_SIZE) ship()
        size += frame.length
        lines.push(frame)
      } else {
        ship()
        to.send(frame)
      }
    }
    lines.push(...volatiles)
    volatiles = []
    if (control) {
      lines.push(encodeControl({ ...control, ack: inbox.got }))
      control = undefined
      settleDebt()
    }
    ship()
    liveness = observe(liveness, { type: 'outstanding', bytes: outbox.unacknowledgedBytes, progress: false }, now)
    host.changed()
  }

  const hasBacklog = (): boolean =>
    outbox.queued + outbox.unacknowledged > BACKLOG_MESSAGES || outbox.bytes > BACKLOG_BYTES

  const settle = (): void => {
    flushes = flushes.filter((flush) => flush.number > outbox.acknowledged || flush.resolve())
    if (hasBacklog()) return
    for (const resume of rests.splice(0)) resume()
  }

  const acknowledged = (number: number): boolean => {
    const before = outbox.acknowledged
    if (!outbox.acknowledge(number)) return false
    if (outbox.acknowledged > before) {
      const bytes = outbox.unacknowledgedBytes
      liveness = observe(liveness, { type: 'outstanding', bytes, progress: true }, clock.now())
      settle()
    }
    return true
  }

  const broken = (why: string): void => host.broken(CloseCode.malformed, new HoldfastError('protocol', why))

  const receiveCounted = (encoded: Encoded): void => {
    if (!resumed)
      return broken('A message came before the session was opened. The other side is no holdfast.v1 endpoint.')
    if (inbox.admit()) {
      const frame = typeof encoded === 'string' ? decodeFrame(encoded) : decodeBinary(encoded)
      if (frame instanceof HoldfastError) host.fault(frame)
      else host.deliver(frame)
      inbox.delivered()
    }
    owedBytes += encoded.length
    if (++owed >= ACK_MESSAGES || owedBytes >= ACK_BYTES) signal({})
    else if (ackAt === Infinity) ackAt = clock.now() + ACK_DELAY
  }

  const receiveControl = (line: string): void => {
    const { welcome, ack, ping, pong, bye, volatile, hello } = decodeControl(line, host.fault)
    if (welcome) host.welcome?.(welcome)
    if (hello) return broken('A second hello came on one connection.')
    if (ack !== undefined && !acknowledged(ack))
      return broken(`Message ${ack} was acknowledged, but only ${outbox.last} were sent.`)
    if (ping !== undefined) signal({ pong: ping })
    if (pong === pings && liveness.askedAt < Infinity) {
      const now = clock.now()
      liveness = observe(liveness, { type: 'answered', roundTrip: now - liveness.askedAt }, now)
    }
    if (volatile && resumed) host.deliver(volatile)
    if (bye) host.bye(bye)
  }

  const probe = (): void => {
    if (!carrier || !resumed) return
    liveness = observe(liveness, { type: 'asked' }, clock.now())
    control = { ...control, ping: ++pings }
    send()
  }

  const mark = (flush: (typeof flushes)[number]): void => {
    const onMark = (number: number): void => {
      flush.number = number
      if (number > outbox.acknowledged && resumed) signal({ ping: ++pings })
    }
    outbox.push({ frame: undefined, mark: onMark })
    schedule()
  }

  return {
    get got() {
      return inbox.got
    },
    get from() {
      return outbox.acknowledged + 1
    },
    get queued() {
      return outbox.queued
    },
    get unacknowledged() {
      return outbox.unacknowledged
    },
    get bytes() {
      return outbox.bytes
    },
    get roundTrip() {
      return liveness.roundTrip
    },
    get deadline() {
      return carrier && resumed ? Math.min(ackAt, livenessDeadline(liveness, heartbeat)) : Infinity
    },
    get limit() {
      return limit
    },
    set limit(bytes) {
      limit = bytes
      outbox.filter((frame) => sizeOf(frame) <= bytes! || (host.dropped(frame, 'too-large'), false))
      schedule()
    },
    push(item, force) {
      const frame = typeof item === 'string' || item instanceof Uint8Array ? item : item.frame!
      if (limit! < sizeOf(frame))
        throw new HoldfastError(
          'too-large',
          `A message of ${sizeOf(frame)} bytes is over the ${limit} that the other side takes. Split it.`,
        )
      if (!outbox.push(item, force)) host.overflow(item)
      schedule()
    },
    withdraw: outbox.withdraw,
    volatile(line) {
      if (!carrier || !resumed || carrier.bufferedAmount > CONGESTED) return
      volatiles.push(line)
      schedule()
    },
    attach(next, opening, hold = false) {
      carrier = next
      held = hold
      attachedAt = clock.now()
      liveness = freshLiveness(attachedAt, liveness)
      control = undefined
      outbox.rewind()
      send(opening)
    },
    resume(from, got) {
      resumed = inbox.expect(from) && acknowledged(got)
      // The client learns its first round trip from hello and welcome; the server resumes before it attaches.
      const now = clock.now()
      if (carrier && liveness.roundTrip < 0)
        liveness = observe(liveness, { type: 'answered', roundTrip: now - attachedAt }, now)
      if (held) schedule()
      held = false
      if (flushes.length > 0) signal({ ping: ++pings })
      return resumed
    },
    detach() {
      const former = carrier
      carrier = undefined
      resumed = false
      settleDebt()
      volatiles = []
      return former
    },
    receive(from, packet) {
      if (from !== carrier) return
      liveness = observe(liveness, { type: 'heard' }, clock.now())
      if (typeof packet !== 'string') receiveCounted(packet)
      else
        for (const line of packet.split('\n')) {
          if (line.startsWith('{')) receiveControl(line)
          else if (line !== '') receiveCounted(line)
          if (from !== carrier) return
        }
      host.changed()
    },
    due() {
      if (!carrier || !resumed) return
      const now = clock.now()
      if (ackAt <= now) signal({})
      const [next, verdict] = judge(liveness, heartbeat, now)
      liveness = next
      if (verdict === 'ask') probe()
      else if (verdict === 'dead')
        host.broken(
          CloseCode.timeout,
          new HoldfastError(
            'unresponsive',
            `Nothing was heard for ${Math.round(now - liveness.heardAt)} ms, not even the answer to a ping.`,
          ),
        )
    },
    probe,
    flush: () =>
      new Promise((resolve, reject) => {
        const flush = { number: Infinity, resolve, reject }
        flushes.push(flush)
        mark(flush)
        settle()
      }),
    backlog: () => (hasBacklog() ? new Promise((resolve) => rests.push(resolve)) : undefined),
    farewell(bye) {
      control = { ...control, bye }
      send()
    },
    reset(got) {
      if (got !== undefined) acknowledged(Math.min(got, outbox.last))
      inbox.reset()
      return outbox.reset()
    },
    restart(frames, keep) {
      outbox.filter(keep)
      outbox.requeue(frames)
      for (const flush of flushes) {
        flush.number = Infinity
        mark(flush)
      }
      settle()
    },
    end(error) {
      for (const { reject } of flushes.splice(0)) reject(error)
      for (const resume of rests.splice(0)) resume()
    },
  }
}
