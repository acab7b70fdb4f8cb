/**
 * How fast is it, next to a bare WebSocket? Measured in a real Chromium against a server in a process of its own:
 *
 *     npm run bench
 *     npm run bench -- --rounds 9 --write      and writes docs/benchmarks.md
 *     npm run bench -- --only pollingUp,pollingDown
 *     npm run bench -- --profile up            where the time goes in one measure, on both sides
 *
 * It measures the built package. A target that is missed makes it fail.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { build } from 'rolldown'
import { ensureBrowsers } from '../tools/browsers.ts'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { root, suites } from '../tools/suites.ts'
import { type Measure, type Side, measureNames, measures, roundTrip } from './contract.ts'
import { type DrivenPage, createDriver } from './driver.ts'
import { type CpuProfile, hottest } from './profile.ts'
import { type Results, type Round, document, misses, table } from './report.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: measureNames.join(',') },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

buildPackage()
const script = await bundle(join(import.meta.dirname, 'page.ts'))
const server = fork(join(import.meta.dirname, 'server.ts'))
server.send(script)
const [port] = (await once(server, 'message')) as [number]
const { executablePath } = (await ensureBrowsers(['chromium'])).get('chromium')!
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
const wanted = (options.profile ?? options.only).split(',') as Measure[]
const throughput = wanted.filter((measure) => measures[measure].run !== 'push')
const pushes = wanted.filter((measure) => measures[measure].run === 'push')
const driver = await createDriver(browser)
try {
  const page = await driver.open(`127.0.0.1:${port}`, options.profile !== undefined)
  for (const measure of throughput) for (const side of sidesOf(measure)) await run(page, side, measure)
  if (options.profile === undefined) await compare(page)
  else await profile(page, server, options.profile as Measure)
} finally {
  driver.close()
  await browser.close()
  server.disconnect()
}

function sidesOf(measure: Measure): readonly [reference: Side, ours: Side] {
  const { reference, ours } = measures[measure]
  return [reference, ours]
}

async function compare(page: DrivenPage): Promise<void> {
  const results = Object.fromEntries(measureNames.map((measure): [Measure, Round[]] => [measure, []])) as Record<
    Measure,
    Round[]
  >
  await using line = await FaultProxy.start({ target: { port } })
  line.latency(roundTrip / 2)
  const distant = await driver.open(line.host)
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const measure of throughput)
      for (let time = 0; time < measures[measure].repetitions; time++) {
        const [reference, side] = sidesOf(measure)
        const before = await run(page, reference, measure)
        const ours = await run(page, side, measure)
        results[measure].push({ before, ours, after: await run(page, reference, measure) })
      }
    if (pushes.length > 0) await comparePushes(distant, results)
  }
  report(results)
}

/** All of them take turns, so there is no before and after. */
async function comparePushes(distant: DrivenPage, results: Record<Measure, Round[]>): Promise<void> {
  const { reference, amount } = measures[pushes[0]!]
  const sides = [reference, ...pushes.map((measure) => measures[measure].ours)]
  const [raw, ...ours] = await distant.run({ pushes: sides, amount, direct: `127.0.0.1:${port}` })
  for (const [index, measure] of pushes.entries())
    results[measure].push({ before: raw!, ours: ours[index]!, after: raw! })
}

function report(results: Results): void {
  console.log(table(results))
  if (options.write)
    writeFileSync(join(root, 'docs/benchmarks.md'), document(results, `Chromium ${browser.version().split('.')[0]!}`))
  const missed = misses(results)
  if (missed.length > 0) console.log(`Missed: ${missed.join(', ')}. See \`--profile ${missed[0]!}\`.`)
  process.exitCode = missed.length > 0 ? 1 : 0
}

async function run(page: DrivenPage, side: Side, measure: Measure): Promise<number> {
  return (await page.run({ side, measure }))[0]!
}

async function profile(page: DrivenPage, process: ChildProcess, measure: Measure): Promise<void> {
  const devtools = page.devtools!
  await devtools.send('Profiler.enable')
  const tell = async (command: string): Promise<unknown> => {
    const answer = once(process, 'message')
    process.send(command)
    return ((await answer) as [unknown])[0]
  }
  for (const side of sidesOf(measure)) {
    await tell('profile')
    await devtools.send('Profiler.start')
    const results: number[] = []
    for (let round = 0; round < Number(options.rounds); round++) results.push(await run(page, side, measure))
    const client = (await devtools.send('Profiler.stop')).profile
    const served = (await tell('report')) as { profile: CpuProfile }
    console.log(`${side}, ${measure}: ${results.map((result) => result.toPrecision(3)).join(' ')}`)
    console.log(` page\n${hottest(client)}\n server\n${hottest(served.profile)}`)
  }
}

function buildPackage(): void {
  for (const [program, ...args] of suites.find(({ name }) => name === 'build')!.commands) {
    const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
    if (status !== 0) throw new Error('The package could not be built.')
  }
}

/** The page's script. It imports the package by its name, which is the built one here. */
async function bundle(input: string): Promise<string> {
  const { output } = await build({ input, platform: 'browser', write: false, output: { format: 'iife' } })
  return output[0].code
}
