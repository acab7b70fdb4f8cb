import { expect, onTestFinished, test } from 'vitest'
import { distUrl, openScenario, scriptTagPage } from './remote.ts'

test.each([
  ['holdfast', 'connect'],
  ['store', 'indexedDbStore'],
  ['inspector', 'createRecording'],
])('the file for a script tag sets one global and leaves everything else alone: %s', async (name, exported) => {
  const before = new Set(Object.getOwnPropertyNames(window))
  const script = document.createElement('script')
  script.src = distUrl(`${name}.iife.min.js`)
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve)
    script.addEventListener('error', () => reject(new Error(`${script.src} did not load`)))
    document.head.append(script)
  })
  const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name))
  expect(added).toEqual([{ store: 'holdfastStore', inspector: 'holdfastInspector' }[name] ?? name])
  expect(Reflect.get(Reflect.get(window, added[0]!) as object, exported)).toBeTypeOf('function')
})

test('a page with nothing but the script tag talks, and goes on talking when its connection breaks', async () => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const frame = document.createElement('iframe')
  const said: unknown[] = []
  const listen = ({ source, data }: MessageEvent): void => {
    if (source === frame.contentWindow) said.push(data)
  }
  addEventListener('message', listen)
  onTestFinished(() => {
    frame.remove()
    removeEventListener('message', listen)
  })
  frame.src = scriptTagPage(`ws://${scenario.host}/live`)
  document.body.append(frame)
  await expect.poll(() => said, { timeout: 10_000 }).toEqual(['hello'])
  frame.contentWindow!.postMessage('before', '*')
  await expect.poll(() => said).toEqual(['hello', 'before'])
  expect(await scenario.cut()).toBe(1)
  frame.contentWindow!.postMessage('after', '*')
  await expect.poll(() => said, { timeout: 10_000 }).toEqual(['hello', 'before', 'after'])
})
