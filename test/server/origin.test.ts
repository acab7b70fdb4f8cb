import { describe, expect, test } from 'vitest'
import { world } from 'holdfast/testing'
import { rawClient } from '../tools/raw.ts'
import { isOriginAllowed } from '../../src/server/origin.ts'

const request = (origin: string | undefined, host = 'site.test') => ({ url: '/live', headers: { host, origin } })

describe('where no origins are named, a page may connect to its own host', () => {
  test.each([
    ['https://site.test', 'site.test', true],
    ['http://site.test', 'site.test', true],
    ['https://site.test:8443', 'site.test:8443', true],
    ['https://site.test:8443', 'site.test', false],
    ['https://evil.test', 'site.test', false],
    ['https://site.test.evil.test', 'site.test', false],
    ['https://evil.test/site.test', 'site.test', false],
    ['https://site.test@evil.test', 'site.test', false],
    ['null', 'site.test', false],
    ['', 'site.test', false],
    ['no url', 'site.test', false],
  ])('%s to %s: %s', (origin, host, allowed) => {
    expect(isOriginAllowed(request(origin, host), [])).toBe(allowed)
  })
})

describe('where some are named', () => {
  test.each([
    ['https://app.test', true],
    ['https://site.test', false],
    ['https://app.test.evil.test', false],
    ['https://APP.test', false],
    ['http://app.test', false],
  ])('%s: %s', (origin, allowed) => {
    expect(isOriginAllowed(request(origin), ['https://app.test', 'https://www.app.test'])).toBe(allowed)
  })
})

test('who is no page sends no origin, and may connect; `*` lets everybody in', () => {
  expect(isOriginAllowed(request(undefined), ['https://app.test'])).toBe(true)
  expect(isOriginAllowed(request('https://evil.test'), '*')).toBe(true)
})

test('a foreign page is told 4403, counted, and not looked at any further', async () => {
  let asked = 0
  const { clock, network, server } = world({ clients: 0, server: { authenticate: () => ++asked } })
  const client = rawClient(network, 'page', 'https://evil.test')
  await clock.advance(100)
  client.say('{"hello":{}}')
  await clock.advance(20_000)
  expect(client.closed).toBe(4403)
  expect(client.lines).toEqual([{ bye: { code: 4403, reason: 'Pages of https://evil.test may not connect' } }])
  expect([asked, server.core.errors, server.view.pending]).toEqual([0, { forbidden: 1 }, 0])
})
