/**
 * Longer than a test run has time for:
 *
 *     npm run soak
 *     npm run soak -- --seeds 1000000 --minutes 60
 *
 * First many lives in the simulation, then half a minute of changing carriers in each browser, then minutes of a network
 * that comes and goes twice a second, with an eye on the memory of client and server. With `--seeds 0`, only the latter.
 * Fails if a life goes wrong, if a message is lost, doubled, out of order or damaged, or if one of them needs more and more memory.
 */
import { spawnSync } from 'node:child_process'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { describeOutcome } from '../chaos/chatter.ts'
import { unharmed } from '../chaos/ledger.ts'
import { groups, root } from '../tools/suites.ts'
import { flap } from './flapping.ts'

/** What the memory of the client, or of the server, may grow by, from the end of the first minute to that of the last, in bytes. */
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

const seeds = Number(values.seeds)
const isWell =
  seeds === 0 ||
  [
    live('any', seeds),
    live('switching', seeds / RARE),
    succeeds('npx', ['vitest', 'run', ...inBrowsers, 'test/browser/switching.test.ts'], { SWITCHING_SECONDS: '30' }),
  ].every(Boolean)
const { outcome, client, server } = await flap(Number(values.minutes), console.log)
console.log(describeOutcome(outcome))
const growths = [client, server].map((sizes) => sizes.at(-1)! - sizes[0]!)
console.log(`The client's memory grew by ${kilobytes(growths[0]!)}, the server's by ${kilobytes(growths[1]!)}.`)
const isHarmed = [outcome.up, outcome.down].some((damage) => !isDeepStrictEqual({ ...damage, ...unharmed }, damage))
process.exitCode = isWell && !isHarmed && Math.max(...growths) <= MAX_GROWTH ? 0 : 1

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed()} kB`
}
