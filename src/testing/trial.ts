import type { Carrier, CarrierEvents, Packet, Transport } from '../transports/transport.ts'

/** The server's end of a carrier, as a case drives and watches it. */
export interface FarEnd {
  /** What arrived, in order, as it arrived. */
  readonly received: readonly Packet[]
  /** The code with which the carrier closed; absent while it is open. */
  readonly closed: number | undefined
  /** Sends a packet to the client. */
  send(packet: Packet): void
  /** Closes with a code and a reason. */
  close(code: number, reason: string): void
  /** Breaks the carrier without a word: whatever the client tries, it is of no use any more. */
  drop(): void
}

/** What the suite needs of the world around a transport. */
export interface TransportHarness {
  /** The transport on trial. */
  readonly transport: Transport
  /** A URL at which the harness accepts carriers. */
  readonly url: string
  /** A URL that refuses. */
  readonly refusingUrl: string
  /** A URL that never answers. */
  readonly hangingUrl: string
  /** The carriers that were accepted at `url` during this case, in order; each has said something by then, if it is made of requests. */
  readonly accepted: readonly FarEnd[]
  /** Waits until `condition` holds; rejects when it doesn't within what is reasonable here. */
  until(condition: () => boolean): Promise<void>
  /** Waits until all that could still happen, if somebody got something wrong, would have happened. */
  settle(): Promise<void>
}

/** A carrier under trial: what it told, in order, as short lines. */
export interface Trial {
  readonly carrier: Carrier
  /** Its events, with what they were called from where that was wrong; messages in a row are one, and empty ones none. */
  readonly told: string[]
  /** The lines of its messages so far. */
  messages(): string[]
}

/** A carrier over which both ends have said their first word; what it tells, and what is said, is counted from there. */
export interface OpenTrial extends Trial {
  readonly far: FarEnd
  /** The lines that have arrived at the server. */
  arrived(): string[]
}

/** Ends a case as failed. */
export const fail = (message: string): never => {
  throw new Error(message)
}

/** Fails where two values differ, compared as JSON. */
export const expectEqual = (actual: unknown, expected: unknown, what: string): void => {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) fail(`${what}: expected ${should}, got ${is}`)
}

/**
 * What packets say, as JSON can tell it apart: where lines lie in text packets is nobody's business, and empty ones say nothing.
 * Bytes stay as they are.
 */
export const linesOf = (packets: readonly Packet[]): string[] =>
  packets.flatMap((packet) =>
    typeof packet === 'string' ? packet.split('\n').filter((line) => line) : [`<${packet.join()}>`],
  )

/** Dials, and checks on every event that it doesn't come from inside a call into the transport. */
export const dial = ({ transport }: TransportHarness, url: string): Trial => {
  const told: string[] = []
  const packets: Packet[] = []
  let inside = 'the dial'
  const tell = (line: string): void => {
    const event = inside ? `${line} from inside ${inside}` : line
    if (event !== 'message' || told.at(-1) !== event) told.push(event)
  }
  const events: CarrierEvents = {
    open: () => tell('open'),
    message: (packet) => {
      if (inside || linesOf([packet]).length > 0) tell('message')
      packets.push(packet)
    },
    close: (code, reason) => tell(`close ${code} ${reason}`.trimEnd()),
  }
  const raw = transport(url, events)
  inside = ''
  const guarded = (name: string, call: () => void): void => {
    inside = name
    call()
    inside = ''
  }
  const carrier: Carrier = {
    transport: raw.transport,
    get bufferedAmount() {
      return raw.bufferedAmount
    },
    send: (packet) => guarded('send', () => raw.send(packet)),
    close: (code, reason) => guarded('close', () => raw.close(code, reason)),
    leave: () => guarded('leave', () => raw.leave?.()),
  }
  return { carrier, told, messages: () => linesOf(packets) }
}

/** Dials and waits until both ends have said their first word and heard the other's, as every client and server do. */
export const open = async (harness: TransportHarness): Promise<OpenTrial> => {
  const before = harness.accepted.length
  const trial = dial(harness, harness.url)
  const { carrier, told, messages } = trial
  await harness.until(() => told.length > 0)
  carrier.send('hello')
  const arrived = (): string[] => linesOf(harness.accepted[before]?.received ?? [])
  await harness.until(() => arrived().length > 0)
  const far = harness.accepted[before] as FarEnd
  far.send('welcome')
  await harness.until(() => messages().length > 0)
  expectEqual([arrived(), messages()], [['hello'], ['welcome']], 'first words')
  expectEqual(told.splice(0), ['open', 'message'], 'events of the dial')
  return { ...trial, far, arrived: () => arrived().slice(1), messages: () => messages().slice(1) }
}
