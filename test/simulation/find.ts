import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault } from './fault.ts'
import { faults } from './faults.ts'
import found from './found.json' with { type: 'json' }
import { search, type Search } from './run.ts'

/** Lives after which a fault is one that nothing finds. */
const LIVES = 20_000

/** The first life in which each fault is found, by its name, where that is not the first of all. */
export const seeds: ReadonlyMap<string, number> = new Map(Object.entries(found))

/** Lives so many lives with a fault, until it is found. In one thread: most are found in the first life. */
export const findFault = ({ patches, kind, breaks }: Fault, first: number, lives: number): Promise<Search> =>
  search({ first, last: first + lives - 1, enough: 1, wanted: breaks, patches, kind, threads: 1 })

/** Writes anew where each is found; those that are found where they were stay. */
export const findAgain = async (): Promise<void> => {
  const now: Record<string, number> = {}
  for (const fault of faults) {
    const before = seeds.get(fault.name) ?? 1
    const [one] = (await findFault(fault, before, 1)).failures
    const [failure] = one ? [one] : (await findFault(fault, 1, LIVES)).failures
    if (!failure) throw new Error(`Nothing finds: ${fault.name}`)
    if (failure.seed !== before) console.log(`${fault.name}: ${before} before, ${failure.seed} now`)
    if (failure.seed > 1) now[fault.name] = failure.seed
  }
  await writeFile(join(import.meta.dirname, 'found.json'), `${JSON.stringify(now, null, 2)}\n`)
}
