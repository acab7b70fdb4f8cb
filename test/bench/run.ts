/**
 * How fast is it, next to a bare WebSocket? Measured in a real browser against a server in a process of its own:
 *
 *     npm run bench
 *     npm run bench -- --rounds 9 --write      and writes docs/benchmarks.md and test/bench/baseline.json
 *     npm run bench -- --check                 in a minute or so: what got worse since the latter was written?
 *     npm run bench -- --only pollingUp,pollingDown
 *     npm run bench -- --browser firefox       or webkit
 *     npm run bench -- --peers                 other libraries, installed beside the project
 *     npm run bench -- --profile up            where the time goes in one measure, on both sides
 *
 * It measures the built package. A target that is missed makes it fail; with `--check`, whatever got worse.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import type { Engine } from '../tools/browsers.ts'
import { root } from '../tools/suites.ts'
import { type Baseline, baselineOf, worsened } from './baseline.ts'
import { buildPackage, pageScript, weigh } from './bundle.ts'
import { type Section, provenance, withSection } from './document.ts'
import { type Library, holdfast, libraries, packages } from './libraries.ts'
import { type Measure, measureNames } from './measures.ts'
import { type Peer, peerMeasures, peerTable } from './peer-table.ts'
import { ensurePeers, versionOf } from './peers.ts'
import { profile } from './profile-run.ts'
import { measure } from './rounds.ts'
import { type Results, misses, nameOf } from './rows.ts'
import { type Stage, openStage } from './stage.ts'
import { table } from './table.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    browser: { type: 'string', default: 'chromium' },
    profile: { type: 'string' },
    check: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const documentFile = join(root, 'docs/benchmarks.md')
const baselineFile = join(import.meta.dirname, 'baseline.json')
/** What tells most in little time. */
const checked: readonly Measure[] = ['up', 'down', 'inFlight', 'sequential', 'heap', 'wire', 'pollingUp', 'pollingDown']
const engine = options.browser as Engine
const wanted = ((options.profile ?? options.only)?.split(',') ?? (options.check ? checked : measureNames)) as Measure[]
const rounds = Number(options.rounds ?? (options.check ? 1 : options.peers ? 2 : 5))

buildPackage()
if (options.peers) await comparePeers()
else await compareWithRaw()

async function compareWithRaw(): Promise<void> {
  await using stage = await openStage(engine, await pageScript())
  if (options.profile !== undefined) return await profile(stage, options.profile as Measure, rounds)
  await tell(stage, await measure(stage, wanted, rounds))
}

async function comparePeers(): Promise<void> {
  await ensurePeers(packages)
  const peers: Peer[] = []
  let browser = ''
  const add = async (library: Library | typeof holdfast, side?: string): Promise<void> => {
    await using stage = await openStage(engine, await pageScript('client' in library ? library : undefined), side)
    const names = peerMeasures.filter((name) => wanted.includes(name) && !('hasNoQueue' in library && name === 'heap'))
    browser = stage.browser
    const version = 'client' in library ? versionOf(library.client) : ''
    const results = await measure(stage, names, rounds, side)
    peers.push({ name: `${library.name} ${version}`.trim(), results, weight: await weigh(library) })
    // It takes minutes.
    console.error(peerTable(peers.slice(-1)))
  }
  await add(holdfast)
  for (const [side, library] of Object.entries(libraries)) await add(library, side)
  const servers = packages.filter((name) => Object.values(libraries).some(({ server }) => server === name))
  const versions = servers.map((name) => `${name} ${versionOf(name)}`).join(', ')
  console.log(peerTable(peers))
  if (options.write)
    await write('peers', `${provenance(browser, rounds)} Servers: ${versions}, ws.\n\n${peerTable(peers)}`)
}

async function tell(stage: Stage, results: Results): Promise<void> {
  console.log(`${stage.browser}\n${table(results)}`)
  if (options.check) return check(results)
  if (options.write) await write(engine, `${provenance(stage.browser, rounds)}\n\n${table(results)}`)
  if (options.write && engine === 'chromium') await save(baselineFile, JSON.stringify(baselineOf(results)))
  const missed = misses(results)
  if (missed.length > 0)
    console.log(`Missed: ${missed.map(nameOf).join(', ')}. See \`--profile ${missed[0]!.measure}\`.`)
  process.exitCode = missed.length > 0 ? 1 : 0
}

async function write(section: Section, text: string): Promise<void> {
  await save(documentFile, withSection(readFileSync(documentFile, 'utf8'), section, text))
}

async function save(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
}

function check(results: Results): void {
  const lines = worsened(JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline, results)
  console.log(lines.length > 0 ? `Worse:\n${lines.join('\n')}` : 'Nothing got worse.')
  process.exitCode = lines.length > 0 ? 1 : 0
}
