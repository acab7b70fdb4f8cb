import { expect, test } from 'vitest'
import type * as holdfast from 'holdfast'
import { distUrl } from './remote.ts'

declare global {
  interface Window {
    holdfast?: typeof holdfast
  }
}

test('the file for a script tag sets one global and leaves everything else alone', async () => {
  const before = new Set(Object.getOwnPropertyNames(window))
  const script = document.createElement('script')
  script.src = distUrl('holdfast.iife.min.js')
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve)
    script.addEventListener('error', () => reject(new Error(`${script.src} did not load`)))
    document.head.append(script)
  })
  const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name))
  expect(added).toEqual(['holdfast'])
  expect(window.holdfast?.connect).toBeTypeOf('function')
})
