/** The pages of all frameworks, as Vite builds them from the packed package, in Chromium: at each step, all show the same. */
import type { Browser } from 'playwright'
import { afterAll, beforeAll, test } from 'vitest'
import { pages } from './pages.ts'
import { type Shown, startBrowser, visit } from './visit.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const patient = { timeout: 20_000, interval: 50 }

test.concurrent.for(pages)('$name', async ({ name }, { expect }) => {
  await using visited = await visit(browser, name, expect)
  const { backend, page, complaints, shows, say, press, lookAway } = visited
  let screen: Shown = {
    status: 'Connected',
    room: 'lobby',
    earlier: ['ann: Hello?'],
    now: [],
    heard: 0,
    waiting: 0,
    rope: '"10"',
  }
  const nowShows = (change: Partial<Shown>): Promise<void> => shows((screen = { ...screen, ...change }))
  await nowShows({})

  // What it sends, it hears like everybody; and what others do.
  await say('Hello, ann')
  await nowShows({ now: ['me: Hello, ann'], heard: 1 })
  expect(await page.getByLabel('Message').inputValue()).toBe('')
  backend.say({ room: 'lobby', from: 'ann', text: 'There you are' })
  await nowShows({ now: ['me: Hello, ann', 'ann: There you are'], heard: 2 })
  backend.price(11)
  backend.price(12)
  await nowShows({ rope: '10, 11, 12' })
  await press('Reload')
  await nowShows({ earlier: ['ann: Hello?', 'me: Hello, ann', 'ann: There you are'] })

  // Another room: another question. What comes for the one that was left, is not shown here.
  await page.getByLabel('Room').selectOption('attic')
  await nowShows({ room: 'attic', earlier: ['bob: It is dark here.'], now: [] })
  backend.say({ room: 'lobby', from: 'ann', text: 'Gone again' })
  await say('Boo')
  await nowShows({ now: ['me: Boo'], heard: 3 })
  await page.getByLabel('Room').selectOption('cellar')
  await nowShows({ room: 'cellar', alert: 'It is locked.', earlier: 'Loading…', now: [] })

  // Another page and back: the socket is still there.
  await lookAway()
  const said = ['ann: Hello?', 'me: Hello, ann', 'ann: There you are', 'ann: Gone again']
  const fresh = { room: 'lobby', alert: undefined, earlier: said, now: [], heard: 0, rope: '"12"' } as const
  await nowShows(fresh)
  expect(backend.begun()).toBe(1)

  // The server dies, and another one takes its place: what was said meanwhile is asked for, and what was typed arrives once.
  await backend.kill()
  await nowShows({ status: 'Connecting…' })
  backend.say({ room: 'lobby', from: 'ann', text: 'Is this on?' })
  backend.price(20)
  await say('One')
  await say('Two')
  await nowShows({ waiting: 2 })
  await backend.start()
  await nowShows({
    status: 'Connected',
    earlier: [...said, 'ann: Is this on?', 'me: One', 'me: Two'],
    now: ['me: One', 'me: Two'],
    heard: 2,
    waiting: 0,
    rope: '"20"',
  })
  expect(backend.lines().slice(-3)).toEqual(['Is this on?', 'One', 'Two'])
  expect(backend.begun()).toBe(2)

  // Nobody needs it for a while.
  await press('About')
  await expect.poll(backend.sessions, patient).toBe(0)
  expect(backend.begun()).toBe(2)
  await press('Chat')
  await nowShows({ now: [], heard: 0 })
  expect(backend.begun()).toBe(3)
  expect(backend.sessions()).toBe(1)
  backend.price(null)
  await nowShows({ rope: '20 Sold out.' })

  expect(complaints).toEqual([])
})
