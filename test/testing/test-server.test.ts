import { connect } from 'holdfast'
import { createTestServer, type ServerCore, type TestServer, type TestServerOptions } from 'holdfast/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

interface Chat {
  toServer: { say: string; leave: undefined }
  toClient: { said: string }
  requests: { history(input: { room: string }): string[]; add(input: readonly [number, number]): number }
  serverRequests: { confirm(input: string): boolean }
  streams: { count(to: number): number }
}

const URL = 'wss://example.com/live'

const create = (options: TestServerOptions<Chat, string> = {}): TestServer<Chat, string> => {
  const server = createTestServer<Chat, string>(options)
  onTestFinished(() => server.close())
  return server
}

/** As an application has it. */
const serveChat = (server: ServerCore<Chat, string>): void =>
  void server.on('session', (session) => {
    session.join('all')
    session.on('say', (text) => server.to('all').send('said', `${session.identity ?? 'somebody'}: ${text}`))
  })

const opened = (socket: ReturnType<typeof connect>): Promise<void> =>
  vi.waitFor(() => expect(socket.status.get().state).toBe('open'), { interval: 1 })

describe('a client that is handed in', () => {
  test('talks to the server that the application has', async () => {
    const server = create({ serve: serveChat, server: { authenticate: ({ auth }) => String(auth) } })
    const [ann, ben] = [server.connect({ auth: 'ann' }), server.connect({ auth: 'ben' })]
    const heard: string[] = []
    ben.on('said', (text) => heard.push(text))
    await Promise.all([opened(ann), opened(ben)])
    ann.send('say', 'hello')
    await ann.flush()
    await vi.waitFor(() => expect(heard).toEqual(['ann: hello']), { interval: 1 })
    expect(server.received('say')).toEqual(['hello'])
  })

  test('is answered by the test itself, and of two answers the last one counts', async () => {
    const server = create()
    const socket = server.connect()
    server.handle('history', ({ room }) => [`in ${room}`])
    expect(await socket.request('history', { room: 'all' })).toEqual(['in all'])
    const back = server.handle('history', () => Promise.reject(new Error('The database is gone.')))
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    await expect(socket.request('history', { room: 'all' })).rejects.toMatchObject({ code: 'handler-failed' })
    expect(log).toHaveBeenCalledExactlyOnceWith(new Error('The database is gone.'))
    log.mockRestore()
    back()
    expect(await socket.request('history', { room: 'here' })).toEqual(['in here'])
    expect(server.received('history')).toEqual([{ room: 'all' }, { room: 'all' }, { room: 'here' }])
  })

  test('streams, and is asked', async () => {
    const server = create()
    const socket = server.connect()
    server.handleStream('count', function* (to) {
      for (let number = 1; number <= to; number++) yield number
    })
    socket.handle('confirm', (what) => what === 'sure?')
    expect(await Array.fromAsync(socket.stream('count', 3))).toEqual([1, 2, 3])
    const session = await server.session()
    expect(await session.request('confirm', 'sure?')).toBe(true)
    expect(server.received('count')).toEqual([3])
  })

  test('hears what is sent to everybody; to nobody nothing can be sent', async () => {
    const server = create()
    expect(() => server.send('said', 'anybody?')).toThrow('Nobody is connected')
    const sockets = [server.connect(), server.connect()]
    const heard: string[] = []
    for (const socket of sockets) socket.on('said', (text) => heard.push(text))
    await Promise.all(sockets.map(opened))
    server.send('said', 'all of you')
    await vi.waitFor(() => expect(heard).toEqual(['all of you', 'all of you']), { interval: 1 })
  })

  test('says what it said once, in order, though connections break and servers come and go', async () => {
    const server = create()
    const heard: [string, boolean][] = []
    server.on('say', (text, session) => heard.push([text, server.core.sessions.has(session)]))
    const socket = server.connect({ inDoubt: 'resend', backoff: { base: 1, jitter: 0 } })
    socket.send('say', 'one')
    await server.next('say')
    server.network.cut()
    socket.send('say', 'two')
    await server.next('say')
    await socket.flush()
    server.restart()
    socket.send('say', 'three')
    expect(await server.next('say')).toBe('three')
    expect(server.received('say')).toEqual(['one', 'two', 'three'])
    expect(heard).toEqual([
      ['one', true],
      ['two', true],
      ['three', true],
    ])
  })

  test('is offline, and slow', async () => {
    const server = create()
    const socket = server.connect()
    await opened(socket)
    server.network.offline()
    await vi.waitFor(() => expect(socket.status.get()).toMatchObject({ state: 'paused' }), { interval: 1 })
    server.network.online()
    await opened(socket)
    server.network.slow({ latency: 40 })
    const start = performance.now()
    socket.send('leave')
    await socket.flush()
    expect(performance.now() - start).toBeGreaterThan(75)
    server.network.fast()
    expect(server.network.conditions).toMatchObject({ latency: 1, jitter: 0, bandwidth: Infinity })
  })
})

describe('what is waited for', () => {
  test('is given in its order, each once, whether it was there before or comes later', async () => {
    const server = create()
    const socket = server.connect()
    for (const text of ['one', 'two', 'three']) socket.send('say', text)
    await socket.flush()
    const fourth = [server.next('say'), server.next('say'), server.next('say'), server.next('say')]
    socket.send('say', 'four')
    expect(await Promise.all(fourth)).toEqual(['one', 'two', 'three', 'four'])
  })

  test('is told when it does not come, with what did', async () => {
    const server = create()
    const socket = server.connect()
    socket.send('leave')
    await socket.flush()
    await expect(server.next('say', { timeout: 5 })).rejects.toThrow(
      '"say" did not come. There came "leave" (1), and sessions: 1. It was waited for within 5 ms.',
    )
    await server.next('leave')
    await expect(server.next('leave', { timeout: 5 })).rejects.toThrow('"leave" did not come again after 1.')
    const late = server.next('say')
    socket.send('say', 'late')
    expect(await late).toBe('late')
    const never = server.next('say')
    server.close()
    await expect(never).rejects.toMatchObject({ code: 'closed' })
  })

  test('is a session, too', async () => {
    const server = create()
    await expect(server.session({ timeout: 5 })).rejects.toThrow('Nobody connected. It was waited for within 5 ms.')
    const session = server.session()
    server.connect()
    expect((await session).transport).toBe('websocket')
  })
})

describe('an application that is not changed', () => {
  const live = (options = {}) => {
    const socket = connect<Chat>(URL, { backoff: { base: 1, jitter: 0 }, ...options })
    onTestFinished(() => socket.close({ timeout: 0 }))
    return socket
  }

  test('finds the server where its own would be', async () => {
    const server = create({ serve: serveChat })
    server.install()
    const socket = live()
    const heard: string[] = []
    socket.on('said', (text) => heard.push(text))
    socket.send('say', 'hello')
    expect(await server.next('say')).toBe('hello')
    await vi.waitFor(() => expect(heard).toEqual(['somebody: hello']), { interval: 1 })
  })

  test('goes over HTTP where WebSockets are blocked', async () => {
    const server = create()
    server.network.block('websocket')
    server.install()
    const socket = live()
    socket.send('say', 'hello')
    expect(await server.next('say')).toBe('hello')
    await vi.waitFor(() => expect(socket.status.get().transport).toBe('http-stream'), { interval: 1 })
    server.network.cut()
    socket.send('say', 'again')
    expect(await server.next('say')).toBe('again')
  })

  test('shares the world with others: what is not for the server goes where it went before', async () => {
    const asked: unknown[] = []
    const theirs = vi.fn(function (this: object, ...given: unknown[]) {
      asked.push(given)
    })
    vi.stubGlobal('WebSocket', theirs)
    vi.stubGlobal('fetch', async (...given: unknown[]) => Promise.resolve(asked.push(given)))
    onTestFinished(() => void vi.unstubAllGlobals())
    const server = create({ url: URL })
    using _ = server.install()
    expect(new WebSocket('wss://example.com/other', 'holdfast.v1')).toBeInstanceOf(theirs)
    expect(new WebSocket('wss://example.com/live', 'holdfast.v1')).toBeInstanceOf(WebSocket)
    await fetch('https://example.com/live', { method: 'POST', body: 'a form' })
    await fetch('https://example.com/live')
    expect(asked).toEqual([
      ['wss://example.com/other', 'holdfast.v1'],
      ['https://example.com/live', { method: 'POST', body: 'a form' }],
      ['https://example.com/live', undefined],
    ])
  })

  test('is looked for without our subprotocol only where it looked with it', async () => {
    const theirs = vi.fn(function (this: object) {})
    vi.stubGlobal('WebSocket', theirs)
    onTestFinished(() => void vi.unstubAllGlobals())
    const server = create()
    server.install()
    server.network.fate('refuse')
    const socket = live({ fallbackAfter: 1 })
    const attempts = vi.waitFor(() => expect(socket.status.get().attempt).toBeGreaterThan(2), { interval: 1 })
    await attempts
    expect(theirs).not.toHaveBeenCalled()
    expect(new WebSocket('wss://example.com/graphql', 'graphql-transport-ws')).toBeInstanceOf(theirs)
  })

  test('is closed for good when the server is, and nothing is left of it', async () => {
    vi.useFakeTimers()
    const [webSocket, fetch] = [vi.fn(function (this: object) {}), vi.fn()]
    vi.stubGlobal('WebSocket', webSocket)
    vi.stubGlobal('fetch', fetch)
    onTestFinished(() => {
      vi.unstubAllGlobals()
      vi.useRealTimers()
    })
    const server = create()
    server.install()
    const sockets = [live(), server.connect(), live({ transport: 'http' }), live({ transport: 'long-polling' })]
    const states = (): string[] => sockets.map(({ status }) => status.get().state)
    await vi.advanceTimersByTimeAsync(100)
    expect(states()).toEqual(['open', 'open', 'open', 'open'])
    server.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(states()).toEqual(['closed', 'closed', 'closed', 'closed'])
    expect([globalThis.WebSocket, globalThis.fetch]).toEqual([webSocket, fetch])
    await vi.advanceTimersByTimeAsync(100_000)
    expect([webSocket.mock.calls, fetch.mock.calls]).toEqual([[], []])
    expect(vi.getTimerCount()).toBe(0)
    expect(() => server.close()).not.toThrow()
  })

  test('may be installed once at a time', () => {
    const server = create()
    const globals = (): unknown[] => [globalThis.WebSocket, globalThis.fetch]
    const before = globals()
    const back = server.install()
    expect(globals()).not.toEqual(before)
    expect(() => server.install()).toThrow('Take that back first')
    back()
    back()
    expect(globals()).toEqual(before)
    const other = create({ url: URL })
    const backs = [server.install(), other.install()]
    for (const back of backs) back()
    expect(globals()).toEqual(before)
  })
})
