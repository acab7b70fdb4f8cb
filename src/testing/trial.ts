import type { Carrier, CarrierEvents, Packet, Transport } from '../transports/transport.ts'

/** The server's end of a carrier, as a case drives and watches it. */
export interface FarEnd {
  /** What arrived, in order. */
  readonly received: readonly Packet[]
  /** The code with which the carrier closed; absent while it is open. */
  readonly closed: number | undefined
  /** Sends a packet to the client. */
  send(packet: Packet): void
  /** Closes with a code and a reason. */
  close(code: number, reason: string): void
  /** Breaks the connection without a word. */
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
  /** The carriers that were accepted at `url` during this case, in order. */
  readonly accepted: readonly FarEnd[]
  /** Waits until `condition` holds; rejects when it doesn't within what is reasonable here. */
  until(condition: () => boolean): Promise<void>
  /** Waits until all that could still happen, if somebody got something wrong, would have happened. */
  settle(): Promise<void>
}

/** A carrier under trial: what it told, in order, as short lines. */
export interface Trial {
  readonly carrier: Carrier
  /** Its events, with what they were called from where that was wrong. */
  readonly told: string[]
  readonly messages: Packet[]
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

/** A packet as JSON can tell it apart from others. */
export const show = (packet: Packet): string => (typeof packet === 'string' ? packet : `<${packet.join()}>`)

/** Dials, and checks on every event that it doesn't come from inside a call into the transport. */
export const dial = ({ transport }: TransportHarness, url: string): Trial => {
  const told: string[] = []
  const messages: Packet[] = []
  let inside = 'the dial'
  const tell = (line: string): void => {
    told.push(inside ? `${line} from inside ${inside}` : line)
  }
  const events: CarrierEvents = {
    open: () => tell('open'),
    message: (packet) => {
      tell('message')
      messages.push(packet)
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
  }
  return { carrier, told, messages }
}

/** Dials and waits until both ends are open. */
export const open = async (harness: TransportHarness): Promise<Trial & { readonly far: FarEnd }> => {
  const trial = dial(harness, harness.url)
  await harness.until(() => trial.told.length > 0 && harness.accepted.length > 0)
  expectEqual(trial.told, ['open'], 'events of the dial')
  return { ...trial, far: harness.accepted[0] as FarEnd }
}
