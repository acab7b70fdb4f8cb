/** The faults that take long to be survived. */
import { expect, test } from 'vitest'
import { startDemo, useDemo } from '../support/demo.ts'
import { choose, press, resumes, settles, shows, told } from '../support/panel.ts'

const demo = useDemo()

test('what is slow or swallowed is left, and come back to', async () => {
  await using jonas = await demo.visit('index.html', 'Jonas')
  const { page } = jonas
  await shows(page, 'state', 'Connected')
  await choose(page, 'Latency', '100 ms')
  await choose(page, 'Bandwidth', '20 kB/s')
  await shows(page, 'broken', '100 ms late, 20 kB/s')
  await press(page, 'Heal everything')
  await shows(page, 'broken', 'Nothing is broken')
  await press(page, 'Black hole')
  await page.locator('.holdfast .both .waiting', { hasText: /[3-9]/ }).waitFor()
  await press(page, 'Black hole')
  await settles(page)
  for (const way of ['Upgrade stripped', 'Upgrade hangs', 'killed after 3 s', 'frames swallowed'])
    await choose(page, 'WebSockets', way)
  await shows(page, 'transport', /http-stream/)
  await press(page, 'Gather answers')
  await shows(page, 'broken', 'frames swallowed, answers gathered')
  await shows(page, 'transport', /long-polling/)
  await press(page, 'Heal everything')
  await settles(page)
  expect(jonas.complaints).toEqual([])
})

test('whatever becomes of the server, the page is connected to the next', async () => {
  await using own = await startDemo(demo.browser)
  await using mei = await own.visit('index.html', 'Mei')
  const { page } = mei
  await shows(page, 'state', 'Connected')
  await press(page, 'Keep it cut')
  await shows(page, 'state', 'No connection')
  await resumes(page, () => press(page, 'Heal everything'))
  await resumes(page, () => press(page, 'Expire my token'))
  await press(page, 'Drain over 4 s')
  await told(page, 'A new server process listens')
  await shows(page, 'state', 'Connected')
  await press(page, 'Kill')
  await page.locator('.told', { hasText: '2 sessions ended by the server' }).waitFor()
  await settles(page)
  expect(mei.complaints).toEqual([])
})
