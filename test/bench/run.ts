/**
 * How fast is it, next to a bare WebSocket? Measured in a real browser against a server in a process of its own:
 *
 *     npm run bench
 *     npm run bench -- --rounds 9 --write      and writes docs/benchmarks.md and test/bench/baseline.json
 *     npm run bench -- --check                 in a minute or so: what got worse since the latter was written?
 *     npm run bench -- --only pollingUp,pollingDown
 *     npm run bench -- --browser firefox       or webkit
 *     npm run bench -- --profile up            where the time goes in one measure, on both sides
 *
 * It measures the built package. A target that is missed makes it fail; with `--check`, whatever got worse.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { build } from 'rolldown'
import type { Engine } from '../tools/browsers.ts'
import { root, suites } from '../tools/suites.ts'
import { type Baseline, baselineOf, worsened } from './baseline.ts'
import type { Outcome } from './contract.ts'
import { type Section, provenance, withSection } from './document.ts'
import { type Measure, comparisonOf, measureNames } from './measures.ts'
import { type CpuProfile, hottest } from './profile.ts'
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
    write: { type: 'boolean', default: false },
  },
})
const documentFile = join(root, 'docs/benchmarks.md')
const baselineFile = join(import.meta.dirname, 'baseline.json')
/** What tells most in little time. */
const checked: readonly Measure[] = ['up', 'down', 'inFlight', 'sequential', 'heap', 'wire', 'pollingUp', 'pollingDown']
const engine = options.browser as Engine
const wanted = ((options.profile ?? options.only)?.split(',') ?? (options.check ? checked : measureNames)) as Measure[]
const rounds = Number(options.rounds ?? (options.check ? 3 : 5))

buildPackage()
const script = await bundle(join(import.meta.dirname, 'page.ts'))
await using stage = await openStage(engine, script)
if (options.profile === undefined) await tell(await measure(stage))
else await profile(stage, options.profile as Measure)

async function measure(stage: Stage): Promise<Results> {
  const results: Partial<Record<Measure, Outcome[]>> = {}
  const names = wanted.filter((measure) => engine === 'chromium' || !comparisonOf(measure).onlyChromium)
  for (const name of names) await warmUp(stage, name)
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      const { repetitions, most = Infinity } = comparisonOf(name)
      if (round >= most) continue
      console.error(`${round + 1} of ${rounds}: ${name}`)
      for (let time = 0; time < repetitions; time++) (results[name] ??= []).push(await stage.run(comparisonOf(name)))
    }
  return results
}

/** Compiled, on both ends. Ours takes longer to be: its reference has less code, and does it more often. */
async function warmUp(stage: Stage, name: Measure): Promise<void> {
  const { warmUps = 0, reference, ours } = comparisonOf(name)
  if (warmUps > 0 && reference !== null)
    await stage.run({ ...comparisonOf(name), amount: Math.min(5_000, comparisonOf(name).amount) }, reference)
  for (let time = 0; time < warmUps; time++) await stage.run(comparisonOf(name), ours)
}

async function tell(results: Results): Promise<void> {
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

async function profile(stage: Stage, measure: Measure): Promise<void> {
  const { devtools } = stage
  if (!devtools) throw new Error('Only Chromium tells where the time goes.')
  await devtools.ask('Profiler.enable')
  const { reference, ours } = comparisonOf(measure)
  for (const side of reference === null ? [ours] : [reference, ours]) {
    await stage.run(comparisonOf(measure), side)
    await stage.tell('profile')
    await devtools.ask('Profiler.start')
    for (let round = 0; round < rounds; round++) {
      const figures = Object.entries((await stage.run(comparisonOf(measure), side)).ours)
      console.log(
        `${side}, ${measure}: ${figures.map(([name, value]) => `${name} ${value?.toPrecision(3)}`).join(', ')}`,
      )
    }
    const client = (await devtools.ask('Profiler.stop')).profile
    const served = (await stage.tell('report')) as { profile: CpuProfile }
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
