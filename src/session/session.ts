import { MALFORMED, TIMEOUT } from '../kernel/close-codes.ts'
import { createDebt } from '../kernel/debt.ts'
import { HoldfastError, NOT_OURS } from '../kernel/errors.ts'
import { createLiveness } from '../kernel/liveness.ts'
import { type Encoded, isChunk } from '../kernel/message.ts'
import type { Mutable } from '../kernel/mutable.ts'
import { createOutbox } from '../kernel/outbox.ts'
import type { Carrier } from '../transports/transport.ts'
import { decodeControl, decodeFrame } from '../protocol/decode.ts'
import type { Control } from '../protocol/frames.ts'
import { createFlushes } from './flushes.ts'
import { createOutflow } from './outflow.ts'
import { type Packets, createPackets } from './packets.ts'
import { createPings } from './pings.ts'
import type { Session, SessionHost } from './ports.ts'

/** Questions of so many characters in one task go ahead: while the last are still being asked, the first are being answered. */
const HASTE = 4_096
/** A volatile message is dropped where more than this many bytes, or characters of its kind, have not even left the process. */
const CONGESTED = 65_536

export const createSession = (host: SessionHost): Session => {
  const { clock, heartbeat } = host
  const liveness = createLiveness(heartbeat)
  const outbox = createOutbox(host.outbox, host.dropped, host.ledger)
  const outflow = createOutflow(outbox)
  const flushes = createFlushes(outbox)
  /** The number of the next counted frame on this carrier: numbers are given by order alone. */
  let next = 1
  let carrier: Carrier | undefined
  /** The carrier's. */
  let packets: Packets
  let attachedAt = 0
  /** Both ends know where they stand: the welcome was received, or sent. */
  let resumed = false
  let scheduled = false
  /** Characters of questions that were asked in this task; -Infinity once the first have gone ahead. */
  let asked = 0
  /** A packet is being looked at. */
  let receiving = false
  let control: Control | undefined
  const volatiles: string[] = []
  let volatileSize = 0
  const pings = createPings(host.freshness)
  const debt = createDebt(clock)
  /** What stands before this page's own. */
  let isInherited = false

  /** The next packet carries this, and an acknowledgement. */
  const signal = (part?: Control): void => {
    control = { ...control, ...part }
    session.schedule()
  }

  const send = (opening?: Control): void => {
    scheduled = false
    asked = 0
    const to = carrier
    if (!to) return
    if (opening) packets.open(JSON.stringify(opening))
    const now = clock.now()
    outflow.fill(packets, to, now, session.limit, resumed)
    for (const line of volatiles.splice(0)) packets.add(line)
    volatileSize = 0
    let isAck = false
    if (packets.size > 0 && debt.rides(now)) control ??= {}
    // In what goes anyway; over HTTP, its answer may take a request all the same. Behind a goodbye there is none.
    if ((control ? !control.bye : packets.size) && resumed && to.transport === 'websocket' && pings.isDue(now))
      control = { ...control, ping: pings.next() }
    if (control) {
      isAck = packets.size === 0 && Object.keys(control).length === 0
      if (control.ping) pings.went(now, outbox.given, outbox.bytes)
      packets.add(JSON.stringify({ ...control, ack: session.got }))
      control = undefined
      debt.clear()
    }
    packets.ship(isAck)
    liveness.out(outbox.bytes, false, now)
    flushes.settle()
    host.changed()
  }

  const acknowledge = (number: number): boolean => {
    const before = outbox.acknowledged
    const isValid = outbox.acknowledge(number)
    if (outbox.acknowledged > before) {
      liveness.out(outbox.bytes, true, clock.now())
      flushes.settle()
    }
    return isValid
  }

  const broken = (why: string): void => host.broken(MALFORMED, new HoldfastError('protocol', why))

  const receiveCounted = (encoded: Encoded): void => {
    if (!resumed) return broken(NOT_OURS)
    if (next++ > session.got) {
      // Counted first: a handler that ends the session must not be sent the message that made it do so again.
      session.got = next - 1
      const frame = decodeFrame(encoded)
      if (frame instanceof HoldfastError) host.fault(frame)
      else host.deliver(frame)
    }
    // Pieces of Blobs wait for the word that those before them have arrived.
    if (debt.add(encoded.length) || isChunk(encoded)) signal()
  }

  const receiveControl = (line: string): void => {
    const said = decodeControl(line, host.fault)
    // `{}`: the server is thinking.
    if (!resumed && line !== '{}' && Object.keys(said).length === 0) return broken(NOT_OURS)
    const { welcome, ack = 0, ping, pong, bye, volatile } = said
    if (welcome && resumed) return broken('A welcome came though the session was open.')
    if (welcome) host.welcome?.(welcome)
    if (!acknowledge(ack)) return broken(`Message ${ack} was acknowledged and never sent.`)
    if (ping !== undefined) signal({ pong: ping })
    if (pings.isAnswer(pong)) {
      // A carrier is FIFO, and a pong acknowledges all that came before its ping: less means that the ends count differently.
      if (outbox.acknowledged < pings.after)
        return host.broken(TIMEOUT, new HoldfastError('protocol', 'The other side passed over messages.'))
      liveness.answered(clock.now(), pings.at)
    }
    if (volatile && resumed) host.deliver(volatile)
    if (bye) host.bye(bye)
  }

  const session: Mutable<Session> = {
    outbox,
    got: 0,
    roundTrip: () => liveness.roundTrip,
    isQuiet: () => !scheduled && (!resumed || (next > session.got && debt.deadline === Infinity && pings.isAnswered())),
    limit: undefined,
    deadline: () =>
      Math.min(outbox.expiresAt, resumed ? Math.min(debt.deadline, outflow.deadline(), liveness.deadline()) : Infinity),
    due() {
      const now = clock.now()
      outbox.expire(now)
      flushes.settle()
      if (!resumed) return
      if (outflow.deadline() <= now) session.schedule()
      if (debt.deadline <= now) signal()
      const verdict = liveness.judge(now)
      if (verdict === 'ask') session.probe()
      if (verdict === 'dead')
        host.broken(TIMEOUT, new HoldfastError('unresponsive', 'No answer came, not even to a ping.'))
    },
    schedule() {
      if (!carrier) return host.changed()
      if (scheduled) return
      scheduled = true
      if (!receiving) clock.soon(send)
    },
    hasten(size) {
      asked += size
      if (asked < HASTE || !resumed || !scheduled) return
      asked = -Infinity
      // No acknowledgement: the message that made this side ask may still be in its handler.
      outflow.fill(packets, carrier!, clock.now(), session.limit, true)
      packets.ship()
    },
    volatile(line) {
      if (!resumed || carrier!.bufferedAmount + volatileSize > CONGESTED) return
      volatiles.push(line)
      volatileSize += line.length
      session.schedule()
    },
    attach(to, opening) {
      carrier = to
      packets = createPackets(to)
      attachedAt = clock.now()
      pings.start(attachedAt)
      liveness.start(attachedAt)
      outflow.start()
      control = undefined
      send(opening)
    },
    resume(from, peerGot) {
      next = from
      // What was acknowledged by a former page was had by that one, though it may not have been written down any more.
      if (isInherited) session.got = Math.max(session.got, from - 1)
      isInherited = false
      resumed = from <= session.got + 1
      // Before anything is acknowledged: the other side counts on from the number that the hello stated.
      if (resumed) send()
      resumed &&= acknowledge(peerGot)
      // A client learns its first round trip from hello and welcome; a server resumes before it attaches.
      if (carrier && liveness.roundTrip < 0) liveness.answered(clock.now(), attachedAt, true)
      if (flushes.size > 0) signal({ ping: pings.next() })
      session.schedule()
      return resumed
    },
    detach() {
      carrier = undefined
      resumed = false
      debt.clear()
      volatiles.length = volatileSize = 0
    },
    receive(from, packet) {
      if (from !== carrier) return
      liveness.heard(clock.now())
      const isFirst = !scheduled
      receiving = true
      if (typeof packet !== 'string') receiveCounted(packet)
      else
        for (const line of packet.split('\n')) {
          if (line[0] === '{') receiveControl(line)
          else if (line) receiveCounted(line)
          if (from !== carrier) break
        }
      receiving = false
      // Behind the turns of those that waited for an answer which was in this packet: what they send goes along.
      if (scheduled && isFirst) clock.soon(send)
      if (from !== carrier) return
      // What was answered has left the buffer: that may be looked at sooner.
      if (outflow.deadline() < Infinity) session.schedule()
      host.changed()
    },
    probe() {
      if (resumed && liveness.asked(clock.now())) signal({ ping: pings.next() })
    },
    flush(isPending = () => false) {
      const flushed = flushes.wait(isPending)
      if (resumed) signal({ ping: pings.next() })
      flushes.settle()
      return flushed
    },
    farewell(bye) {
      control = { ...control, ...(bye && { bye }) }
      send()
    },
    clear() {
      session.got = 0
      next = 1
      flushes.restart()
      return outbox.clear()
    },
    restore(delivered, acknowledged, sent, waiting) {
      session.got = delivered
      isInherited = true
      outbox.restore(acknowledged, sent, waiting)
    },
    end: flushes.end,
  }
  return session
}
