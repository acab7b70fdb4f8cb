import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** A deliberate fault: one place in the sources that is changed. */
export interface Patch {
  /** Path from the root of the repository. */
  readonly file: string
  /** Text that occurs exactly once in that file. */
  readonly find: string
  /** What stands there instead. */
  readonly replace: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Replaces the one occurrence; throws where there is none or more than one. */
export const applyPatch = (source: string, { file, find, replace }: Patch): string => {
  const count = source.split(find).length - 1
  if (count !== 1) throw new Error(`${file} has ${count} times what a fault must find exactly once: ${find}`)
  return source.replace(find, () => replace)
}

/** A bundle on disk. */
export interface Bundle {
  readonly file: string
  /** Deletes it. */
  discard(): Promise<void>
}

/** One file with an entry, the sources it uses, and a fault if one is wanted. The sources on disk stay as they are. */
export const createBundle = async (entry: string, patches: readonly Patch[] = []): Promise<Bundle> => {
  const applied = new Set<Patch>()
  const patched = async (id: string): Promise<string | undefined> => {
    const wanted = patches.filter(({ file }) => file === relative(root, id))
    if (wanted.length === 0) return undefined
    for (const patch of wanted) applied.add(patch)
    return wanted.reduce(applyPatch, await readFile(id, 'utf8'))
  }
  const build = await rolldown({
    input: join(root, entry),
    platform: 'node',
    resolve: {
      alias: {
        'holdfast/store': join(root, 'src/store/index.ts'),
        'holdfast/testing': join(root, 'src/testing/index.ts'),
        holdfast: join(root, 'src/index.ts'),
      },
    },
    plugins: [
      {
        name: 'fault',
        load: async (id) => {
          const code = await patched(id)
          return code === undefined ? undefined : { code, moduleType: 'ts' }
        },
      },
    ],
  })
  // Of what goes wrong with a fault, nobody reads where.
  const sourcemap = patches.length === 0 && 'inline'
  const { output } = await build.generate({ format: 'esm', sourcemap, codeSplitting: false })
  await build.close()
  for (const patch of patches) if (!applied.has(patch)) throw new Error(`${entry} does not use ${patch.file}.`)
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-simulation-'))
  const file = join(folder, 'simulation.mjs')
  await writeFile(file, output[0].code)
  return { file, discard: () => rm(folder, { recursive: true, force: true }) }
}
