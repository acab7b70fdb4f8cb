/**
 * Uses every page as people would, light and dark, on a phone and on a desk, and takes pictures of their states into
 * demo/.screenshots/. Fails if a page logs an error or a warning. Names of pages take only those.
 *
 *     npm run screenshots [chat game …]
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { type Demo, launch, startDemo } from '../test/demo/support/demo.ts'

const folder = join(import.meta.dirname, '.screenshots')
const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1280, height: 800 },
}
type Size = keyof typeof sizes

/** What a person does on each page before there is something to see. */
const prepare: Readonly<Record<string, (page: Page, demo: Demo) => Promise<void>>> = {
  async index(page) {
    // Who has not begun loses nothing.
    await page.locator('.reconnecting .delivered', { hasText: /[1-9]/ }).first().waitFor()
    await press(page, 'Cut')
    await page.locator('.reconnecting .lost.some').first().waitFor()
  },
  async chat(page, demo) {
    await using jonas = await demo.visit('chat.html', 'Jonas')
    await say(page, 'Did the train go into the tunnel yet?')
    await jonas.page.getByText('into the tunnel').waitFor()
    await say(jonas.page, 'In a minute. I go on typing: the session keeps what I say.')
    await say(jonas.page, 'It has a number for everything, so nothing can arrive twice.')
    await page.getByText('arrive twice').waitFor()
    await say(page, 'Show me.')
    await jonas.page.getByText('Show me.').waitFor()
  },
  async game(page) {
    await page.locator('canvas').first().press('ArrowRight', { delay: 800 })
  },
  dashboard: (page) => page.waitForTimeout(6_000),
  async trading(page) {
    await press(page, 'Place 20 orders')
    await page.waitForTimeout(3_000)
  },
  lab: (page) => page.waitForTimeout(6_000),
}

/** While nothing gets through. */
const meanwhile: typeof prepare = {
  async chat(page) {
    for (const text of ['Now I am in it.', 'This waits in the page.']) await say(page, text)
  },
}

/** Also where it is in a sheet that is closed. */
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true, includeHidden: true }).first().dispatchEvent('click')

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}

async function shoot(demo: Demo, name: string, size: Size, colorScheme: 'light' | 'dark'): Promise<void> {
  await using ada = await demo.visit(`${name}.html`, 'Ada', {
    viewport: sizes[size],
    colorScheme,
    deviceScaleFactor: 2,
  })
  const { page } = ada
  const picture = (of: string): Promise<Buffer> =>
    page.screenshot({ path: join(folder, `${name}-${of}-${size}-${colorScheme}.png`) })
  const toggleSheet = async (): Promise<void> => {
    if (size === 'phone') await page.locator('#toggle-side').click()
  }
  await page.locator('#brief', { hasText: 'Connected' }).waitFor({ state: 'attached' })
  await prepare[name]?.(page, demo)
  await picture('connected')
  await press(page, 'Keep it cut')
  await page.locator('#brief', { hasText: 'No connection' }).waitFor({ state: 'attached' })
  await meanwhile[name]?.(page, demo)
  await page.waitForTimeout(1_500)
  await picture('broken')
  await toggleSheet()
  if (size === 'phone') await picture('sheet')
  const counters = page.getByRole('tab', { name: 'Counters' })
  if (await counters.isVisible()) {
    await counters.click()
    await picture('counters')
  }
  await page.getByRole('button', { name: 'Inspector' }).click()
  await page.waitForTimeout(500)
  await picture('inspector')
  for (const complaint of ada.complaints) {
    console.error(`${name}: ${complaint}`)
    process.exitCode = 1
  }
}

async function shootAll(browser: Browser, names: readonly string[]): Promise<void> {
  for (const scheme of ['light', 'dark'] as const)
    for (const size of ['phone', 'desk'] as const) {
      await using demo = await startDemo(browser)
      for (const name of names) await shoot(demo, name, size, scheme)
    }
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(prepare)
const browser = await launch()
try {
  await shootAll(browser, names)
} finally {
  await browser.close()
}
console.log(`Pictures are in ${folder}`)
