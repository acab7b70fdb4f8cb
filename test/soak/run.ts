/**
 * Longer than a test run has time for:
 *
 *     npm run soak
 *     npm run soak -- --seeds 1000000 --minutes 60
 *
 * First many lives in the simulation, then half a minute of changing carriers in each browser, then minutes of killed connections on
 * real sockets, with an eye on the heap.
 * Fails if a life goes wrong, if a message is lost, doubled or out of order, or if the heap keeps growing.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { connect } from '../../src/index.ts'
import { createServer } from '../../src/server/index.ts'
import { type ChaosFigures, type Counting, countBack, describeChaos, survive } from '../tools/chaos.ts'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { usedHeap } from '../tools/heap.ts'
import { startHttpServer } from '../tools/http-server.ts'
import { groups, root } from '../tools/suites.ts'

/** What the heap of client, server and proxy together may grow by, from after the first round to the end, in bytes. */
const MAX_GROWTH = 2_000_000

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '50000' }, minutes: { type: 'string', default: '10' } },
})

/** Lives that change carriers all the time are long: so many others are lived for each of them. */
const RARE = 25

const succeeds = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
const live = (kind: string, seeds: number): boolean =>
  succeeds(process.execPath, ['test/simulation/simulate.ts', '--life', kind, '--seeds', String(Math.ceil(seeds))])
const inBrowsers = groups['browser']!.flatMap((project) => ['--project', project])

const isWell = [
  live('any', Number(values.seeds)),
  live('switching', Number(values.seeds) / RARE),
  succeeds('npx', ['vitest', 'run', ...inBrowsers, 'test/browser/switching.test.ts'], { SWITCHING_SECONDS: '30' }),
].every(Boolean)
const { harm, growth } = await soak(Number(values.minutes))
console.log(`The heap grew by ${(growth / 1000).toFixed(0)} kB.`)
process.exitCode = isWell && !harm && growth <= MAX_GROWTH ? 0 : 1

/** Rounds of a minute each, every one with a new session, and a new proxy, on the same server. */
async function soak(minutes: number): Promise<{ harm: boolean; growth: number }> {
  const server = createServer<Counting>({ path: '/live', keep: 5_000 })
  server.on('session', countBack)
  const http = await startHttpServer((node) => void server.attach(node))
  const heaps: number[] = []
  let harm = false
  for (let round = 0; round < minutes; round++) {
    const figures = await endure(http.port)
    heaps.push(usedHeap())
    harm ||= [figures.up, figures.down].some(({ lost, doubled, outOfOrder }) => lost + doubled + outOfOrder > 0)
    console.log(`${describeChaos(figures)}; heap ${(heaps.at(-1)! / 1e6).toFixed(2)} MB`)
  }
  await server.close()
  await http.kill()
  return { harm, growth: heaps.at(-1)! - heaps[0]! }
}

async function endure(port: number): Promise<ChaosFigures> {
  await using proxy = await FaultProxy.start({ target: { port } })
  const url = `ws://127.0.0.1:${proxy.port}/live`
  await using socket = connect<Counting>(url, { backoff: { base: 50, max: 400 } })
  return await survive(socket, { cut: () => proxy.cut(), duration: 60_000, rate: 200, pause: [100, 1500] })
}
