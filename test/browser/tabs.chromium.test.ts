/** More tabs than a browser has connections to a host (six, of HTTP/1.1, for all of them together), and all of them poll. */
import { expect, onTestFinished, test } from 'vitest'
import { type Page, connectThere, openPage } from './page.ts'
import { openScenario } from './remote.ts'

const count = 10

/** Each says this at once; resolves with the milliseconds until its echo was there, in the order of tabs. */
async function rounds(pages: readonly Page[], text: string): Promise<number[]> {
  return Promise.all(
    pages.map((page) =>
      page.run((said) => {
        const start = performance.now()
        return new Promise<number>((resolve) => {
          window.socket.once('said', () => resolve(performance.now() - start))
          window.socket.send('say', said)
        })
      }, text),
    ),
  )
}

/** As long as the longest hold, and a little. */
const longest = 24_000

test('ten tabs that poll take turns: none hangs', async ({ annotate }) => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const server = `http://${location.hostname}:${scenario.host.split(':')[1]}`
  const pages = await Promise.all(Array.from({ length: count }, () => openPage(server)))
  for (const page of pages) await page.run(connectThere, '/live', { transport: 'long-polling' })
  const waits = [await rounds(pages, 'at once')]
  // Holds get longer while nobody has anything to say.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  waits.push(await rounds(pages, 'later'))
  await annotate(waits.map((round) => `${Math.round(Math.max(...round))} ms`).join(', '))
  for (const round of waits) expect(Math.max(...round)).toBeLessThan(longest)
  const heard = await pages[0]!.run(() => window.socket.request('heard'))
  expect(heard.toSorted()).toEqual(['at once', 'later'].flatMap((text) => Array.from(pages, () => text)))
  expect((await scenario.traffic()).open).toBeLessThan(count)
})
