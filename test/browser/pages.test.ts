/** Pages of the server's own origin: what they know of the network, their cookies, and how they go. */
import type { ConnectOptions } from 'holdfast'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Page, connectThere, openPage } from './page.ts'
import { type RemoteScenario, openScenario } from './remote.ts'
import { isOnWebSocket, join, status } from './support.ts'

let scenario: RemoteScenario
beforeEach(async () => {
  scenario = await openScenario()
})
afterEach(async () => {
  await scenario.close()
})

/** Under a name that makes it the same site as this page's: cookies and storage of a third party may be refused. */
const here = (): string => `${location.hostname}:${scenario.host.split(':')[1]}`
const said = (page: Page): Promise<string[]> => page.run(() => window.said)

describe('a login by cookie', () => {
  test.each(['websocket', 'http', 'long-polling'] as const)('works on %s', async (transport) => {
    const page = await openPage(`http://${here()}`, 'login=ann')
    await page.run(connectThere, '/members', { transport })
    expect(await page.run(() => window.socket.request('whoAmI'))).toBe('ann')
    await page.run(() => window.socket.close())
  })

  test('goes along when the session moves, and no secret stands in a URL', async () => {
    const page = await openPage(`http://${here()}`, 'login=ann')
    await scenario.block('403')
    await page.run(connectThere, '/members', {}, 'one')
    expect(await page.run(() => window.socket.request('whoAmI'))).toBe('ann')
    expect(await page.run(() => window.socket.status.get().transport)).not.toBe('websocket')
    await scenario.unblock()
    await page.run(() => void dispatchEvent(new Event('online')))
    await expect.poll(() => page.run(() => window.socket.status.get().transport)).toBe('websocket')
    expect(await page.run(() => window.socket.request('whoAmI'))).toBe('ann')
    const urls = (await scenario.exchanges()).filter(({ url }) => !url.startsWith('/page')).map(({ url }) => url)
    expect(urls.length).toBeGreaterThan(3)
    for (const url of urls) expect(url).toMatch(/^\/members\?route=[0-9a-f]{8}$/)
  })

  test('goes to another origin only if asked to', async () => {
    await openPage(`http://${here()}`, 'login=ann')
    const elsewhere = { ...scenario, host: here() }
    const { socket } = join(elsewhere, { transport: 'http', credentials: 'include' }, '/members')
    expect(await socket.request('whoAmI')).toBe('ann')
    await socket.close()
    const { socket: stranger } = join(elsewhere, { transport: 'http' }, '/members')
    expect(await status(stranger, ({ state }) => state === 'closed')).toMatchObject({ cause: { code: 'unauthorized' } })
    expect((await scenario.exchanges()).filter(({ method }) => method === 'OPTIONS')).toEqual([])
  })
})

describe('a page that goes', () => {
  test.each([
    ['with an idle carrier', 0],
    ['with a push under way', 100],
  ])('%s: what it sent last arrives, once', async (_, latency) => {
    const { socket: other } = join(scenario)
    await status(other, isOnWebSocket)
    const page = await openPage(`http://${here()}`)
    await page.run(connectThere, '/live', { transport: 'http' }, 'hello')
    await expect.poll(() => said(page)).toEqual(['hello'])
    await scenario.latency(latency)
    await page.run(() => window.socket.send('say', 'under way'))
    await new Promise((resolve) => setTimeout(resolve, latency / 4))
    page.leave(() => {
      for (const text of ['next to last', 'last €ü😀']) window.socket.send('say', text)
      location.href = 'about:blank'
    })
    await expect
      .poll(() => other.request('heard'), { timeout: 5_000 })
      .toEqual(['hello', 'under way', 'next to last', 'last €ü😀'])
    // Whatever else is on its way arrives now.
    await new Promise((resolve) => setTimeout(resolve, 300 + 2 * latency))
    expect(await other.request('heard')).toHaveLength(4)
    await other.close()
  })
})

describe('the first message, in round trips', () => {
  /** One way, in milliseconds. */
  const latency = 50
  const trip = 2 * latency
  /** Round trips that a busy machine may add; the figures themselves are in the annotations. */
  const margin = /Chrome\//.test(navigator.userAgent) ? 1.5 : 3

  interface Arrival {
    /** From `connect` to the server's listener. */
    readonly trips: number
    /** From `connect` until HTTP was tried. */
    readonly patience: number
    readonly steps: readonly string[]
  }

  /** A page that came over a connection that was there before, and is not there any more; so every other one is opened anew. */
  async function distantPage(): Promise<Page> {
    const page = await openPage(`http://${here()}`)
    await scenario.latency(latency)
    await scenario.handshakes(true)
    await page.load('last')
    return page
  }
  async function arrival(page: Page, options: ConnectOptions = {}): Promise<Arrival> {
    const startedAt = await page.run(connectThere, '/live', options, 'first')
    await expect.poll(() => said(page), { timeout: 15_000 }).toEqual(['first'])
    const heardAt = await page.run(() => window.socket.request('heardAt'))
    const trace = await page.run(() =>
      window.trace.map(({ at, carrier, event }) => ({ at, step: `${event} ${carrier}` })),
    )
    const dial = trace.find(({ step }) => step === 'dial http')
    return {
      trips: (heardAt.at(-1)! - startedAt) / trip,
      patience: dial ? (dial.at - startedAt) / trip : Infinity,
      steps: trace.map(({ step }) => step),
    }
  }
  /** Not sooner: but the wall clock, by which all is measured, ticks in milliseconds. */
  const isNear =
    (expected: number) =>
    (figure: number): boolean =>
      figure > expected - 0.05 && figure < expected + margin

  test.for([
    [{}, 2.5],
    [{ fastStart: true }, 1.5],
  ] as const)('where all is well, with %o', async ([options, expected], { annotate }) => {
    const { trips } = await arrival(await distantPage(), options)
    await annotate(`${trips}`)
    expect(trips).toSatisfy(isNear(expected))
  })

  /** How long a hanging Upgrade is waited for: four times what the page's own request took, as far as the browser tells. */
  const patienceOf = (page: Page): Promise<number> =>
    page.run(() => {
      const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      // Firefox tells nothing of that in frames, and without it a socket has `fallbackAfter`.
      return Math.min(4 * (entry!.responseStart - entry!.requestStart) || Infinity, 2_000)
    })

  test.for([
    ['403', 2],
    ['stripped', 2],
    ['hang', undefined],
    ['swallowed', 3.8],
  ] as const)('under a blockade: %s', async ([blockade, patience], { annotate }) => {
    const page = await distantPage()
    await scenario.block(blockade)
    const waits = patience ?? (await patienceOf(page)) / trip
    const first = await arrival(page)
    expect(first.patience).toSatisfy(isNear(waits))
    // A connection for HTTP, and half a round trip on it: the message goes with the hello.
    const opening = (await scenario.exchanges()).find(({ method }) => method === 'POST')
    expect(opening?.text).toMatch(/"hello":.*\n\["say","first"\]$/)
    expect(first.trips).toSatisfy(isNear(waits + 1.5))
    // The next page knows, and may find a connection.
    await page.load('last')
    const next = await arrival(page)
    await annotate(`${first.trips} (HTTP after ${first.patience}), next page ${next.trips}`)
    expect(next.trips).toBeLessThan(1.5 + margin)
    expect(next.steps).toEqual(['dial http', 'claim http', 'heard http'])
  })
})
