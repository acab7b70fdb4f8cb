import type { Contract } from '../contract.ts'
import { createCore, type ServerCore } from '../server/core.ts'
import { createHttpCarriers, hostOf } from '../server/http-carrier.ts'
import type { ServerOptions } from '../server/options.ts'
import type { VirtualNetwork } from './network.ts'
import type { SeededRandom } from './random.ts'
import type { ClockView, Timeline } from './view.ts'

/** A server's code that runs. */
export interface Process<C extends Contract, Identity> {
  /** What `createServer` would have returned, without the parts that are Node's. */
  readonly core: ServerCore<C, Identity>
  /** Its clock: ask it for armed timers. */
  readonly view: ClockView
  /** Whether it still runs. */
  readonly alive: boolean
  /** The process ends this instant, without a word; its connections break, and dials are refused until the next one runs. */
  kill(): void
}

/** What a process is made of. */
export interface ProcessOptions<C extends Contract, Identity> {
  readonly network: VirtualNetwork
  readonly clock: Timeline
  readonly random: SeededRandom
  /** The host at which it listens. */
  readonly host: string
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

/** Starts one that knows nothing of any session. */
export const startProcess = <C extends Contract, Identity>(
  options: ProcessOptions<C, Identity>,
): Process<C, Identity> => {
  const { network, host, report, random, witness } = options
  const view = options.clock.view()
  let alive = true
  const core = createCore<C, Identity>(options.server ?? {}, { clock: view, random, isEqual, report, witness })
  options.serve?.(core)
  const { exchange } = createHttpCarriers(hostOf(core, view))
  const unlisten = network.listen(host, { accept: core.accept, exchange }, view)
  network.trace.add('server', 'starts')
  return {
    core,
    view,
    get alive() {
      return alive
    },
    kill: () => {
      if (!alive) return
      alive = false
      network.trace.add('server', 'is killed')
      view.stop()
      unlisten()
      for (const link of network.links) if (host === '*' || link.host === host) link.cut()
    },
  }
}
