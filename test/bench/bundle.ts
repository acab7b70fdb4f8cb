/** Scripts for pages: with Holdfast as it is built, or with another library beside. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type Plugin, build } from 'rolldown'
import { root, suites } from '../tools/suites.ts'
import type { Library } from './libraries.ts'
import { requirePeer } from './peers.ts'

/** A module that is made up: what it imports is looked for where the other libraries are installed, or else here. */
const entry = join(import.meta.dirname, 'made-up.js')
const page = join(import.meta.dirname, 'page.ts')
const beside = requirePeer.resolve.paths('any')![0]!
const madeUp = (code: string): Plugin => ({
  name: 'made-up',
  resolveId(source, importer) {
    if (source === entry) return source
    if (importer !== entry || source.startsWith('/')) return null
    return this.resolve(source, source === 'holdfast' ? import.meta.filename : join(beside, '../any.js'))
  },
  load: (id) => (id === entry ? code : null),
  // The package claims that nothing in it is run for its effect; the page is.
  transform: (_code, id) => (id === page ? { moduleSideEffects: true } : null),
})

async function bundle(code: string, minify = false): Promise<string> {
  const { output } = await build({
    input: entry,
    platform: 'browser',
    write: false,
    plugins: [madeUp(code)],
    // SockJS takes a page for Node.js.
    transform: { define: { global: 'globalThis' } },
    output: { format: 'iife', minify },
    // Other people's code has what there is to be warned of.
    onLog: () => {},
  })
  return output[0].code
}

/** What page/peer-lines.ts knows the library by. */
const importOf = ({ module, export: name }: Pick<Library, 'module' | 'export'>): string =>
  `import { ${name} as peer } from '${module}'\nglobalThis.peer = peer\n`

/** The page's script. */
export const pageScript = (library?: Library): Promise<string> =>
  bundle(`${library ? importOf(library) : ''}import ${JSON.stringify(page)}`)

/** Bytes of what a page loads to have the library: minified, as brotli. */
export const weigh = async (library: Pick<Library, 'module' | 'export'>): Promise<number> =>
  brotliCompressSync(await bundle(importOf(library), true)).length

export function buildPackage(): void {
  for (const [program, ...args] of suites.find(({ name }) => name === 'build')!.commands) {
    const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
    if (status !== 0) throw new Error('The package could not be built.')
  }
}
