import {
  type Carrier,
  type SeededRandom,
  type ServerCore,
  type Timeline,
  type VirtualNetwork,
  type VirtualServer,
  virtualServer,
} from 'holdfast/testing'
import type { AppContext, Visitor } from '../../uses/app.ts'
import { type AppName, apps } from '../../uses/apps.ts'
import { createBareTraffic } from '../../uses/traffic/bare.ts'
import { createCountingCodec } from '../../uses/tally.ts'
import { lanes } from '../../uses/traffic/contract.ts'
import { openLedger } from '../../uses/traffic/ledger.ts'
import { createTokens, welcoming } from '../../uses/visitors.ts'
import { randomId } from '../me.ts'
import type { Disks } from './database.ts'
import { DOMAIN } from './lines.ts'
import { pageVitals } from './vitals.ts'

/** The servers of all uses, as one process would have them. */
interface Process {
  listen(network: VirtualNetwork): void
  /** Its clients are told, and when to come back. */
  drain(spread: number): void
  expire(page: string): void
  /** It ends this instant. */
  kill(): void
}

interface ProcessOptions {
  readonly clock: Timeline
  readonly random: SeededRandom
  readonly disks: Disks
}

type Get = Parameters<AppContext['get']>[1]

/** What answers where no sessions are: plain WebSockets that carry numbers, and plain GETs. */
const servePlain = (network: VirtualNetwork, traffic: ReturnType<typeof createBareTraffic>, gets: Map<string, Get>) => {
  const carriers = new Set<Carrier>()
  const ends = [
    network.listen(`bare.${DOMAIN}`, {
      bare: true,
      accept(carrier, { url }) {
        const { searchParams } = new URL(url, location.href)
        const page = searchParams.get('line') ?? ''
        const lane = lanes.find((each) => each === searchParams.get('lane')) ?? 'websocket'
        carriers.add(carrier)
        traffic.connected(page, lane, carrier)
        return {
          message: (packet) => traffic.heard(page, lane, String(packet)),
          close() {
            carriers.delete(carrier)
            traffic.closed(page, lane, carrier)
          },
        }
      },
    }),
    network.listen(`plain.${DOMAIN}`, {
      exchange({ url }, _body, answer) {
        const { pathname, searchParams } = new URL(url ?? '/', location.href)
        const get = gets.get(pathname)
        answer.send(get ? 200 : 404, get ? JSON.stringify(get(searchParams)) : '')
        return () => {}
      },
    }),
  ]
  return {
    /** Plain WebSockets are told that it goes away. */
    close() {
      for (const carrier of carriers) carrier.close(1001)
    },
    end() {
      for (const end of ends) end()
      network.cut()
    },
  }
}

const startProcess = ({ clock, random, disks }: ProcessOptions): Process => {
  const tokens = createTokens(disks.scratch)
  const traffic = createBareTraffic(openLedger(disks.scratch))
  const cores = new Map<AppName, ServerCore<never, Visitor>>()
  const gets = new Map<string, Get>()
  const codec = createCountingCodec()
  const vitals = { ...pageVitals(), messages: () => codec.count }
  const ends: (() => void)[] = [traffic.end]
  const start = (name: AppName): VirtualServer<never, Visitor> =>
    virtualServer<never, Visitor>({
      clock,
      // What is secret is as long as a real server has it: the lab reckons with that.
      random: { ...random.fork(), id: () => randomId(16) },
      server: { ...welcoming(tokens), ...apps[name].options, origins: '*', schema: apps[name].schema, codec },
      serve(core) {
        cores.set(name, core)
        // Numbers of pages that are gone are of no use to the next one.
        const database = name === 'traffic' ? disks.scratch : disks.kept
        const get: AppContext['get'] = (path, answer) => void gets.set(path, answer)
        ends.push(apps[name].serve(core as never, { database, vitals, servers: cores, get }))
      },
      report: (error) => console.error(error),
    })
  const servers = new Map((Object.keys(apps) as AppName[]).map((name) => [name, start(name)]))
  const stop = (): void => {
    for (const end of ends.splice(0)) end()
  }
  const plain: ReturnType<typeof servePlain>[] = []
  let isGone = false
  return {
    listen(network) {
      if (isGone) return
      for (const [name, server] of servers) server.listen(network, `${name}.${DOMAIN}`)
      plain.push(servePlain(network, traffic, gets))
    },
    drain(spread) {
      stop()
      for (const core of cores.values()) core.close({ retry: { after: 1_000, spread } })
      for (const { close } of plain) close()
    },
    expire(page) {
      tokens.expire(page)
      for (const { sessions } of cores.values())
        for (const session of sessions) if (session.identity.page === page) session.reauthenticate('The token ran out')
    },
    kill() {
      isGone = true
      stop()
      for (const server of servers.values()) server.kill()
      for (const { end } of plain) end()
    },
  }
}

/** Keeps such a process running. */
export interface Servers {
  /** Lets this network lead to it, and to those after it. */
  listen(network: VirtualNetwork): void
  /** Lets it drain and end, and starts the next one. Its clients come back over `spread` milliseconds. */
  restart(spread: number): Promise<void>
  /** Ends it this instant. Resolves when the next one listens, as late as Node's would. */
  kill(): Promise<void>
  expire(page: string): void
}

/** Milliseconds that one that was killed stays away: long enough to see it missing. */
const ABSENCE = 3_000
/** Milliseconds that one may take to say goodbye. */
const PATIENCE = 2_000

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

export const keepServers = (options: ProcessOptions): Servers => {
  const networks: VirtualNetwork[] = []
  let process = startProcess(options)
  /** Resolves when a process listens. */
  let up: Promise<void> | undefined
  const again = async (leave: () => Promise<void>): Promise<void> => {
    await leave()
    process.kill()
    process = startProcess(options)
    for (const network of networks) process.listen(network)
    up = undefined
  }
  return {
    listen(network) {
      networks.push(network)
      process.listen(network)
    },
    restart: (spread) =>
      (up ??= again(async () => {
        const leaving = networks.flatMap(({ links }) => links).filter(({ held }) => held)
        process.drain(spread)
        const until = performance.now() + PATIENCE
        while (leaving.some(({ held }) => held) && performance.now() < until) await pause(50)
      })),
    kill() {
      process.kill()
      return (up ??= again(() => pause(ABSENCE)))
    },
    expire: (page) => process.expire(page),
  }
}
