/**
 * Compiles projects that use the packed package the way strangers do: strict, library files checked, from the oldest
 * supported TypeScript to the newest, resolving as Node does and as bundlers do.
 *
 *     node test/tools/consumer-check.ts holdfast-0.1.0.tgz
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const modules = resolve(import.meta.dirname, '../../node_modules')

/** Each with Node's types of its time: those of today need a TypeScript of today. */
const compilers = [
  { compiler: 'typescript-5.2', nodeTypes: 'types-node-20' },
  { compiler: 'typescript-5.9', nodeTypes: '@types/node' },
  { compiler: 'typescript-6', nodeTypes: '@types/node' },
  { compiler: 'typescript', nodeTypes: '@types/node' },
]
const resolutions = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' },
]
const programs = [
  { file: 'browser.ts', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] },
  { file: 'server.ts', lib: ['ES2022'], types: ['node'] },
]

interface Failure {
  readonly project: string
  readonly output: string
}

/** A folder with the package unpacked as npm would, and beside it what its user installed. */
async function install(tarball: string, folder: string, nodeTypes: string): Promise<void> {
  const target = join(folder, 'node_modules')
  mkdirSync(join(target, 'holdfast'), { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', join(target, 'holdfast'), '--strip-components=1'])
  for (const name of ['nanoevents', 'undici-types', '@types/ws']) {
    cpSync(join(modules, name), join(target, name), { recursive: true })
  }
  cpSync(join(modules, nodeTypes), join(target, '@types/node'), { recursive: true })
  for (const { file } of programs) cpSync(join(import.meta.dirname, '../consumer', file), join(folder, file))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }))
}

async function compile(compiler: string, folder: string): Promise<Failure[]> {
  const { version } = JSON.parse(readFileSync(join(modules, compiler, 'package.json'), 'utf8')) as { version: string }
  const failures: Failure[] = []
  for (const resolution of resolutions) {
    const compilations = programs.map(async ({ file, ...environment }) => {
      const project = `${resolution.moduleResolution}.${file.replace('.ts', '.json')}`
      const strictness = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
      }
      const compilerOptions = { target: 'ES2022', noEmit: true, ...strictness, ...resolution, ...environment }
      writeFileSync(join(folder, project), JSON.stringify({ compilerOptions, files: [file] }))
      try {
        await run(process.execPath, [join(modules, compiler, 'bin/tsc'), '-p', project], { cwd: folder })
      } catch (error) {
        const { stdout } = error as { stdout?: string }
        failures.push({ project: `TypeScript ${version}, ${project}`, output: stdout ?? String(error) })
      }
    })
    await Promise.all(compilations)
  }
  return failures
}

const [tarball] = process.argv.slice(2)
if (tarball === undefined) throw new Error('Which tarball? `npm pack` makes one.')
const home = mkdtempSync(join(tmpdir(), 'holdfast-consumer-'))
try {
  const failures: Failure[] = []
  for (const { compiler, nodeTypes } of compilers) {
    const folder = join(home, compiler)
    await install(resolve(tarball), folder, nodeTypes)
    failures.push(...(await compile(compiler, folder)))
  }
  for (const { project, output } of failures) console.error(`${project}:\n${output}`)
  process.exitCode = failures.length > 0 ? 1 : 0
} finally {
  rmSync(home, { recursive: true, force: true })
}
