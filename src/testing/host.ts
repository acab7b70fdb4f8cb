import type { Exchange } from '../server/exchange.ts'
import type { Carrier, CarrierEvents } from '../transports/transport.ts'
import type { ClockView } from './view.ts'

/** The request that opened a carrier, or that is to be answered. */
export interface VirtualRequest {
  /** The path and query that were dialled, as Node's `request.url`. */
  readonly url: string
  /** The origin of the client's page, absent for a client that is no page. */
  readonly origin?: string
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** What a server hears of a carrier that it accepted; it is open from the start. */
export type ServerEvents = Omit<CarrierEvents, 'open'>

/** What a server does with a carrier: it keeps it and returns what it wants to hear of it. */
export type Accept = (carrier: Carrier, request: VirtualRequest) => ServerEvents

/** What a server does: it takes WebSockets, and answers POSTs. What it doesn't do, it refuses: with 1006, with 404. */
export interface Serve {
  readonly accept?: Accept
  readonly exchange?: Exchange
  /** It is of another kind: the WebSockets that it takes are those without our subprotocol. */
  readonly bare?: boolean
}

/** Who answers at a host. */
export interface Host extends Serve {
  /** Where its code runs. */
  readonly view: ClockView
}
