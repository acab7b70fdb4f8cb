/**
 * Uses both pages as people would, light and dark, on a phone and on a desk, and takes pictures of their states into
 * demo/.screenshots/. Fails if a page logs an error, or something moves with the state.
 *
 *     npm run build && npx vite build demo && npx node demo/screenshots.ts
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type Page, chromium } from 'playwright'
import { requireBrowser } from '../test/tools/browsers.ts'

const folder = join(import.meta.dirname, '.screenshots')
const sizes = [
  ['phone', { width: 390, height: 844 }],
  ['desk', { width: 1280, height: 800 }],
] as const
const people = {
  ada: { id: 'person-of-ada', name: 'Ada', hue: 168 },
  jonas: { id: 'person-of-jonas', name: 'Jonas', hue: 32 },
}

type Scheme = 'light' | 'dark'
type Size = (typeof sizes)[number][1]

/** The demo on a port and a database of its own. */
async function startDemo(data: string): Promise<{ url: string; process: ChildProcess }> {
  const server = join(import.meta.dirname, 'server.ts')
  const demo = spawn(process.execPath, [server, '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  for await (const chunk of demo.stdout) {
    told += String(chunk)
    const url = /http:\S+:\d+\//.exec(told)?.[0]
    if (url !== undefined) return { url, process: demo }
  }
  throw new Error('The demo did not start.')
}

async function open(browser: Browser, url: string, who: keyof typeof people, scheme: Scheme, size: Size = sizes[1][1]) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, deviceScaleFactor: 2 })
  await context.addInitScript(`sessionStorage.setItem('me', ${JSON.stringify(JSON.stringify(people[who]))})`)
  const page = await context.newPage()
  page.on('pageerror', fail)
  page.on('console', (message) => {
    if (message.type() === 'error' && !isNetworks(message.text())) fail(new Error(message.text()))
  })
  await page.goto(url)
  return page
}

/** What a browser itself says of connections that break. */
const isNetworks = (text: string): boolean => /^(Failed to load resource|WebSocket connection to)/.test(text)
const fail = (error: Error): void => {
  console.error(error)
  process.exitCode = 1
}

/** Where things are whose place no state may change. */
const places = (page: Page): Promise<string> =>
  page.evaluate(() =>
    JSON.stringify(
      ['.status', '#transport', '#composer', '#cut'].map((each) =>
        document.querySelector(each)?.getBoundingClientRect(),
      ),
    ),
  )

const say = async (page: Page, text: string): Promise<void> => {
  await page.locator('#text').fill(text)
  await page.locator('#text').press('Enter')
}
const state = (page: Page, name: string): Promise<void> => page.locator('#state', { hasText: name }).waitFor()
const told = (page: Page, text: string): Promise<void> => page.locator('li', { hasText: text }).first().waitFor()
const press = (page: Page, id: string): Promise<void> => page.locator(`#${id}`).dispatchEvent('click')

async function shoot(
  browser: Browser,
  url: string,
  scheme: Scheme,
  [name, size]: (typeof sizes)[number],
): Promise<void> {
  const ada = await open(browser, url, 'ada', scheme, size)
  const jonas = await open(browser, url, 'jonas', scheme)
  const picture = async (of: string, page = ada): Promise<void> => {
    if (page === ada && of !== 'lab' && (await places(page)) !== atFirst) fail(new Error(`Something moved: ${of}`))
    await page.screenshot({ path: join(folder, `${of}-${name}-${scheme}.png`) })
  }

  const atFirst = await places(ada)
  await state(ada, 'Connected')
  await picture('empty')
  await say(ada, 'Did the train go into the tunnel yet?')
  await told(jonas, 'into the tunnel')
  await say(jonas, 'In a minute. I go on typing, the session keeps what I say.')
  await say(jonas, 'It has a number for everything, so nothing can arrive twice.')
  await told(ada, 'arrive twice')
  await say(ada, 'Show me.')
  await told(jonas, 'Show me')
  await jonas.locator('#text').pressSequentially('One')
  await told(ada, 'delivered')
  await ada.locator('#typing', { hasText: 'typing' }).waitFor()
  await picture('open')

  await press(ada, 'cut')
  await ada.locator('#state', { hasNotText: 'Connected' }).waitFor()
  for (const text of ['Now I am in it.', 'This waits in the page.', 'So does this, behind it.']) await say(ada, text)
  await ada.waitForFunction(() => Number.parseInt(document.getElementById('next-try')?.textContent ?? '', 10) > 1)
  await picture('waiting')
  await ada.locator('#toggle-lab').dispatchEvent('click')
  await picture('lab')
  await ada.locator('#toggle-lab').dispatchEvent('click')

  // The page goes, and what it had to say does not.
  await ada.reload()
  await told(jonas, 'So does this')
  await state(ada, 'Connected')
  await ada.locator('.mine').last().locator('.delivery', { hasText: 'delivered' }).waitFor()
  await picture('reloaded')
  await say(ada, 'And now the server is killed')
  await say(ada, 'while this is on its way.')
  await press(ada, 'kill')
  await told(ada, 'The server forgot this session')
  await ada.waitForFunction(
    () =>
      !document.querySelector(
        '.mine:is([data-delivery=waiting],[data-delivery=sent],[data-delivery="in doubt"],[data-delivery="sent again"])',
      ),
  )
  await picture('lost')

  await press(ada, 'block')
  await told(ada, 'goes on over HTTP')
  await ada.locator('#transport', { hasText: 'http-stream' }).waitFor()
  await say(ada, 'Nobody lets my WebSocket through.')
  await told(jonas, 'my WebSocket through')
  await say(jonas, 'I would not have noticed.')
  await told(ada, 'not have noticed')
  await ada.locator('.mine').last().locator('.delivery', { hasText: 'delivered' }).waitFor()
  await picture('blocked')
  await press(ada, 'diagnose')
  await ada.locator('#findings .fails').first().waitFor()
  await picture('diagnosis')
  await ada.keyboard.press('Escape')
  await press(ada, 'block')
  await told(ada, 'back on WebSocket')

  const plain = await open(browser, `${url}script-tag.html`, 'ada', scheme, size)
  await plain.locator('li').first().waitFor()
  await say(plain, 'Hello from thirty lines of script.')
  await told(plain, 'thirty lines')
  await picture('script-tag', plain)
  for (const page of [ada, jonas, plain]) await page.context().close()
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const { executablePath } = requireBrowser('chromium')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const scheme of ['light', 'dark'] as const)
    for (const size of sizes) {
      const scratch = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
      const demo = await startDemo(join(scratch, 'messages.db'))
      try {
        await shoot(browser, demo.url, scheme, size)
      } finally {
        demo.process.kill()
        await once(demo.process, 'exit')
        rmSync(scratch, { recursive: true, force: true })
      }
    }
} finally {
  await browser.close()
}
console.log(`Pictures are in ${folder}`)
