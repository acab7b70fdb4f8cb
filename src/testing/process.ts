import type { Contract, Untyped } from '../contract.ts'
import { createCore, type ServerCore } from '../server/core.ts'
import { createHttpCarriers, hostOf } from '../server/http-carrier.ts'
import type { ServerOptions } from '../server/options.ts'
import type { VirtualNetwork } from './network.ts'
import type { SeededRandom } from './random.ts'
import type { ClockView, Timeline } from './view.ts'

/** A server's code that runs. */
export interface VirtualServer<C extends Contract = Untyped, Identity = unknown> {
  /** What `createServer` would have returned, without the parts that are Node's. */
  readonly core: ServerCore<C, Identity>
  /** Its clock: ask it for armed timers. */
  readonly view: ClockView
  /** Whether it still runs. */
  readonly alive: boolean
  /** Takes the connections to `host` on a network; it may be on several. */
  listen(network: VirtualNetwork, host: string): void
  /** The process ends this instant, without a word; its connections break, and dials are refused until the next one runs. */
  kill(): void
}

/** What a server is made of. */
export interface VirtualServerOptions<C extends Contract = Untyped, Identity = unknown> {
  /** The time that it lives in. */
  readonly clock: Timeline
  readonly random: SeededRandom
  /** What `createServer` would be told. */
  readonly server?: ServerOptions<Identity> | undefined
  /** Sets it up before anybody connects. */
  readonly serve?: ((server: ServerCore<C, Identity>) => void) | undefined
  /** Where errors go that nobody listens for. */
  readonly report: (error: unknown) => void
  /** Hears of what comes for listeners and handlers. */
  readonly witness?: (name: string, data: unknown) => void
}

/** Identities are whatever JSON could carry: compared as that. */
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Starts one that knows nothing of any session, and that nobody can reach until it listens. */
export const virtualServer = <C extends Contract = Untyped, Identity = unknown>(
  options: VirtualServerOptions<C, Identity>,
): VirtualServer<C, Identity> => {
  const { report, random, witness } = options
  const view = options.clock.view()
  const ends: (() => void)[] = []
  let alive = true
  const core = createCore<C, Identity>(options.server ?? {}, { clock: view, random, isEqual, report, witness })
  options.serve?.(core)
  const { exchange } = createHttpCarriers(hostOf(core, view))
  return {
    core,
    view,
    get alive() {
      return alive
    },
    listen: (network, host) => {
      if (!alive) return
      const unlisten = network.listen(host, { accept: core.accept, exchange }, view)
      network.trace.add('server', 'starts')
      ends.push(() => {
        network.trace.add('server', 'is killed')
        unlisten()
        for (const link of network.links) if (host === '*' || link.host === host) link.cut()
      })
    },
    kill: () => {
      if (!alive) return
      alive = false
      view.stop()
      for (const end of ends) end()
    },
  }
}
