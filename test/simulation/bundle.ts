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
  if (count !== 1) throw new Error(`${file} must have exactly one "${find}", and has ${count}: adapt the fault.`)
  return source.replace(find, () => replace)
}

/** A bundle on disk. */
export interface Bundle {
  readonly file: string
  /** Deletes it. */
  discard(): Promise<void>
}

/** One file with an entry, the sources it uses, and a fault if one is wanted. The sources on disk stay as they are. */
export const createBundle = async (entry: string, patch?: Patch): Promise<Bundle> => {
  let applied = false
  const build = await rolldown({
    input: join(root, entry),
    platform: 'node',
    resolve: {
      alias: { 'holdfast/testing': join(root, 'src/testing/index.ts'), holdfast: join(root, 'src/index.ts') },
    },
    plugins: [
      {
        name: 'fault',
        load: async (id) => {
          if (!patch || relative(root, id) !== patch.file) return undefined
          applied = true
          return { code: applyPatch(await readFile(id, 'utf8'), patch), moduleType: 'ts' }
        },
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', sourcemap: 'inline', codeSplitting: false })
  await build.close()
  if (patch && !applied) throw new Error(`${entry} does not use ${patch.file}.`)
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-simulation-'))
  const file = join(folder, 'simulation.mjs')
  await writeFile(file, output[0].code)
  return { file, discard: () => rm(folder, { recursive: true, force: true }) }
}
