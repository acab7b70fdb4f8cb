/** What `npm test` runs, in order. */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')
/** Reports and the packed package; emptied at the start of a run. */
export const out = join(root, 'test/.out')

/** A command and its arguments. */
export type Command = readonly [string, ...string[]]

export interface Suite {
  readonly name: string
  /** Suites that make what this one needs; they run first, and without them it cannot pass. */
  readonly needs?: readonly string[]
  /** It runs at the same time as this one. */
  readonly beside?: string
  /** It keeps none of those that it runs with from their work: it has the lowest priority. */
  readonly background?: boolean
  /** Seconds after which it is killed and counted as failed. */
  readonly limit: number
  readonly commands: readonly Command[]
  readonly env?: Readonly<Record<string, string>>
  /** Runs only if it is named: it takes too long for every time. */
  readonly onRequest?: boolean
  /** Vitest's JSON report; without it the suite counts as one check. */
  readonly report?: string
}

const tsconfigs = [
  'tsconfig.json',
  'src/tsconfig.json',
  'src/tsconfig.build.json',
  'test/tsconfig.json',
  'demo/tsconfig.json',
]
const tarball = join(out, `holdfast-${manifest(root).version}.tgz`)

export const suites: readonly Suite[] = [
  {
    name: 'typecheck',
    beside: 'simulation',
    limit: 240,
    commands: tsconfigs.map((file) => bin('typescript', '--noEmit', '-p', file)),
  },
  { name: 'lint', beside: 'simulation', limit: 240, commands: [bin('oxlint')] },
  { name: 'format', beside: 'simulation', limit: 240, commands: [bin('prettier', '--check', '--log-level=warn', '.')] },
  { name: 'knip', beside: 'simulation', limit: 240, commands: [bin('knip')] },
  vitest('unit', 180, { projects: ['unit', 'frameworks', 'rendering'] }),
  {
    name: 'build',
    limit: 120,
    commands: [bin('rollup', '-c', '--silent'), bin('typescript', '-p', 'src/tsconfig.build.json')],
  },
  { name: 'pack', limit: 60, needs: ['build'], commands: [npm('pack', '--ignore-scripts', '--pack-destination', out)] },
  vitest('package', 120, { beside: 'simulation', needs: ['build'] }),
  { name: 'size', beside: 'simulation', limit: 60, needs: ['build'], commands: [bin('size-limit')] },
  {
    name: 'publint',
    beside: 'simulation',
    limit: 60,
    needs: ['pack'],
    commands: [bin('publint', 'run', tarball, '--strict')],
  },
  {
    name: 'attw',
    beside: 'simulation',
    limit: 60,
    needs: ['pack'],
    commands: [bin('@arethetypeswrong/cli', tarball, '--profile', 'esm-only', '--no-emoji')],
  },
  // It fills what those beside it, one after the other, leave of the processors.
  vitest('simulation', 480, { background: true }),
  {
    name: 'consumer',
    // Not beside those that measure real sockets: it takes a processor for most of a minute.
    beside: 'simulation',
    limit: 300,
    needs: ['pack'],
    commands: [[process.execPath, 'test/tools/consumer-check.ts', tarball]],
  },
  { name: 'proxies', limit: 300, commands: [[process.execPath, 'test/tools/proxies.ts']] },
  vitest('integration', 300, { needs: ['proxies'], projects: ['integration', 'waiting'] }),
  vitest('dist', 300, {
    // What waits for seconds is not waited for again.
    needs: ['build'],
    projects: ['unit', 'integration'],
    env: { HOLDFAST_DIST: '1' },
  }),
  { name: 'browsers', limit: 900, commands: [[process.execPath, 'test/tools/browsers.ts']] },
  vitest('chaos', 300, { needs: ['build', 'browsers'], projects: ['chaos', 'chromium-chaos'] }),
  vitest('demo', 300, { needs: ['build', 'browsers'], first: [bin('vite', 'build', 'demo')] }),
  vitest('demo-long', 300, {
    onRequest: true,
    needs: ['build', 'browsers'],
    first: [bin('vite', 'build', 'demo'), bin('vite', 'build', 'demo', '--mode', 'static')],
  }),
  vitest('chromium', 300, { needs: ['build', 'browsers'] }),
  vitest('apps', 300, {
    // Alone, so that it is over when Chromium's main thread is measured.
    beside: 'chromium',
    background: true,
    needs: ['pack', 'browsers'],
    first: [[process.execPath, 'test/frameworks/apps/build.ts', tarball]],
  }),
  vitest('firefox', 300, { needs: ['build', 'browsers'] }),
  // All of them do little but wait.
  vitest('webkit', 300, { beside: 'firefox', background: true, needs: ['build', 'browsers'] }),
  vitest('life', 120, { beside: 'firefox', background: true, needs: ['build', 'browsers'] }),
]

/** Names for several suites at once. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  static: ['typecheck', 'lint', 'format', 'knip'],
  published: ['build', 'pack', 'package', 'size', 'publint', 'attw', 'consumer'],
  browser: ['life', 'chromium', 'firefox', 'webkit', 'apps', 'demo'],
}

interface VitestOptions {
  readonly onRequest?: boolean
  readonly beside?: string
  readonly background?: boolean
  readonly projects?: readonly string[]
  readonly needs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What comes before the tests. */
  readonly first?: readonly Command[]
}

function vitest(name: string, limit: number, { projects = [name], first = [], ...rest }: VitestOptions = {}): Suite {
  const report = join(out, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const command = bin('vitest', 'run', ...projects.flatMap((project) => ['--project', project]), ...reporters)
  return { name, limit, report, commands: [...first, command], ...rest }
}

interface Manifest {
  readonly version: string
  readonly bin?: string | Readonly<Record<string, string>>
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** The program of a package, run by the Node.js that runs this: no shell, and none of the look-alikes on the PATH. */
function bin(packageName: string, ...args: string[]): Command {
  const folder = join(root, 'node_modules', packageName)
  const { bin: programs } = manifest(folder)
  const program = typeof programs === 'string' ? programs : Object.values(programs ?? {})[0]
  if (program === undefined) throw new Error(`${packageName} has no program.`)
  return [process.execPath, join(folder, program), ...args]
}

/** The npm that started this, or the one beside Node.js. */
function npm(...args: string[]): Command {
  const cli = process.env['npm_execpath'] ?? join(dirname(process.execPath), 'npm')
  return /\.[cm]?js$/.test(cli) ? [process.execPath, cli, ...args] : ['npm', ...args]
}
