import { HoldfastError } from '../kernel/errors.ts'
import type { Clock } from '../platform/clock.ts'
import { type Carrier, PATIENCE, type Packet } from '../transports/transport.ts'
import type { AcceptedCarrier } from './acceptor.ts'
import type { Budget } from './budget.ts'
import { type Envelope, packetsOf } from './envelope.ts'
import type { Answer } from './exchange.ts'
import { type Poll, createPoll } from './poll.ts'
import { createReplayBuffer } from './replay-buffer.ts'

/** Milliseconds without an exchange, after one was broken off, until the client is taken for gone. */
const ABANDONED = 10_000
/** Milliseconds that a closed carrier can still tell its last lines, and why it closed. */
const REMEMBERED = 10_000

/** One POST of a carrier's, understood. */
interface Turn {
  readonly envelope: Envelope
  /** What stands below the envelope. */
  readonly lines: string
  readonly answer: Answer
}

/** What a carrier needs of all of them. */
export interface PostCarrierHost {
  readonly clock: Clock
  /** For what is left to tell once it is closed. */
  readonly budget: Budget
  /** The most bytes of a packet from the client. */
  readonly packetBytes: number
  /** The most characters that may wait for the client's confirmation. */
  readonly bufferedSize: number
  /** Takes the new carrier. */
  accept(carrier: Carrier): AcceptedCarrier
  /** The carrier has closed. */
  closed(): void
  /** It has closed and told everything; perhaps said more than once. */
  drained(): void
  /** Nobody will ask for it any more. */
  forgotten(): void
}

/** The server's end of one carrier that is made of POSTs. */
export interface PostCarrier {
  /** Takes an exchange. Returns what tells that its answer can reach nobody. */
  take(turn: Turn): () => void
  /** Ends it, whatever is left untold; what hangs is answered. */
  terminate(): void
}

const nobody: Answer = { send() {}, write() {}, end() {} }

/** A new one, which says nothing by itself. docs/protocol.md#http */
export const createPostCarrier = (host: PostCarrierHost): PostCarrier => {
  const { clock } = host
  const buffer = createReplayBuffer()
  let pushed = 0
  /** A push that overtook the one before it. */
  let held: Turn | undefined
  let poll: Poll | undefined
  let streams = false
  let scheduled = false
  /** While nothing but what is patient waits to be told. */
  let relax: (() => void) | undefined
  /** Once it is closed: what is said to exchanges when there is nothing else to say. */
  let epitaph: string | undefined
  /** One timer: first of a client that is missing, then of what is remembered. */
  let disarm = (): void => {}

  /** What a closed one still has to tell may be too much for all: then nobody says why it closed. */
  const account = host.budget.open(
    () => buffer.size,
    () => {
      buffer.confirm(buffer.last)
      epitaph = ''
      schedule()
    },
  )

  const arm = (delay: number, task: () => void): void => {
    disarm()
    disarm = clock.after(delay, task)
  }
  const forget = (): void => {
    account.close()
    host.forgotten()
  }
  const head = (): string => `${JSON.stringify({ push: pushed, from: buffer.from })}\n`

  const dismiss = (): void => {
    poll?.dismiss()
    poll = undefined
  }
  const flush = (): void => {
    if (relax) return
    if (poll?.tell(epitaph)) poll = undefined
    if (epitaph !== undefined) return buffer.untold > 0 ? undefined : host.drained()
    if (buffer.size <= host.bufferedSize) return
    accepted.fault(new HoldfastError('overflow', 'A client was cut off: it confirmed too little of what it was sent.'))
    leave()
  }
  /** Once the current task is done: what is sent until then leaves together. */
  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    clock.soon(() => {
      scheduled = false
      flush()
    })
  }

  /** Nothing waits for company any more. */
  const hurry = (): void => {
    relax?.()
    relax = undefined
    schedule()
  }

  const shut = (code?: number, reason?: string): void => {
    epitaph = code === undefined ? '' : `${JSON.stringify({ code, reason })}\n`
    arm(REMEMBERED, forget)
    account.update()
    host.closed()
    follow()
    hurry()
  }
  /** The client's side ended it: nobody is going to fetch anything. */
  const leave = (): void => {
    if (epitaph !== undefined) return
    buffer.confirm(buffer.last)
    shut()
    accepted.close()
  }

  const carrier: Carrier = {
    get transport() {
      return streams ? 'http-stream' : 'long-polling'
    },
    get bufferedAmount() {
      return buffer.untold
    },
    send(packet, patient) {
      if (epitaph !== undefined) return
      const isFirst = buffer.untold === 0
      buffer.add(packet)
      if (!patient) hurry()
      else if (isFirst) relax ??= clock.after(PATIENCE, hurry)
    },
    close(code, reason) {
      if (epitaph === undefined) shut(code, reason)
    },
  }

  /** What the next push brings, or the status that it deserves. */
  const receive = (lines: string): Packet[] | number => {
    pushed++
    const packets = epitaph === undefined ? packetsOf(lines, host.packetBytes) : []
    if (!(packets instanceof HoldfastError)) return packets
    // As on WebSocket: 1009 is final for a client, or it would push the same for ever.
    const isLarge = packets.code === 'too-large'
    accepted.fault(packets)
    shut(isLarge ? 1009 : 1007, packets.message)
    accepted.close()
    return isLarge ? 413 : 400
  }

  const proceed = ({ envelope, lines, answer }: Turn): void => {
    const { push, poll: wait, stream = false, close } = envelope
    if (epitaph !== undefined && buffer.size === 0) return answer.send(410, epitaph)
    // An exchange that brings nothing is a sign of life.
    const packets = push === pushed + 1 ? receive(lines) : ['']
    // Answered first: the next push is on its way while this one is taken.
    if (typeof packets === 'number') answer.send(packets, '')
    else if (wait === undefined || close || answer === nobody) answer.send(200, head())
    else {
      dismiss()
      buffer.rewind()
      streams = stream
      poll = createPoll({ clock, buffer, answer, wait, stream, head, due: hurry })
      schedule()
    }
    if (typeof packets === 'object') for (const packet of packets) if (epitaph === undefined) accepted.message(packet)
    if (close) leave()
    if (held?.envelope.push === pushed + 1) follow()
  }
  /** The turn of the one that overtook. */
  function follow(): void {
    const next = held
    held = undefined
    if (next) proceed(next)
  }

  const abandon = (answer: Answer): void => {
    if (poll?.answer === answer) {
      poll.release()
      poll = undefined
    }
    if (held?.answer === answer) held = { ...held, answer: nobody }
    if (!poll && epitaph === undefined) arm(ABANDONED, leave)
  }

  const accepted = host.accept(carrier)
  return {
    take(turn) {
      const { envelope, answer } = turn
      const { got, push = 0 } = envelope
      if (got > buffer.last || push > pushed + 2) {
        answer.send(400, '')
        return () => {}
      }
      // A stream that is to tell again what has arrived meanwhile cannot leave it out: its numbers have no gaps.
      if (envelope.got >= buffer.from) dismiss()
      const { size } = buffer
      buffer.confirm(got)
      if (epitaph === undefined) disarm()
      else if (buffer.size < size) {
        account.update()
        arm(REMEMBERED, forget)
      }
      if (push === pushed + 2 && epitaph === undefined) {
        held?.answer.send(200, head())
        held = turn
        accepted.message('')
      } else proceed(turn)
      return () => abandon(answer)
    },
    terminate() {
      leave()
      account.close()
      disarm()
      flush()
    },
  }
}
