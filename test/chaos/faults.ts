/** What can go wrong with a network and a server, each by name. Whatever it was, it is well again when its promise resolves. */
import type { Blockade } from '../tools/http-faults.ts'
import type { Command, Scenario } from '../tools/scenario.ts'

/** A {@link Scenario}, here or elsewhere. */
export type Network = {
  readonly [Name in Command]: (
    ...args: Parameters<Scenario[Name]>
  ) => ReturnType<Scenario[Name]> | Promise<Awaited<ReturnType<Scenario[Name]>>>
}

/** `changed`: the page hears that its network is another one. */
export type Fault = (network: Network, changed: () => void) => Promise<void>

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
const between = (least: number, most: number): number => least + Math.random() * (most - least)

/** Every connection is reset, for a second, at any time. */
const kills: Fault = async (network) => {
  for (const end = performance.now() + 1_000; performance.now() < end; await sleep(between(50, 300)))
    await network.cut()
}

/** Never: there is no such message. */
const END = Number.MAX_SAFE_INTEGER

/** A connection is reset behind any byte, either way: within a frame, a head, a hello. */
const cuts: Fault = async (network) => {
  for (let times = 0; times < 4; times++) {
    const way = times % 2 === 0 ? 'up' : 'down'
    // Half of them strike while a connection is opened.
    await network.cutAfterBytes(way, Math.floor(between(0, times < 2 ? 60_000 : 1_000)))
    await sleep(between(100, 300))
  }
  for (const way of ['up', 'down'] as const) await network.cutAfterBytes(way, END)
}

/** What goes there is gone, and so are connections that have lost something; nobody is told. */
const hole =
  (milliseconds: number, way: 'up' | 'down' | 'both' = 'both'): Fault =>
  async (network) => {
    await network.blackHole(way, true)
    await sleep(milliseconds)
    await network.blackHole(way, false)
  }

/** What was sent arrives after all, in order, but late: the same as TCP mends it. */
const late =
  (milliseconds: number): Fault =>
  async (network) => {
    await network.hold('both', true)
    await sleep(milliseconds)
    await network.hold('both', false)
  }

export const refused =
  (milliseconds: number) =>
  async (network: Pick<Network, 'refuse' | 'cut'>): Promise<void> => {
    await network.refuse(true)
    await network.cut()
    await sleep(milliseconds)
    await network.refuse(false)
  }

/** Half a second there, half a second not. */
const flapping: Fault = async (network) => {
  for (let times = 0; times < 4; times++) {
    await refused(500)(network)
    if (times < 3) await sleep(500)
  }
}

/** WebSockets stop to work in this way, so it goes on by HTTP; then they work again. */
const blocked =
  (blockade: Blockade): Fault =>
  async (network, changed) => {
    await network.block(blockade, { after: 100 })
    await network.cut()
    await sleep(2_000)
    await network.unblock()
    changed()
  }

/** The server's process stands still. */
const paused =
  (milliseconds: number): Fault =>
  async (network) => {
    await network.pauseServer(milliseconds)
  }

/** It is deployed anew: everybody is told, nothing is in doubt, and the session is another one. */
const restarted: Fault = async (network) => {
  await network.restartServer()
}

/** Its process is killed, and starts again some time later. */
const crashed: Fault = async (network) => {
  await network.killServer()
  await sleep(500)
  await network.startServer()
}

/** The way is long, and narrow, and neither, and all of it changes under way. */
const slow: Fault = async (network) => {
  for (const [latency, bandwidth] of [
    [50, 2_000_000],
    [5, 500_000],
    [100, 1_000_000],
  ] as const) {
    await network.latency(latency)
    await network.bandwidth(bandwidth)
    await sleep(1_000)
  }
  await network.latency(0)
  await network.bandwidth(null)
}

/** Each alone. */
export const faults = {
  'connections are killed': [kills, kills, kills],
  'connections are cut at any byte': [cuts, cuts, cuts, cuts],
  'black holes of 1 and 3 s': [hole(1_000), hole(3_000)],
  'a black hole of 8 s': [hole(8_000)],
  'nothing gets up': [hole(1_000, 'up'), hole(3_000, 'up')],
  'nothing gets down': [hole(1_000, 'down'), hole(3_000, 'down')],
  'everything is late': [late(1_000), late(3_000)],
  'half a second of network, half a second of none': [flapping],
  'connections are refused for 10 s': [refused(10_000)],
  'WebSockets are refused, then stripped': [blocked('403'), blocked('stripped')],
  'WebSockets hang, then are swallowed': [blocked('hang'), blocked('swallowed')],
  'WebSockets are killed young': [blocked('killed')],
  'the server stands still': [paused(1_000), paused(2_000), paused(3_000)],
  'the server is deployed anew': [restarted, restarted],
  'the server crashes': [crashed],
  'the line is long and narrow': [slow],
} as const satisfies Readonly<Record<string, readonly Fault[]>>

/** At once. A deployment has a moment of its own, because a client that is away then cannot be told. */
const together: readonly Fault[] = [
  ...[kills, cuts, flapping, slow, late(2_000), refused(10_000)],
  ...[hole(1_000), hole(2_000), hole(4_000), hole(8_000), hole(2_000, 'up'), hole(2_000, 'down')],
  ...(['403', 'stripped', 'hang', 'swallowed', 'killed'] as const).map(blocked),
  ...[paused(1_000), paused(2_000), paused(3_000)],
]

/** As many at a time, each once, in any order. */
export function* deal(count: number): Generator<readonly Fault[]> {
  const deck = together.map((fault) => ({ fault, at: Math.random() })).toSorted((one, other) => one.at - other.at)
  for (let from = 0; from < deck.length; from += count) yield deck.slice(from, from + count).map(({ fault }) => fault)
}

export const deploy = restarted
