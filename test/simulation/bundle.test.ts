import { expect, test } from 'vitest'
import type * as testing from 'holdfast/testing'
import { applyPatch, createBundle } from './bundle.ts'

const patch = { file: 'src/testing/random.ts', find: 'let counter = 1', replace: "let counter = 2 // $& $'" }

test('a patch changes its one place, to the letter', () => {
  expect(applyPatch('a; let counter = 1; b', patch)).toBe("a; let counter = 2 // $& $'; b")
})

test('a patch whose place is gone, or not the only one, is an error', () => {
  expect(() => applyPatch('nothing', patch)).toThrow('src/testing/random.ts has 0 times')
  expect(() => applyPatch('let counter = 1; let counter = 1', patch)).toThrow('2 times')
})

test('a bundle has the fault, and the sources do not', async () => {
  const draw = async (patches: readonly (typeof patch)[]): Promise<number> => {
    const bundle = await createBundle('src/testing/index.ts', patches)
    const { seededRandom } = (await import(bundle.file)) as typeof testing
    await bundle.discard()
    return seededRandom(1).float()
  }
  expect(await draw([patch])).not.toBe(await draw([]))
})

test('a patch of a file that is not in the bundle is an error', async () => {
  await expect(createBundle('src/testing/index.ts', [{ ...patch, file: 'src/nothing.ts' }])).rejects.toThrow(
    'does not use',
  )
})
