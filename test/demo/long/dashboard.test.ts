/** What the dashboard shows is so, and goes on when the server was killed. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { useDemo } from '../support/demo.ts'

const demo = useDemo()

/** As long as a machine that has much else to do may take. */
const soon = { timeout: 20_000 }

/** Sessions of a use, as the page shows them. */
const sessions = (page: Page, use: string): Promise<string | null> =>
  page
    .getByRole('table', { name: 'Sessions by use' })
    .getByRole('row', { name: use })
    .locator('td')
    .last()
    .textContent()
/** In words, what a chart shows that is never the same for long. */
const chart = (page: Page): Promise<string | null> =>
  page.getByRole('region', { name: 'Event loop delay' }).getByRole('img').getAttribute('aria-label')

test('as many sessions are shown as pages are open, by what carries them; and after a kill as well', async () => {
  // Who wants less motion has charts that are drawn now and then.
  await using ada = await demo.visit('dashboard.html', 'Ada', { reducedMotion: 'no-preference' })
  await using jonas = await demo.visit('dashboard.html', 'Jonas')
  const shown = (page: Page) => async () => [await sessions(page, 'Dashboard'), await sessions(page, 'Counters')]
  await expect.poll(shown(ada.page), soon).toEqual(['2', '2'])
  await expect.poll(shown(jonas.page), soon).toEqual(['2', '2'])

  // Paused, it stands still, while the other goes on.
  const pause = ada.page.getByRole('button', { name: 'Pause' })
  await pause.click()
  // Charts are drawn with the next frame.
  await ada.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  const [still, moving] = [await chart(ada.page), await chart(jonas.page)]
  await expect.poll(() => chart(jonas.page), soon).not.toBe(moving)
  expect(await chart(ada.page)).toBe(still)
  await pause.click()
  await ada.page.getByText('5 min').click()
  await expect
    .poll(() => chart(ada.page))
    .toMatch(/^Event loop delay, the last 300 seconds\. .* [\d.]+ ms, from [\d.]+ ms to [\d.]+ ms\.$/)

  const kill = ada.page.getByRole('button', { name: 'Kill' })
  await kill.click()
  await expect.poll(() => kill.getAttribute('aria-busy'), soon).toBe('false')
  // Another process listens, and nobody needs to wait for the next try.
  for (const { page } of [ada, jonas]) await page.evaluate(() => dispatchEvent(new Event('online')))
  await ada.page.getByRole('region', { name: 'Connection' }).getByText('A new session.').waitFor()
  await expect.poll(shown(ada.page), soon).toEqual(['2', '2'])
  const before = await chart(ada.page)
  await expect.poll(() => chart(ada.page), soon).not.toBe(before)

  const { violations } = await new AxeBuilder({ page: ada.page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  expect([ada.complaints, jonas.complaints]).toEqual([[], []])
})
