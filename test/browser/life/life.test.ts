/**
 * What happens to real pages. Only Chromium can be asked for all of this: as Playwright starts it, Firefox keeps no page for
 * the way back, and by itself it keeps none that has a WebSocket when it is left, which it breaks before the page hears of
 * anything; WebKitGTK's driver has no such commands. Nor does Chromium freeze a page that is visible, as all are to Playwright;
 * one that is kept is frozen, too. What else there is to hear is in test/platform.
 */
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBrowser, visit } from './visit.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const patient = { timeout: 10_000 }

describe('a page that is left', () => {
  test.each(['websocket', 'http', 'long-polling'] as const)(
    'and returned to, is kept, and goes on with its session: %s',
    async (transport) => {
      const { page, scenario, told, leave } = await visit(browser, transport)
      await leave()
      expect(told).toContain('kept')
      // The session has an answer for it that it did not hear.
      await expect.poll(() => told, patient).toContain('paused frozen')
      await page.evaluate(() => history.back())
      await expect.poll(() => told, patient).toEqual(expect.arrayContaining(['open resumed', 'said last words']))
      // The answer may be there before the page is frozen, which is a moment after it was left.
      const happened = told.filter((what) => !what.startsWith('connecting') && what !== 'said last words')
      expect(happened).toEqual(['open', 'said hello', 'kept', 'paused frozen', 'back', 'open resumed'])
      expect(told.filter((what) => what === 'said last words')).toHaveLength(1)
      expect(scenario.traffic().accepted).toBeGreaterThan(1)
    },
  )

  test('unless its user decides to stay: then nothing has happened', async () => {
    const { page, scenario, told, leave } = await visit(browser, 'websocket')
    await page.evaluate(() => addEventListener('beforeunload', (event) => event.preventDefault()))
    // Browsers ask only users who have done something.
    await page.click('button')
    const asked = page.waitForEvent('dialog')
    const leaving = leave().catch(() => 'stayed')
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    expect(await leaving).toBe('stayed')
    await page.evaluate(() => window.socket.send('say', 'still here'))
    await expect.poll(() => told, patient).toContain('said still here')
    expect(told).toEqual(['connecting', 'open', 'said hello', 'said still here'])
    expect(scenario.traffic().accepted).toBe(1)
  })
})

test('a page whose network is taken away tries nothing, and is back at once', async () => {
  const { page, scenario } = await visit(browser, 'websocket')
  await page.context().setOffline(true)
  await expect.poll(() => page.evaluate(() => window.socket.status.get().pausedBy), patient).toBe('offline')
  const { accepted } = scenario.traffic()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(scenario.traffic().accepted).toBe(accepted)
  await page.context().setOffline(false)
  await expect
    .poll(() => page.evaluate(() => window.socket.status.get()), patient)
    .toMatchObject({
      state: 'open',
      resumed: true,
    })
  await page.evaluate(() => window.socket.flush())
  expect(scenario.traffic().accepted).toBe(accepted + 1)
})
