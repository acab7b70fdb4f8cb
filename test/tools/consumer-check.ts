/**
 * Compiles projects that use the packed package the way strangers do: strict, library files checked, from the oldest
 * supported TypeScript to the newest, resolving as Node does and as bundlers do. The hooks' types are checked beside
 * the oldest and the newest supported version of each framework.
 *
 *     node test/tools/consumer-check.ts holdfast-0.1.0.tgz
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
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

/** Their programs are what the hooks' types are tested by. */
const frameworks = ['react', 'solid', 'svelte', 'vue']
const installed = {
  oldest: { '@types/react': 'types-react-18', 'solid-js': 'solid-1.8', svelte: 'svelte-5.0', vue: 'vue-3.4' },
  newest: { '@types/react': '@types/react', 'solid-js': 'solid-js', svelte: 'svelte', vue: 'vue' },
}

interface Failure {
  readonly project: string
  readonly output: string
}

const strictness = {
  target: 'ES2022',
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  // TypeScript's own are its authors' affair, and most of the work.
  skipDefaultLibCheck: true,
}

/** A folder with the package unpacked as npm would. */
async function install(tarball: string, folder: string): Promise<void> {
  const target = join(folder, 'node_modules')
  mkdirSync(join(target, 'holdfast'), { recursive: true })
  mkdirSync(join(target, '@types'))
  await run('tar', ['-xzf', tarball, '-C', join(target, 'holdfast'), '--strip-components=1'])
  cpSync(join(modules, 'nanoevents'), join(target, 'nanoevents'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }))
}

/** What it says where a project does not compile. */
async function compile(compiler: string, folder: string, project: string, config: object): Promise<Failure[]> {
  writeFileSync(join(folder, project), JSON.stringify(config))
  try {
    await run(process.execPath, [join(modules, compiler, 'bin/tsc'), '-p', project], { cwd: folder })
    return []
  } catch (error) {
    const { version } = JSON.parse(readFileSync(join(modules, compiler, 'package.json'), 'utf8')) as { version: string }
    const { stdout } = error as { stdout?: string }
    return [{ project: `TypeScript ${version}, ${basename(folder)}/${project}`, output: stdout ?? String(error) }]
  }
}

/** A page's code and a server's, beside what their author installed. */
async function checkPrograms(tarball: string, home: string): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const { compiler, nodeTypes } of compilers) {
    const folder = join(home, compiler)
    await install(tarball, folder)
    for (const name of ['undici-types', '@types/ws'])
      cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true })
    cpSync(join(modules, nodeTypes), join(folder, 'node_modules/@types/node'), { recursive: true })
    for (const { file } of programs) cpSync(join(import.meta.dirname, '../consumer', file), join(folder, file))
    // As Node resolves, the oldest and the newest: those between have nothing of their own there.
    const isBetween = compiler !== compilers[0]!.compiler && compiler !== 'typescript'
    for (const resolution of isBetween ? resolutions.slice(1) : resolutions) {
      const compilations = programs.map(({ file, ...environment }) => {
        const compilerOptions = { ...strictness, ...resolution, ...environment }
        const project = `${resolution.moduleResolution}.${file.replace('.ts', '.json')}`
        return compile(compiler, folder, project, { compilerOptions, files: [file] })
      })
      failures.push(...(await Promise.all(compilations)).flat())
    }
  }
  return failures
}

/** Components' code, which bundlers resolve. */
async function checkFrameworks(tarball: string, home: string): Promise<Failure[]> {
  const checks = Object.entries(installed).map(async ([age, packages]) => {
    const folder = join(home, age)
    await install(tarball, folder)
    // Linked, so that they find what they need themselves.
    for (const [name, installed] of Object.entries(packages))
      symlinkSync(join(modules, installed), join(folder, 'node_modules', name))
    const files = ['contract', ...frameworks].map((name) => `${name}.ts`)
    for (const file of files) cpSync(join(import.meta.dirname, '../types', file), join(folder, file))
    const compilerOptions = {
      ...strictness,
      module: 'esnext',
      moduleResolution: 'bundler',
      allowImportingTsExtensions: true,
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      types: [],
    }
    const compilations = [
      // What a framework's author would find in its own files, the quick compiler alone looks for.
      compile('typescript', folder, 'all.json', { compilerOptions, files }),
      compile('typescript-5.9', folder, 'own.json', {
        compilerOptions: { ...compilerOptions, skipLibCheck: true },
        files,
      }),
    ]
    return (await Promise.all(compilations)).flat()
  })
  return (await Promise.all(checks)).flat()
}

const [tarball] = process.argv.slice(2)
if (tarball === undefined) throw new Error('Which tarball? `npm pack` makes one.')
const home = mkdtempSync(join(tmpdir(), 'holdfast-consumer-'))
try {
  const failures = [
    ...(await checkPrograms(resolve(tarball), home)),
    ...(await checkFrameworks(resolve(tarball), home)),
  ]
  for (const { project, output } of failures) console.error(`${project}:\n${output}`)
  process.exitCode = failures.length > 0 ? 1 : 0
} finally {
  rmSync(home, { recursive: true, force: true })
}
