import { afterEach, describe, expect, test, vi } from 'vitest'
import { addressOf } from '../../src/transports/url.ts'

afterEach(() => void vi.unstubAllGlobals())

describe('an address', () => {
  test.each([
    ['wss://host/live', 'wss://host/live'],
    ['ws://host:81', 'ws://host:81/'],
    ['https://host/live?a=1', 'https://host/live?a=1'],
    ['http://host/', 'http://host/'],
    ['wss://host/live#fragment', 'wss://host/live'],
  ])('%s is %s', (url, address) => {
    expect(addressOf(url).href).toBe(address)
  })

  test.each([
    ['/live', 'https://page.test:8443/live'],
    ['live', 'https://page.test:8443/app/live'],
    ['//other.test/live', 'https://other.test/live'],
    ['', 'https://page.test:8443/app/page?q=1'],
  ])('in a page, %o is %s', (url, address) => {
    vi.stubGlobal('location', new URL('https://page.test:8443/app/page?q=1#top'))
    expect(addressOf(url).href).toBe(address)
  })

  test.each(['/live', '', 'wss://', 'not a url', 'mailto:nobody@host.test', 'ftp://host/', 'blob:https://host/1'])(
    '%o is none where there is no page',
    (url) => {
      expect(() => addressOf(url)).toThrow(TypeError)
    },
  )
})
