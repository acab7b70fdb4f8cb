/**
 * How fast is it, next to a bare WebSocket? Measured in a real Chromium against a server in a process of its own:
 *
 *     npm run bench
 *     npm run bench -- --rounds 9 --write      and writes docs/benchmarks.md
 *     npm run bench -- --profile up            where the time goes in one measure, on both sides
 *
 * It measures the built package. A target that is missed makes it fail.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Page, chromium } from 'playwright'
import { build } from 'rolldown'
import { ensureBrowsers } from '../tools/browsers.ts'
import { root, suites } from '../tools/suites.ts'
import { type Measure, type Side, measures, repetitions } from './contract.ts'
import { type CpuProfile, hottest } from './profile.ts'
import { type Results, type Round, document, misses, table } from './report.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

buildPackage()
const script = await bundle(join(import.meta.dirname, 'page.ts'))
const server = fork(join(import.meta.dirname, 'server.ts'))
const [port] = (await once(server, 'message')) as [number]
const { executablePath } = (await ensureBrowsers(['chromium'])).get('chromium')!
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
try {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.addScriptTag({ content: script })
  for (const measure of measures) for (const side of ['raw', 'holdfast'] as const) await run(page, side, measure)
  if (options.profile === undefined) await compare(page)
  else await profile(page, server, options.profile as Measure)
} finally {
  await browser.close()
  server.disconnect()
}

async function compare(page: Page): Promise<void> {
  const results: Record<Measure, Round[]> = { up: [], down: [], inFlight: [], sequential: [] }
  for (let round = 0; round < Number(options.rounds); round++)
    for (const measure of measures)
      for (let time = 0; time < repetitions[measure]; time++) {
        const before = await run(page, 'raw', measure)
        const ours = await run(page, 'holdfast', measure)
        results[measure].push({ before, ours, after: await run(page, 'raw', measure) })
      }
  report(results)
}

function report(results: Results): void {
  console.log(table(results))
  if (options.write)
    writeFileSync(join(root, 'docs/benchmarks.md'), document(results, `Chromium ${browser.version().split('.')[0]!}`))
  const missed = misses(results)
  if (missed.length > 0) console.log(`Missed: ${missed.join(', ')}. See \`--profile ${missed[0]!}\`.`)
  process.exitCode = missed.length > 0 ? 1 : 0
}

function run(page: Page, side: Side, measure: Measure): Promise<number> {
  return page.evaluate(([carrier, what]) => window.measure(carrier, what), [side, measure] as const)
}

async function profile(page: Page, process: ChildProcess, measure: Measure): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Profiler.enable')
  const tell = async (command: string): Promise<unknown> => {
    const answer = once(process, 'message')
    process.send(command)
    return ((await answer) as [unknown])[0]
  }
  for (const side of ['raw', 'holdfast'] as const) {
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
