/** An application with hooks as its own tests would have it: unchanged, one socket in a module, a test server in the place of its own. */
import { connect, share } from 'holdfast'
import { createTestServer, type TestServer } from 'holdfast/testing'
import { StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Chat, Driver, Mounted, Use } from './driver.ts'
import { reactDriver } from './react-driver.ts'
import { solidDriver } from './solid-driver.ts'
import { svelteDriver } from './svelte-driver.ts'
import Runes from './svelte/Runes.svelte'
import { vueDriver } from './vue-driver.ts'

const live = share(() => connect<Chat>('wss://example.com/live'))

const uses: readonly Use[] = [
  { hook: 'useStatus', select: ({ state }) => state },
  { hook: 'useRequest', name: 'double', input: { number: 21 } as never },
  { hook: 'useLatest' },
]

let server: TestServer<Chat>
let mounted: Mounted | undefined
beforeEach(() => {
  server = createTestServer<Chat>()
  server.install()
  server.handle('double', ({ number }) => 2 * number)
})
afterEach(() => {
  mounted?.unmount()
  mounted = undefined
  server.close()
  document.body.replaceChildren()
  vi.useRealTimers()
})

const page = (): string[] => [...document.querySelectorAll('p')].map((element) => element.textContent)
const shows = (...texts: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(page()).toEqual(texts.map((text) => expect.stringContaining(text) as unknown)), {
    interval: 5,
  })
const mount = (driver: Driver): void => {
  const container = document.body.appendChild(document.createElement('main'))
  mounted = driver.mount({ live, uses, show: () => {} }, container)
}

const drivers = [reactDriver('React', StrictMode), vueDriver, svelteDriver('Svelte', Runes), solidDriver]

describe.each(drivers)('components of $name', (driver) => {
  test('show what the server says, and how the network is', async () => {
    mount(driver)
    await shows('open', '"data":42', '–')
    server.send('said', 'hello')
    await shows('open', '"data":42', 'hello')
    server.network.offline()
    expect(navigator.onLine).toBe(false)
    await shows('paused', '"data":42', 'hello')
    server.network.online()
    expect(navigator.onLine).toBe(true)
    await shows('open', '"data":42', 'hello')
    live.send('say', 'I am back')
    expect(await server.next('say')).toBe('I am back')
    expect([server.received('double').length, server.core.sessions.size]).toEqual([1, 1])
  })

  test('have a server of their own in each test, in whatever time', async () => {
    vi.useFakeTimers()
    server.handle('double', () => Promise.reject(new Error('The server is out of order.')))
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    mount(driver)
    await vi.advanceTimersByTimeAsync(100)
    expect(page()).toEqual(['"open"', expect.stringContaining('handler-failed'), '–'])
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
    server.network.block('websocket')
    server.network.cut()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([page()[0], live.status.get().transport]).toEqual(['"open"', 'http-stream'])
  })
})
