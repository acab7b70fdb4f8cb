/** What every page stands in: it breaks things, says what is broken, and shows what became of it. */
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { useDemo } from './support/demo.ts'
import { choose, press, resumes, settles, shows, told } from './support/panel.ts'

const demo = useDemo()

/** The counters' row of a lane, by column. */
const countsOf = async (page: Page, lane: string): Promise<Record<string, number>> => {
  const cells = page.locator(`.lane.${lane} .both td`)
  const numbers = (await cells.allTextContents()).map(Number)
  return Object.fromEntries(
    ['sent', 'delivered', 'waiting', 'lost', 'doubled'].map((name, index) => [name, numbers[index]!]),
  )
}

/** How much moved by itself so far: what moves within half a second of a press was asked for. */
const shiftsOf = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        let sum = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
            if (!entry.hadRecentInput) sum += entry.value
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => resolve(sum), 100)
      }),
  )

test('cuts, silence, blockades and restarts lose and double nothing of what Holdfast carries', async () => {
  await using ada = await demo.visit('index.html', 'Ada')
  const { page } = ada
  await shows(page, 'state', 'Connected')
  await page.locator('.reconnecting .delivered', { hasText: /[1-9]/ }).first().waitFor()

  await resumes(page, () => press(page, 'Cut'))
  await page.locator('.reconnecting .both .lost', { hasText: /[1-9]/ }).waitFor()
  await press(page, 'Hold')
  await shows(page, 'broken', 'held')
  await page.locator('.holdfast .both .waiting', { hasText: /[3-9]/ }).waitFor()
  await press(page, 'Hold')
  await press(page, 'Go offline')
  await shows(page, 'state', 'Offline')
  await resumes(page, () => press(page, 'Go offline'))
  await press(page, 'Restart')
  await told(page, 'A new server process listens')
  await shows(page, 'state', 'Connected')
  await choose(page, 'WebSockets', 'refused with 403')
  await shows(page, 'transport', 'http-stream')
  await press(page, 'Heal everything')

  await settles(page)
  expect(await countsOf(page, 'holdfast')).toMatchObject({ lost: 0, doubled: 0 })
  expect((await countsOf(page, 'websocket'))['lost']).toBeGreaterThan(0)
  expect(await shiftsOf(page)).toBeLessThan(0.001)
  expect(ada.complaints).toEqual([])
})

test('keys are enough, on a phone as well', async () => {
  await using ada = await demo.visit('chat.html', 'Ada', { viewport: { width: 390, height: 844 } })
  const { page } = ada
  await shows(page, 'brief', 'Connected')
  await page.getByRole('button', { name: 'Break it' }).focus()
  await page.keyboard.press('Enter')
  const tab = page.getByRole('tab', { name: 'Break it' })
  await tab.focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tabpanel', { name: 'Counters' }).waitFor()
  await page.keyboard.press('End')
  await page.getByRole('tabpanel', { name: 'Journal' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tabpanel', { name: 'Break it' }).waitFor()
  await page.getByRole('button', { name: 'Keep it cut' }).press('Space')
  await shows(page, 'brief', 'No connection')
  expect(await page.locator('#badge').textContent()).toBe('1')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Break it 1' }).press('Enter')
  await page.getByRole('button', { name: 'Heal everything' }).press('Enter')
  await shows(page, 'brief', 'Connected')
  expect(await shiftsOf(page)).toBeLessThan(0.001)
  expect(ada.complaints).toEqual([])
})
