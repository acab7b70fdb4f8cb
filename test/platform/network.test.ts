import { afterEach, expect, test, vi } from 'vitest'
import { pageNetwork } from '../../src/platform/network.ts'

afterEach(() => void vi.unstubAllGlobals())

interface Timing {
  readonly connectStart: number
  readonly secureConnectionStart: number
  readonly connectEnd: number
  readonly requestStart: number
  readonly responseStart: number
}

/** How a page came whose connection was opened for it, over TLS: 40 ms a round trip, and 25 ms of work. */
const cold: Timing = {
  connectStart: 10,
  secureConnectionStart: 50,
  connectEnd: 130,
  requestStart: 130,
  responseStart: 195,
}

test.each<[string, Timing | undefined, number | undefined, number]>([
  ['TCP alone, where TLS followed', cold, undefined, 40],
  [
    'all of the connecting, where there was no TLS',
    { ...cold, secureConnectionStart: 0, connectEnd: 52 },
    undefined,
    42,
  ],
  [
    'the answer, where the connection was there',
    { ...cold, connectStart: 10, secureConnectionStart: 0, connectEnd: 10 },
    undefined,
    65,
  ],
  [
    'the answer, where what answered TCP was near',
    { ...cold, secureConnectionStart: 0, connectEnd: 12, requestStart: 12, responseStart: 77 },
    undefined,
    65,
  ],
  ['the page before what the browser has seen elsewhere', cold, 300, 40],
  [
    'that, where the page came out of a cache',
    { ...cold, connectEnd: 10, secureConnectionStart: 0, responseStart: 130 },
    300,
    300,
  ],
  ['that, where no page is known', undefined, 300, 300],
  ['nothing, where nothing is known', undefined, undefined, -1],
  ['nothing, where the browser hides it', undefined, 0, -1],
])('the round trip is %s', (_, page, rtt, expected) => {
  vi.stubGlobal('performance', { getEntriesByType: (type: string) => (page && type === 'navigation' ? [page] : []) })
  vi.stubGlobal('navigator', rtt === undefined ? {} : { connection: { rtt } })
  expect(pageNetwork.roundTrip()).toBe(expected)
})

test('of a platform that knows nothing of pages, nothing is known', () => {
  vi.stubGlobal('performance', undefined)
  vi.stubGlobal('navigator', undefined)
  expect(pageNetwork.roundTrip()).toBe(-1)
})
