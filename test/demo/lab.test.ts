/** The lab's four lanes have the same messages, and its figures are those of the proxies in front of them. */
import type { Locator, Page } from 'playwright'
import { expect, test } from 'vitest'
import type { LineCounts } from '../../demo/uses/faults.ts'
import { type LaneName, laneNames } from '../../demo/uses/lab/contract.ts'
import { asBytes } from '../../demo/uses/lab/units.ts'
import { useDemo } from './support/demo.ts'

const demo = useDemo()

const titles: Readonly<Record<LaneName, string>> = {
  polling: 'Polling',
  'long-polling': 'Long-polling',
  streaming: 'HTTP streaming',
  websocket: 'WebSocket',
}

/** What a page of the lab shows, and what it asked for. */
const read = (page: Page) => {
  /** The page's lines are named by it. */
  let name = ''
  let polls = 0
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.pathname !== '/poll') return
    polls++
    name = url.searchParams.get('page')!
  })
  const lane = (of: LaneName): Locator => page.getByRole('region', { name: titles[of], exact: true })
  const figure = (of: LaneName, term: string): Promise<string> =>
    lane(of).getByText(term, { exact: true }).locator('xpath=../dd').innerText()
  return {
    lane,
    figure,
    messages: () => Promise.all(laneNames.map(async (of) => Number(await figure(of, 'Messages')))),
    missing: () => Promise.all(laneNames.map((of) => figure(of, 'Missing'))),
    counts: async (of: LaneName) =>
      (await (await page.request.get(`${demo.url}control/counts?line=${name}-${of}`)).json()) as LineCounts,
    polls: () => polls,
  }
}

/** The figures of a lane that come from its proxy. */
const shown = async ({ figure }: ReturnType<typeof read>, lane: LaneName): Promise<string[]> =>
  Promise.all(['Requests', 'Sent', 'Received'].map((term) => figure(lane, term)))
const counted = ({ requests, bytes }: LineCounts): string[] => [
  String(requests.GET + requests.POST + requests.UPGRADE),
  asBytes(bytes.up),
  asBytes(bytes.down),
]

const patience = { timeout: 20_000, interval: 50 }

test('four lanes have the same messages, and cost what the proxy counts', async () => {
  await using visit = await demo.visit('lab.html', 'Ada')
  const { page } = visit
  const lab = read(page)
  await expect.poll(async () => Math.min(...(await lab.messages())), patience).toBeGreaterThan(5)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect.poll(async () => new Set(await lab.messages()).size, patience).toBe(1)
  expect(await lab.missing()).toEqual(['0', '0', '0', '0'])

  for (const lane of laneNames)
    await expect
      .poll(async () => [await shown(lab, lane), counted(await lab.counts(lane))], patience)
      .toSatisfy(([here, there]: string[][]) => JSON.stringify(here) === JSON.stringify(there))
  const socket = await lab.counts('websocket')
  expect(socket.requests).toEqual({ GET: 0, POST: 0, OPTIONS: 0, UPGRADE: 1 })
  const bytes = `${socket.bytes.up + socket.bytes.down} B`
  const sum = (name: string): Promise<string> =>
    page.getByText(name, { exact: true }).locator('xpath=../dd').innerText()
  await expect.poll(() => Promise.all(['Proxy', 'By arithmetic'].map(sum)), patience).toEqual([bytes, bytes])

  const polling = await lab.counts('polling')
  expect(polling.requests.GET).toBeLessThanOrEqual(lab.polls())
  const times = polling.exchanges.map(({ at }) => at)
  const pauses = times.slice(1).map((at, index) => at - times[index]!)
  expect(Math.min(...pauses)).toBeGreaterThan(950)
  expect(visit.complaints).toEqual([])
})

test('a lane that is far away is late, and a cut costs no message', async () => {
  await using visit = await demo.visit('lab.html', 'Ada')
  const { page } = visit
  const lab = read(page)
  await page.getByRole('radio', { name: '20', exact: true }).check()
  await lab.lane('websocket').getByLabel('Latency').selectOption('200 ms each way')
  await expect
    .poll(async () => Number.parseFloat(await lab.figure('websocket', 'Median')), patience)
    .toBeGreaterThanOrEqual(200)
  const before = Math.max(...(await lab.messages()))
  await page.getByRole('button', { name: 'Cut', exact: true }).click()
  await expect.poll(async () => Math.min(...(await lab.messages())), patience).toBeGreaterThan(before + 10)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect.poll(async () => new Set(await lab.messages()).size, patience).toBe(1)
  expect(await lab.missing()).toEqual(['0', '0', '0', '0'])
  expect((await lab.counts('websocket')).requests.UPGRADE).toBe(2)
  expect(visit.complaints).toEqual([])
})
