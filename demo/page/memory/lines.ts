import {
  type Fate,
  type SeededRandom,
  type Timeline,
  type VirtualNetwork,
  installNetwork,
  virtualNetwork,
} from 'holdfast/testing'
import type { Blockade, Fault, Faults, LineCounts } from '../../uses/faults.ts'
import { createTap } from './tap.ts'

/** Nothing with such a name can be found outside of the page. https://www.rfc-editor.org/rfc/rfc2606#section-2 */
export const DOMAIN = 'demo.invalid'

/** Milliseconds each way where nothing is broken: a server in the same town. */
const LATENCY = 8

/** What is done to a network, rather than to a server. */
type NetworkFault = Exclude<Fault, 'restart' | 'drain' | 'kill' | 'expire'>

/** A line between the page and its servers, with faults of its own. */
export interface Line {
  readonly network: VirtualNetwork
  befall<F extends NetworkFault>(fault: F, value: Faults[F]): void
  counts(): LineCounts
}

const blockades: Readonly<Record<Blockade, Fate>> = {
  '403': 'refuse-upgrade',
  stripped: { status: 426 },
  hang: 'hang-upgrade',
  swallowed: 'swallow',
  killed: { killAfter: 3_000 },
}

/** A line of this name: what `line` in a URL asks for goes over it. */
export const openLine = (name: string, clock: Timeline, random: SeededRandom): Line => {
  const tap = createTap()
  const conditions = { latency: LATENCY, jitter: 2 }
  const network = virtualNetwork({ clock, random, conditions, trace: tap.trace })
  installNetwork(network, {
    clock,
    name,
    takes: ({ hostname, searchParams }) => hostname.endsWith(DOMAIN) && searchParams.get('line') === name,
  })
  const silence = { hold: false, blackHole: false }
  /** One of them may end while the other goes on. */
  const silent = (of: keyof typeof silence, on: boolean): void => {
    silence[of] = on
    network.heal()
    if (silence.hold) network.stall()
    if (silence.blackHole) network.blackHole()
  }
  const effects: { readonly [F in NetworkFault]: (value: Faults[F]) => void } = {
    cut: network.cut,
    refuse(on) {
      network.fate(on ? 'refuse' : 'open')
      if (on) network.cut()
    },
    blackHole: (on) => silent('blackHole', on),
    hold: (on) => silent('hold', on),
    latency: (more) => void (network.conditions.latency = LATENCY + more),
    bandwidth: (bytes) => void (network.conditions.bandwidth = bytes ?? Infinity),
    block(blockade) {
      if (blockade === null) return network.unblock('websocket')
      network.block('websocket', blockades[blockade])
      network.cut()
    },
    gather(on) {
      if (on) network.block('http', 'buffer')
      else network.unblock('http')
      network.cut()
    },
  }
  return {
    network,
    befall: (fault, value) => effects[fault](value),
    counts: () => ({
      accepted: network.traffic.connections,
      open: network.links.length,
      bytes: { ...network.traffic.bytes },
      requests: { ...tap.requests },
      exchanges: structuredClone(tap.exchanges),
    }),
  }
}
