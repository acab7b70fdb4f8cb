import { createSocket, type Socket } from '../connect.ts'
import type { Contract } from '../contract.ts'
import type { ConnectOptions } from '../options.ts'
import type { Memory } from '../platform/memory.ts'
import type { VirtualClient } from './client.ts'
import { type VirtualLifecycle, virtualLifecycle } from './lifecycle.ts'
import type { VirtualNetwork } from './network.ts'
import type { SeededRandom } from './random.ts'
import type { ClockView } from './view.ts'

/** A page with a socket in it. */
export interface Page<C extends Contract> {
  /** What `connect` would have returned. */
  readonly socket: Socket<C>
  /** Its page: online, offline, wake. */
  readonly lifecycle: VirtualLifecycle
  /** Its side of the network: what it holds and has dialled. */
  readonly network: VirtualClient
}

/** What a page is made of. */
export interface PageOptions {
  readonly network: VirtualNetwork
  /** Its name in traces and on its links. */
  readonly name: string
  /** Its clock. */
  readonly view: ClockView
  readonly random: SeededRandom
  readonly origin?: string
  readonly memory: Memory
  /** The round trip in milliseconds that it knows of; -1 for none. */
  readonly roundTrip: number
  /** What `connect` is told. */
  readonly url: string
  readonly options: ConnectOptions
  /** Where errors go that nobody catches. */
  readonly report: (error: unknown) => void
}

/** Opens a page, and in it a socket, which is about to dial. */
export const openPage = <C extends Contract>({
  network,
  name,
  view,
  random,
  origin,
  memory,
  roundTrip,
  url,
  options,
  report,
}: PageOptions): Page<C> => {
  const lifecycle = virtualLifecycle()
  const client = network.client(name, { view, lifecycle, ...(origin !== undefined && { origin }) })
  const socket = createSocket<C>(url, options, {
    clock: view,
    random,
    lifecycle,
    memory,
    network: { roundTrip: () => roundTrip },
    transport: client.transport,
    post: () => client.post,
    report,
  })
  return { socket, lifecycle, network: client }
}
