/** One of the pages, open in Chromium, and its server. */
import { type Browser, type Page, chromium } from 'playwright'
import type { ExpectStatic } from 'vitest'
import { chromiumFlags, requireBrowser } from '../../tools/browsers.ts'
import { type Backend, startBackend } from './backend.ts'

/** What the page is about: the same, in the same words, in all frameworks. */
export interface Shown {
  readonly status: 'Connected' | 'Connecting…'
  readonly room: 'lobby' | 'attic' | 'cellar'
  readonly alert?: string | undefined
  readonly earlier: readonly string[] | 'Loading…'
  readonly now: readonly string[]
  readonly heard: number
  /** How many of its messages the server has not acknowledged. */
  readonly waiting: number
  readonly rope: string
}

export interface Visit {
  readonly backend: Backend
  readonly page: Page
  /** Errors and warnings that the page wrote or threw; not those that Chromium has of a server that is down. */
  readonly complaints: readonly string[]
  /** Waits until the page shows just that. */
  shows(what: Shown): Promise<void>
  /** Types a message and sends it. */
  say(text: string): Promise<void>
  press(button: string): Promise<void>
  /** Goes to the other page and back, without a moment between. */
  lookAway(): Promise<void>
}

export function startBrowser(): Promise<Browser> {
  const { executablePath } = requireBrowser('chromium')
  return chromium.launch({ executablePath, args: chromiumFlags })
}

const list = (items: readonly string[]): string[] =>
  items.length > 0 ? ['list:', ...items.map((item) => `  - listitem: "${item}"`)] : ['list']

/** As assistive technology has it. */
const treeOf = ({ status, room, alert, earlier, now, heard, waiting, rope }: Shown): string => {
  const rooms = ['lobby', 'attic', 'cellar'].map((name) => `  - option "${name}"${name === room ? ' [selected]' : ''}`)
  const main = [
    `status: ${status}`,
    'text: Room',
    'combobox "Room":',
    ...rooms,
    'heading "Earlier" [level=2]',
    ...(alert === undefined ? [] : [`alert: ${alert}`]),
    ...(earlier === 'Loading…' ? [`paragraph: ${earlier}`] : list(earlier)),
    'button "Reload"',
    'heading "Now" [level=2]',
    ...list(now),
    `paragraph: Heard ${heard}, waiting ${waiting}`,
    'textbox "Message"',
    'button "Send"',
    'heading "Rope" [level=2]',
    `paragraph: ${rope}`,
  ]
  const lines = main.map((line) => (line.startsWith(' ') ? `  ${line}` : `  - ${line}`))
  return ['- navigation:', '  - button "Chat"', '  - button "About"', '- main:', ...lines].join('\n')
}

/** What Chromium itself says of a server that is down; and, where a page went by HTTP, of one that was started again. */
const EXPECTED = /net::ERR_CONNECTION_(REFUSED|RESET)|status of 410/

export async function visit(browser: Browser, name: string, expect: ExpectStatic): Promise<Visit & AsyncDisposable> {
  const backend = await startBackend(name)
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const isSerious = ['error', 'warning'].includes(message.type())
    if (isSerious && !EXPECTED.test(message.text())) complaints.push(message.text())
  })
  await page.goto(backend.url)
  const tree = (): Promise<string> => page.locator('body').ariaSnapshot()
  const press = (button: string): Promise<void> => page.getByRole('button', { name: button }).click()
  return {
    backend,
    page,
    complaints,
    press,
    shows: (what) => expect.poll(tree, { timeout: 20_000, interval: 50 }).toBe(treeOf(what)),
    async say(text) {
      await page.getByLabel('Message').fill(text)
      await press('Send')
    },
    lookAway: () =>
      page.evaluate(async () => {
        const [chat, about] = document.querySelectorAll('button')
        about!.click()
        // Before any timer that was set by then.
        await new Promise((resolve) => setTimeout(resolve))
        if (document.querySelector('form')) throw new Error('The chat is still there.')
        chat!.click()
      }),
    async [Symbol.asyncDispose]() {
      await page.close()
      await backend.kill()
    },
  }
}
