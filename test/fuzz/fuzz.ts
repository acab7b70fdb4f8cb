/**
 * Fuzzing beyond a usual test run:
 *
 *     npm run fuzz -- --runs 1000000
 *
 * What every input must leave as it was is looked at here: the prototypes that all objects share, and the heap; and that no
 * input takes long.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { usedHeap } from '../tools/heap.ts'

/** Milliseconds that one input may take: those of a megabyte take some tens. */
const LONGEST = 3_000
/** Bytes that the heap may grow by, whatever the number of inputs. */
const GROWTH = 25_000_000

const wanted = Number(process.env['FUZZ_RUNS'] ?? 0)

const shared = [Object, Array, Function, String, Number, Boolean, Promise, Map, Set, Error, Uint8Array]
const prototypes = (): string => shared.map(({ prototype }) => Reflect.ownKeys(prototype as object).length).join()

/**
 * Feeds inputs to `run`, which throws where something is wrong. `usual`: how many in a usual test run, which are always the same
 * ones; `part`: of those of a long run, which takes new ones each time.
 */
export const fuzz = async <T>(
  inputs: fc.Arbitrary<T>,
  { usual, part = 1 }: { readonly usual: number; readonly part?: number },
  run: (input: T) => void | Promise<void>,
): Promise<void> => {
  const clean = prototypes()
  let slowest = 0
  let heap = 0
  let count = 0
  const numRuns = wanted ? Math.ceil(wanted * part) : usual
  const property = fc.asyncProperty(inputs, async (input) => {
    // What is made once is there by then.
    if (++count === 100) heap = usedHeap()
    const startedAt = performance.now()
    await run(input)
    slowest = Math.max(slowest, performance.now() - startedAt)
    if (prototypes() !== clean || 'polluted' in {}) throw new Error('A prototype is not what it was.')
  })
  await fc.assert(property, { numRuns, ...(wanted ? {} : { seed: 1 }) })
  expect(slowest).toBeLessThan(LONGEST)
  expect(usedHeap() - heap).toBeLessThan(GROWTH)
}
