/** A page of Chromium's, steered from outside: it can be left, frozen and taken off the network, which a page cannot do to itself. */
import { readFileSync } from 'node:fs'
import type { ConnectOptions } from 'holdfast'
import { type Browser, type Page, chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { chromiumFlags, requireBrowser } from '../../tools/browsers.ts'
import { startHttpServer } from '../../tools/http-server.ts'
import { Scenario } from '../../tools/scenario.ts'

export interface Visit {
  readonly page: Page
  /** The server of its socket. */
  readonly scenario: Scenario
  /** What it told, oldest first: what happened to it, what became of its socket, what was said to it. */
  readonly told: readonly string[]
  /** Goes to another page, from which one may go back. */
  leave(): Promise<void>
}

/** As tests want it: pages may be kept, which Playwright does not let them. */
export function startBrowser(): Promise<Browser> {
  const { executablePath } = requireBrowser('chromium')
  return chromium.launch({
    executablePath,
    args: chromiumFlags,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}

/** Opens a page with a socket that says `hello`, and `last words` when it goes, and waits for the echo of the former. */
export async function visit(browser: Browser, transport: ConnectOptions['transport'] = 'auto'): Promise<Visit> {
  const scenario = await Scenario.open()
  const told: string[] = []
  const script = readFileSync(`${import.meta.dirname}/../../../dist/holdfast.iife.min.js`, 'utf8')
  const html = `<!doctype html><title>A page</title><button>A button</button><script>${script}</script>
    <script>(${String(live)})('ws://${scenario.host}/live', '${transport}')</script>`
  const pages = await startHttpServer((http) =>
    http.removeAllListeners('request').on('request', ({ url, method }, response) => {
      // Not always in the order in which it was told.
      const [, index, what] = /^\/(\d+),(.*)/.exec(decodeURIComponent(url!)) ?? []
      if (method === 'POST') told[Number(index)] = what!
      response.writeHead(200, { 'content-type': 'text/html' }).end(url === '/' ? html : 'Another page')
    }),
  )
  const context = await browser.newContext()
  onTestFinished(async () => {
    await context.close()
    await Promise.all([pages.kill(), scenario.close()])
  })
  const page = await context.newPage()
  const url = `http://127.0.0.1:${pages.port}/`
  await page.goto(url)
  await page.waitForFunction(() => (globalThis as unknown as Told).told.includes('said hello'))
  return { page, scenario, told, leave: async () => void (await page.goto(`${url}another`)) }
}

interface Told {
  readonly told: string[]
}

/** What runs in the page: nothing from around it goes along. */
function live(url: string, transport: NonNullable<ConnectOptions['transport']>): void {
  const own: string[] = []
  const tell = (what: string): void => {
    navigator.sendBeacon(`/${encodeURIComponent(`${own.push(what) - 1},${what}`)}`)
  }
  const socket = globalThis.holdfast!.connect(url, { transport })
  Object.assign(globalThis, { socket, told: own })
  let last = ''
  socket.status.subscribe(({ state, pausedBy, resumed }) => {
    const now = [state, pausedBy, resumed && 'resumed'].filter(Boolean).join(' ')
    if (now !== last) tell((last = now))
  })
  socket.on('said', (text) => tell(`said ${String(text)}`))
  socket.send('say', 'hello')
  addEventListener('pagehide', ({ persisted }) => {
    tell(persisted ? 'kept' : 'gone')
    socket.send('say', 'last words')
  })
  addEventListener('pageshow', ({ persisted }) => {
    const [entry] = performance.getEntriesByType('navigation') as unknown as { notRestoredReasons?: unknown }[]
    if (persisted) tell('back')
    else if (entry?.notRestoredReasons) tell(`not kept: ${JSON.stringify(entry.notRestoredReasons)}`)
  })
}
