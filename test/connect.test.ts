import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect, type ProviderContext, type Socket } from 'holdfast'

afterEach(() => void vi.unstubAllGlobals())

/** A WebSocket that never opens, and keeps what was done with it. */
class HangingSocket {
  static all: HangingSocket[] = []
  readonly url: string
  readonly protocol: unknown
  closed = false
  readyState = 0
  constructor(url: string, protocol: unknown) {
    if (!url.startsWith('ws')) throw new SyntaxError('The URL’s scheme must be ws or wss.')
    this.url = url
    this.protocol = protocol
    HangingSocket.all.push(this)
  }
  close(): void {
    this.closed = true
  }
}

const dialled = (...args: Parameters<typeof connect>): { socket: Socket; sockets: HangingSocket[] } => {
  HangingSocket.all = []
  vi.stubGlobal('WebSocket', HangingSocket)
  return { socket: connect(...args), sockets: HangingSocket.all }
}

describe('connect()', () => {
  test('dials at once, with the platform’s WebSocket, and offers holdfast.v1', () => {
    const { socket, sockets } = dialled('https://host.test/live?room=1#top')
    void socket.close()
    expect(sockets.map(({ url, protocol }) => [url, protocol])).toEqual([
      [expect.stringMatching(/^wss:\/\/host\.test\/live\?room=1&route=\w{8}$/), 'holdfast.v1'],
    ])
  })

  test('asks a function for the address', () => {
    const { socket, sockets } = dialled(({ attempt }) => `wss://host.test/${attempt}`)
    void socket.close()
    expect(sockets.map(({ url }) => url)).toEqual([expect.stringMatching(/^wss:\/\/host\.test\/1\?route=\w{8}$/)])
  })

  test('that is closed leaves no timer, no listener and no WebSocket behind', () => {
    vi.useFakeTimers()
    const live: unknown[] = []
    vi.stubGlobal('addEventListener', (type: string, _: unknown, { signal }: { signal: AbortSignal }) => {
      live.push(type)
      signal.addEventListener('abort', () => live.splice(live.indexOf(type), 1))
    })
    const { socket, sockets } = dialled('wss://host.test/')
    expect([vi.getTimerCount(), live.length, sockets[0]!.closed]).toEqual([2, 7, false])
    void socket.close()
    expect([vi.getTimerCount(), live, sockets[0]!.closed]).toEqual([0, [], true])
    vi.useRealTimers()
  })

  test.each(['mailto:nobody@host.test', 'wss://', '', 'no url'])(
    'closes for good at %o, where nobody can ever be',
    (url) => {
      const { socket } = dialled(url)
      const { state, cause } = socket.status.get()
      expect([state, cause?.code]).toEqual(['closed', 'invalid-option'])
      expect(cause?.message).toContain(`Cannot connect to ${url}`)
    },
  )

  test('that closes for good tells a pending `auth` so', () => {
    let given: AbortSignal | undefined
    const auth = ({ signal }: ProviderContext): Promise<never> => {
      given = signal
      return new Promise(() => {})
    }
    dialled('mailto:nobody@host.test', { auth })
    expect(given?.aborted).toBe(true)
  })

  test('throws at once for an option that is none', () => {
    // @ts-expect-error -- what plain JavaScript could pass
    expect(() => dialled('wss://host.test/', { hartbeat: {} })).toThrow('Did you mean `heartbeat`?')
    expect(HangingSocket.all).toEqual([])
  })

  test('hands what a listener throws to `reportError`', () => {
    const reportError = vi.fn<(error: unknown) => void>()
    vi.stubGlobal('reportError', reportError)
    const { socket } = dialled('wss://host.test/')
    const error = new Error('mine')
    socket.status.subscribe(({ state }) => {
      if (state === 'closed') throw error
    })
    void socket.close()
    expect(reportError).toHaveBeenCalledExactlyOnceWith(error)
  })
})

describe('where there is no WebSocket (server rendering)', () => {
  test('a socket stays idle, takes messages, and holds nothing', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', undefined)
    let asked = 0
    const socket = connect('/live', { auth: () => ++asked })
    socket.send('say', 1)
    socket.reconnect()
    expect(socket.status.get()).toMatchObject({ state: 'idle', queued: 1 })
    expect([vi.getTimerCount(), asked]).toEqual([0, 0])
    await expect(socket.close()).resolves.toBeUndefined()
    vi.useRealTimers()
  })
})

test('a URL in an error shows no query: tokens are there', () => {
  const { socket } = dialled('mailto:host?token=secret')
  expect(socket.status.get().cause?.message).toMatch(/^Cannot connect to mailto:host: .*scheme/)
})
