/** A page of a browser, as far as sockets see it: what happens to it is up to the test. */
import type { ConnectOptions, Contract, Socket } from 'holdfast'
import { type VirtualLifecycle, virtualLifecycle } from 'holdfast/testing'
import { createSocket } from '../../../src/connect.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { systemRandom } from '../../../src/platform/random.ts'
import { fetchPost } from '../../../src/transports/fetch.ts'
import { webSocketTransport } from '../../../src/transports/websocket.ts'
import type { serve } from './backend.ts'

export type Finished = NonNullable<Parameters<typeof serve>[1]>

export interface Page<C extends Contract> extends Pick<VirtualLifecycle, 'happen'> {
  readonly socket: Socket<C>
}

/** Its socket is closed when the test is over. */
export function load<C extends Contract>(url: string, options: ConnectOptions, finished: Finished): Page<C> {
  const lifecycle = virtualLifecycle()
  const socket = createSocket<C>(() => url, options, {
    clock: systemClock(),
    random: systemRandom,
    lifecycle,
    memory: { get: () => null, set() {} },
    network: { roundTrip: () => -1 },
    transport: webSocketTransport,
    post: fetchPost,
    report(error) {
      throw error
    },
  })
  finished(() => socket.close({ timeout: 0 }))
  return { socket, happen: lifecycle.happen }
}
