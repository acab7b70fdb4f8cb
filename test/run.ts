/**
 * Runs every suite, or those that are named, one line each when it is done, and counts what passed and what failed:
 *
 *     npm test
 *     npm test -- unit browser
 *
 * Those that are on request run only if they are named.
 *
 * Vitest's suites count by test, the others as one check each. A suite that crashes, hangs or runs nothing has failed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { type Command, type Suite, groups, out, root, suites } from './tools/suites.ts'

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Why it failed, where the output doesn't say. */
  readonly note?: string
}

/** The part of vitest's JSON report that is counted. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) end(child)
    process.exit(130)
  })
}

const outcomes = new Map<string, Outcome>()
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const plan = chosen(process.argv.slice(2))
for (const suite of plan) {
  if (plan.some(({ name }) => name === suite.beside)) continue
  await Promise.all([inOrder([suite]), inOrder(plan.filter(({ beside }) => beside === suite.name))])
}

const total = [...outcomes.values()]
const failed = sum(total.map((outcome) => outcome.failed))
console.log(`${sum(total.map((outcome) => outcome.passed))} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

async function inOrder(some: readonly Suite[]): Promise<void> {
  for (const suite of some) outcomes.set(suite.name, await report(suite))
}

/** The suites of these names, and those they need, in the order in which suites run. */
function chosen(names: readonly string[]): Suite[] {
  if (names.length === 0) return suites.filter(({ onRequest }) => !onRequest)
  const wanted = new Set<string>()
  const want = (name: string): void => {
    const suite = suites.find((candidate) => candidate.name === name)
    const group = groups[name]
    if (!suite && !group) {
      const known = [...Object.keys(groups), ...suites.map((candidate) => candidate.name)].join(', ')
      throw new Error(`There is no suite "${name}". There are: ${known}.`)
    }
    if (suite) wanted.add(name)
    for (const other of suite?.needs ?? group ?? []) want(other)
  }
  for (const name of names) want(name)
  return suites.filter(({ name }) => wanted.has(name))
}

/** Runs a suite and writes its line, after its output if it failed. */
async function report(suite: Suite): Promise<Outcome> {
  const start = performance.now()
  const { outcome, output } = await run(suite)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const ok = outcome.failed === 0
  if (!ok) console.log(`${output.trimEnd()}\n`)
  const counts = [
    `${outcome.passed} passed`,
    ...(ok ? [] : [`${outcome.failed} failed`]),
    ...(outcome.skipped > 0 ? [`${outcome.skipped} skipped`] : []),
  ]
  const note = outcome.note === undefined ? '' : ` (${outcome.note})`
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${suite.name.padEnd(12)} ${counts.join(', ')} in ${seconds} s${note}`)
  return outcome
}

async function run(suite: Suite): Promise<{ outcome: Outcome; output: string }> {
  const broken = suite.needs?.find((name) => outcomes.get(name)?.failed !== 0)
  if (broken !== undefined) return { outcome: failure(`not run: ${broken} failed`), output: '' }
  const deadline = performance.now() + suite.limit * 1000
  let output = ''
  for (const command of suite.commands) {
    const result = await execute(command, suite, deadline)
    output += result.output
    if (result.note !== undefined) return { outcome: counted(suite, result.note), output }
  }
  return { outcome: counted(suite), output }
}

function counted(suite: Suite, note?: string): Outcome {
  if (suite.report === undefined) return note === undefined ? { passed: 1, failed: 0, skipped: 0 } : failure(note)
  let results: Report
  try {
    results = JSON.parse(readFileSync(suite.report, 'utf8')) as Report
  } catch {
    return failure(note ?? 'left no report')
  }
  const { numPassedTests: passed, testResults } = results
  // A file that couldn't even be loaded has no test that failed.
  const crashed = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failures = results.numFailedTests + crashed.length
  const skipped = results.numPendingTests + results.numTodoTests
  if (failures > 0) return { passed, failed: failures, skipped }
  if (note !== undefined) return { passed, failed: 1, skipped, note }
  return passed === 0 ? failure('ran no test') : { passed, failed: 0, skipped }
}

function failure(note: string): Outcome {
  return { passed: 0, failed: 1, skipped: 0, note }
}

/** Runs one command to its end or to the deadline; the note says how it failed. */
async function execute(
  [program, ...args]: Command,
  suite: Suite,
  deadline: number,
): Promise<{ output: string; note?: string }> {
  // A process group of its own, so that what it starts can be ended with it.
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CI: process.env['CI'] ?? '1', ...suite.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  running.add(child)
  if (suite.background && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  let late = false
  const patience = setTimeout(() => {
    late = true
    end(child)
  }, deadline - performance.now())
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    const output = Buffer.concat(chunks).toString()
    if (late) return { output, note: `killed after ${suite.limit} s` }
    if (code === 0) return { output }
    return { output, note: `${basename(args[0] ?? program)} ended with ${signal ?? `exit code ${String(code)}`}` }
  } catch (error) {
    return { output: String(error), note: `${program} did not start` }
  } finally {
    clearTimeout(patience)
    running.delete(child)
  }
}

/** Asks a process and what it started to end, and soon ends them without asking. */
function end(child: ChildProcess): void {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (process.platform === 'win32' || child.pid === undefined) child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch {
      // It is gone already.
    }
  }
  kill('SIGTERM')
  setTimeout(() => kill('SIGKILL'), 5_000).unref()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0)
}
