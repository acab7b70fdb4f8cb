/** The build that needs no server: from a host of files, somewhere below its root, every page is alive. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright'
import sirv from 'sirv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../tools/suites.ts'
import { launch, visit } from '../support/demo.ts'

const BASE = '/somewhere/below/'
/** For a machine that has other things to do. */
const PATIENCE = { timeout: 15_000 }

let browser: Browser
let host: Server
let url: string
beforeAll(async () => {
  browser = await launch()
  const files = sirv(join(root, 'demo/dist-static'))
  host = createServer((request, response) => {
    if (!request.url?.startsWith(BASE)) return void response.writeHead(404).end()
    request.url = request.url.slice(BASE.length - 1)
    files(request, response)
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(host.address() as AddressInfo).port}${BASE}`
})
afterAll(async () => {
  await browser.close()
  host.close()
})

/** Opens a page, and lets `use` do something with it once it is connected. Nothing of that may leave the host. */
const use = async (path: string, use: (page: Page) => Promise<void>): Promise<void> => {
  await using visited = await visit(browser, `${url}${path}`, 'Ada')
  const { page, complaints, asked } = visited
  await page.getByText('Everything runs in this page').waitFor()
  await connected(page)
  await use(page)
  expect(asked.filter((address) => !address.startsWith(url) && !address.startsWith('data:'))).toEqual([])
  expect(complaints).toEqual([])
}

const connected = (page: Page): Promise<void> =>
  page.getByRole('region', { name: 'Connection', exact: true }).getByText('Connected', { exact: true }).waitFor()

const say = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}
const delivered = (page: Page, text: string): Promise<void> =>
  page.getByRole('listitem').filter({ hasText: text }).getByText('delivered').waitFor()

test.concurrent(
  'the chat keeps what was said through cuts, the death of its server, and a reload',
  async ({ expect }) => {
    await use('chat.html', async (page) => {
      await say(page, 'Hello, page')
      await delivered(page, 'Hello, page')
      await page.getByText('Read by Otto (bot)').waitFor()
      await page.getByRole('button', { name: 'Cut', exact: true }).click()
      await say(page, 'Still there?')
      await delivered(page, 'Still there?')
      await page.getByRole('button', { name: 'Kill' }).click()
      await say(page, 'And now?')
      await page.getByText('The server forgot this session').waitFor()
      await page
        .getByRole('listitem')
        .filter({ hasText: 'And now?' })
        .getByText(/delivered|kept once/)
        .waitFor()
      await page.getByText('It is number 1 here').waitFor()
      await page.reload()
      for (const text of ['Hello, page', 'Still there?', 'And now?'])
        await expect.poll(() => page.getByRole('log').getByText(text).count(), PATIENCE).toBe(1)
    })
  },
)

/** The number that stands under a heading. */
const figure = async (scope: Page | Locator, name: string): Promise<number> =>
  Number.parseFloat(await scope.locator(`dt:text-is("${name}") + dd`).innerText())

test.concurrent('the lab says the same over four lines, and counts what went over each', async ({ expect }) => {
  await use('lab.html', async (page) => {
    for (const name of ['Polling', 'Long-polling', 'HTTP streaming', 'WebSocket']) {
      const lane = page.getByRole('region', { name, exact: true })
      for (const count of ['Messages', 'Requests', 'Sent', 'Received'])
        await expect.poll(() => figure(lane, count), PATIENCE).toBeGreaterThan(0)
      expect(await figure(lane, 'Missing')).toBe(0)
    }
  })
})

test.concurrent('the dashboard shows its server, and what a page cannot know of it as unknown', async ({ expect }) => {
  await use('dashboard.html', async (page) => {
    await expect.poll(() => figure(page, 'Sessions'), PATIENCE).toBeGreaterThan(0)
    await expect.poll(() => figure(page, 'Messages a second'), PATIENCE).toBeGreaterThan(0)
    expect(await figure(page, 'Processor')).toBeNaN()
  })
})

test.concurrent('every order is booked once, and the audit says so after a reload, too', async ({ expect }) => {
  await use('trading.html', async (page) => {
    const audit = page.getByRole('region', { name: 'Audit' })
    await page.getByRole('button', { name: 'Place 20 orders' }).click()
    await page.getByRole('button', { name: 'Cut', exact: true }).click()
    const isInOrder = async (): Promise<void> => {
      await expect.poll(() => figure(audit, 'Orders'), PATIENCE).toBe(20)
      await audit.getByText('Every order is in the ledger once.').waitFor()
      for (const wrong of ['Lost', 'Doubled', 'Balance off by']) expect(await figure(audit, wrong)).toBe(0)
    }
    await isInOrder()
    await page.reload()
    await isInOrder()
  })
})

test.concurrent('a cut costs a bare WebSocket what it carried, and Holdfast nothing', async ({ expect }) => {
  await use('index.html', async (page) => {
    /** Sent, arrived, waiting, lost, doubled. */
    const counts = async (lane: string): Promise<number[]> => {
      const cells = page.getByRole('rowgroup').filter({ hasText: lane }).getByRole('row', { name: 'Both ways' })
      return (await cells.getByRole('cell').allInnerTexts()).map(Number)
    }
    await expect.poll(async () => (await counts('Bare WebSocket'))[1], PATIENCE).toBeGreaterThan(2)
    await page.getByRole('button', { name: 'Cut', exact: true }).click()
    await expect.poll(async () => (await counts('Bare WebSocket'))[3], PATIENCE).toBeGreaterThan(0)
    const then = (await counts('Holdfast'))[1]!
    await expect.poll(async () => (await counts('Holdfast'))[1], PATIENCE).toBeGreaterThan(then)
    expect((await counts('Holdfast')).slice(3)).toEqual([0, 0])
  })
})

test.concurrent('the harbour is alive, and goes on behind a cut', async ({ expect }) => {
  await use('game.html', async (page) => {
    const harbour = page.getByRole('application', { name: 'The harbour' })
    const where = async (): Promise<string> => {
      await harbour.press('Space')
      const told = page.getByRole('status').filter({ hasText: 'You are' })
      await told.waitFor({ state: 'attached' })
      return told.innerText()
    }
    const before = await where()
    await page.getByRole('button', { name: 'Cut', exact: true }).click()
    await harbour.focus()
    await page.keyboard.down('ArrowRight')
    await expect.poll(where, PATIENCE).not.toBe(before)
    await page.keyboard.up('ArrowRight')
    await connected(page)
    await expect.poll(() => figure(page, 'Snapshots/s'), PATIENCE).toBeGreaterThan(0)
  })
})
