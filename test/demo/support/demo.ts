/** The demo as `npm start` runs it, on a port and a database of its own, and real pages of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright'
import { afterAll, beforeAll } from 'vitest'
import { requireBrowser } from '../../tools/browsers.ts'
import { root } from '../../tools/suites.ts'

/** A page, and what it complained of. */
export interface Visit extends AsyncDisposable {
  readonly page: Page
  /** Errors and warnings of its console, and what it threw. What a browser itself says of broken connections is none. */
  readonly complaints: readonly string[]
  /** Where it asked for anything. */
  readonly asked: readonly string[]
}

export interface Demo extends AsyncDisposable {
  readonly url: string
  /** Opens a page of it as somebody of this name, in a tab of its own. */
  visit(path: string, name: string, options?: BrowserContextOptions): Promise<Visit>
}

/** What a browser itself says of connections that break. */
const isNetworks = (text: string): boolean => /^(Failed to load resource|WebSocket connection to)/.test(text)

const hues: Readonly<Record<string, number>> = { Ada: 168, Jonas: 32 }

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: requireBrowser('chromium').executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })

/** Opens a page as somebody of this name. */
export const visit = async (
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Visit> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  })
  const me = JSON.stringify({ id: `person-of-${name.toLowerCase()}`, name, hue: hues[name] ?? 270 })
  await context.addInitScript(`sessionStorage.setItem('me', ${JSON.stringify(me)})`)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isNetworks(message.text())) complaints.push(message.text())
  })
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('websocket', (socket) => asked.push(socket.url()))
  await page.goto(url)
  return { page, complaints, asked, [Symbol.asyncDispose]: () => context.close() }
}

/** Starts it. What it serves has to be built: `npm run build && npx vite build demo`. */
export const startDemo = async (browser: Browser): Promise<Demo> => {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
  const demo = spawn(
    process.execPath,
    [join(root, 'demo/server/main.ts'), '--port', '0', '--data', join(scratch, 'demo.db')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const url = await addressOf(demo)
  return {
    url,
    visit: (path, name, options) => visit(browser, `${url}${path}`, name, options),
    async [Symbol.asyncDispose]() {
      demo.kill()
      await once(demo, 'exit')
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

const addressOf = async ({ stdout }: ChildProcess): Promise<string> => {
  let told = ''
  for await (const chunk of stdout!) {
    told += String(chunk)
    const url = /http:\S+:\d+\//.exec(told)?.[0]
    if (url !== undefined) return url
  }
  throw new Error('The demo did not start.')
}

/** A demo and a browser for all tests of a file. */
export const useDemo = (): Pick<Demo, 'url' | 'visit'> & { readonly browser: Browser } => {
  let browser: Browser
  let demo: Demo
  beforeAll(async () => {
    browser = await launch()
    demo = await startDemo(browser)
  })
  afterAll(async () => {
    await demo[Symbol.asyncDispose]()
    await browser.close()
  })
  return {
    get browser() {
      return browser
    },
    get url() {
      return demo.url
    },
    visit: (...of) => demo.visit(...of),
  }
}
