import { MALFORMED, TIMEOUT } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { type Heartbeat, createLiveness } from '../kernel/liveness.ts'
import { type DropReason, type Encoded, type Outbox, type OutboxBounds, createOutbox } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import { decodeControl, decodeFrame } from '../wire/decode.ts'
import { type Bye, type Control, type CountedFrame, FIRST_LIMIT, type Welcome } from '../wire/frames.ts'

/** Frames are gathered into packets of about this many characters: a packet's cost is small beside it, and it is on its way soon. */
const PACKET_SIZE = 65_536
/** An acknowledgement is due after so many messages, characters, or milliseconds. docs/protocol.md#acknowledging */
const ACK_MESSAGES = 64
const ACK_SIZE = 262_144
const ACK_DELAY = 1_000
/** A volatile message is dropped where more than this many bytes have not even left the process. */
const CONGESTED = 65_536

/** What a session needs from the endpoint that owns it: the client's runtime, or the server's. */
export interface SessionHost {
  readonly clock: Clock
  readonly heartbeat: Heartbeat
  readonly bounds: OutboxBounds
  /** A message for the application. MUST NOT throw. */
  deliver(frame: CountedFrame): void
  /** Something arrived that cannot be used; the connection goes on. */
  fault(error: HoldfastError): void
  /** Only a client is welcomed. */
  welcome?(welcome: Welcome): void
  bye(bye: Bye): void
  /** The carrier is of no use any more. */
  broken(code: number, error: HoldfastError): void
  /** A queued message will not be sent. */
  dropped(frame: Encoded, why: DropReason): void
  /** Counters or deadlines may have moved. */
  changed(): void
}

/** One end's half of a conversation: numbers, acknowledgements, replay and liveness. Both ends use this very code. */
export interface Session {
  readonly outbox: Outbox
  /** How many of the other side's frames were delivered here. A frame counts when its handler has returned. */
  readonly got: number
  /** Smoothed round trip in milliseconds, -1 until measured. */
  readonly roundTrip: number
  /** The most bytes that a frame may have; undefined until the other side told. */
  limit: number | undefined
  /** When `due` must be called next, in the clock's time; Infinity for never. */
  deadline(): number
  /** Does what is due. */
  due(): void
  /** Something waits to be sent: it goes out when the task is done. */
  schedule(): void
  /** Sends a control line now or never. */
  volatile(line: string): void
  /** Begins to use a carrier. `opening` goes out at once, and what waits behind it, unless `hold` keeps that until `resume`. */
  attach(carrier: Carrier, opening: Control, hold?: boolean): void
  /** The other side told where it stands. False if that cannot be continued. */
  resume(from: number, got: number): boolean
  /** Stops using the carrier; frames wait for the next one. */
  detach(): void
  /** Takes what a carrier brought; ignored unless it is the attached one. */
  receive(carrier: Carrier, packet: Packet): void
  /** Asks for a sign of life now. */
  probe(): void
  /** Resolves when all that was pushed so far is acknowledged. */
  flush(): Promise<void>
  /** Sends the last control frame, with everything that waits in front of it. */
  farewell(bye: Bye): void
  /** Another session begins: nothing was got, nothing is numbered. Returns what was out and what waited. */
  clear(): ReturnType<Outbox['clear']>
  /** The end: whoever waits is told why. */
  end(error: HoldfastError): void
}

export const createSession = (host: SessionHost): Session => {
  const { clock, heartbeat } = host
  const liveness = createLiveness(heartbeat)
  const outbox = createOutbox(host.bounds, host.dropped)
  let got = 0
  /** The number of the next counted frame on this carrier: numbers are given by order alone. */
  let next = 1
  let carrier: Carrier | undefined
  let attachedAt = 0
  /** Both ends know where they stand: the welcome was received, or sent. */
  let resumed = false
  let held = false
  let scheduled = false
  let control: Control | undefined
  let volatiles: string[] = []
  let pings = 0
  let owed = 0
  let owedSize = 0
  let ackAt = Infinity
  let flushes: { number: number; resolve: () => void; reject: (error: HoldfastError) => void }[] = []

  /** The next packet carries this, and an acknowledgement. */
  const signal = (part?: Control): void => {
    control = { ...control, ...part }
    session.schedule()
  }

  const send = (opening?: Control): void => {
    scheduled = false
    const to = carrier
    if (!to) return
    let lines: string[] = []
    let size = 0
    const ship = (): void => {
      if (lines.length > 0) to.send(lines.join('\n'))
      lines = []
      size = 0
    }
    if (opening) lines.push(JSON.stringify(opening))
    const now = clock.now()
    const { limit } = session
    for (let frame; !held && (frame = outbox.next(now, limit ?? FIRST_LIMIT, limit !== undefined));) {
      if (size + frame.length > PACKET_SIZE || typeof frame !== 'string') ship()
      if (typeof frame === 'string') size += lines.push(frame) && frame.length
      else to.send(frame)
    }
    lines.push(...volatiles)
    volatiles = []
    if (control) {
      lines.push(JSON.stringify({ ...control, ack: got }))
      control = undefined
      owed = owedSize = 0
      ackAt = Infinity
    }
    ship()
    liveness.out(outbox.bytes, false, now)
    host.changed()
  }

  const settle = (): void => {
    const done = flushes.filter(({ number }) => number <= outbox.acknowledged || outbox.bytes === 0)
    flushes = flushes.filter((flush) => !done.includes(flush))
    for (const { resolve } of done) resolve()
  }

  const acknowledge = (number: number): boolean => {
    const before = outbox.acknowledged
    const isValid = outbox.acknowledge(number)
    if (outbox.acknowledged > before) {
      liveness.out(outbox.bytes, true, clock.now())
      settle()
    }
    return isValid
  }

  const broken = (why: string): void => host.broken(MALFORMED, new HoldfastError('protocol', why))

  const receiveCounted = (encoded: Encoded): void => {
    if (!resumed) return broken('A message came before the session was opened.')
    if (next++ > got) {
      const frame = decodeFrame(encoded)
      if (frame instanceof HoldfastError) host.fault(frame)
      else host.deliver(frame)
      got = next - 1
    }
    owedSize += encoded.length
    if (++owed >= ACK_MESSAGES || owedSize >= ACK_SIZE) signal()
    else ackAt = Math.min(ackAt, clock.now() + ACK_DELAY)
  }

  const receiveControl = (line: string): void => {
    const { welcome, ack = 0, ping, pong, bye, volatile } = decodeControl(line, host.fault)
    if (welcome) host.welcome?.(welcome)
    if (!acknowledge(ack)) return broken(`Message ${ack} was acknowledged and never sent.`)
    if (ping !== undefined) signal({ pong: ping })
    if (pong === pings) liveness.answered(clock.now())
    if (volatile && resumed) host.deliver(volatile)
    if (bye) host.bye(bye)
  }

  const session: Session = {
    outbox,
    get got() {
      return got
    },
    get roundTrip() {
      return liveness.roundTrip
    },
    limit: undefined,
    deadline: () => (resumed ? Math.min(ackAt, liveness.deadline()) : Infinity),
    due() {
      if (!resumed) return
      const now = clock.now()
      if (ackAt <= now) signal()
      const verdict = liveness.judge(now)
      if (verdict === 'ask') session.probe()
      if (verdict === 'dead')
        host.broken(TIMEOUT, new HoldfastError('unresponsive', 'No answer came, not even to a ping.'))
    },
    schedule() {
      if (scheduled || !carrier) return
      scheduled = true
      clock.soon(send)
    },
    volatile(line) {
      if (!resumed || carrier!.bufferedAmount > CONGESTED) return
      volatiles.push(line)
      session.schedule()
    },
    attach(to, opening, hold = false) {
      carrier = to
      held = hold
      attachedAt = clock.now()
      liveness.start(attachedAt)
      control = undefined
      outbox.rewind()
      send(opening)
    },
    resume(from, peerGot) {
      next = from
      resumed = from <= got + 1 && acknowledge(peerGot)
      held = false
      // A client learns its first round trip from hello and welcome; a server resumes before it attaches.
      if (carrier && liveness.roundTrip < 0) liveness.answered(clock.now(), attachedAt)
      if (flushes.length > 0) signal({ ping: ++pings })
      settle()
      session.schedule()
      return resumed
    },
    detach() {
      carrier = undefined
      resumed = false
      owed = owedSize = 0
      ackAt = Infinity
      volatiles = []
    },
    receive(from, packet) {
      if (from !== carrier) return
      liveness.heard(clock.now())
      if (typeof packet !== 'string') receiveCounted(packet)
      else
        for (const line of packet.split('\n')) {
          if (line[0] === '{') receiveControl(line)
          else if (line) receiveCounted(line)
          if (from !== carrier) return
        }
      host.changed()
    },
    probe() {
      if (!resumed) return
      liveness.asked(clock.now())
      signal({ ping: ++pings })
    },
    flush: () =>
      new Promise((resolve, reject) => {
        flushes.push({ number: outbox.acknowledged + outbox.sent.length + outbox.queued, resolve, reject })
        if (resumed) signal({ ping: ++pings })
        settle()
      }),
    farewell(bye) {
      control = { ...control, bye }
      send()
    },
    clear() {
      got = 0
      next = 1
      const all = outbox.clear()
      // Numbers begin anew: a flush waits until the outbox is empty.
      for (const flush of flushes) flush.number = Infinity
      return all
    },
    end(error) {
      for (const { reject } of flushes.splice(0)) reject(error)
    },
  }
  return session
}
