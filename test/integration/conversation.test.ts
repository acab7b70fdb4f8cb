/** One conversation over a connection that holds: everything the two sides can say to each other. */
import { RequestError } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type Chat, containing, errorWith, isClosed, isOpen, rejection, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

test('events travel both ways, in the order sent, with all that was sent before the connection was there', async () => {
  const said = new Seen<string>()
  const backend = await serve({
    session(session) {
      session.send('said', 'welcome')
      session.on('say', (text) => session.send('said', `you said ${text}`))
    },
  })
  const socket = backend.connect()
  socket.on('said', said.add)
  for (const text of ['one', 'two', 'three']) socket.send('say', text)
  expect(socket.status.get()).toMatchObject({ state: 'connecting', queued: 3, transport: null })

  expect(await said.first(4)).toEqual(['welcome', 'you said one', 'you said two', 'you said three'])
  await socket.flush()
  expect(socket.status.get()).toMatchObject({
    state: 'open',
    transport: 'websocket',
    queued: 0,
    unacknowledged: 0,
    resumed: false,
    cause: null,
    retryAt: null,
  })
  expect(socket.status.get().latency).toBeGreaterThanOrEqual(0)
  expect(backend.sessions.all).toHaveLength(1)
  expect([backend.errors.all, socket.errors]).toEqual([[], {}])
})

test('flush resolves on acknowledgement by the other side, on both', async () => {
  const heard = new Seen<string>()
  const backend = await serve({ session: (session) => session.on('say', heard.add) })
  const socket = backend.connect()
  const said = new Seen<string>()
  socket.on('said', said.add)
  socket.send('say', 'there')
  await socket.flush()
  expect(heard.all).toEqual(['there'])
  const [session] = await backend.sessions.first(1)
  session!.send('said', 'back')
  await session!.flush()
  expect(said.all).toEqual(['back'])
})

test('bytes travel both ways unchanged', async () => {
  const backend = await serve({
    session: (session) => session.on('bytes', (bytes) => session.send('bytes', bytes.toReversed())),
  })
  const socket = backend.connect()
  const received = new Seen<Uint8Array>()
  socket.on('bytes', received.add)
  const every = Uint8Array.from({ length: 256 }, (_, index) => index)
  socket.send('bytes', every)
  // A view must travel as the part that it shows, not as the memory behind it.
  socket.send('bytes', every.subarray(10, 13))
  socket.send('bytes', new Uint8Array())
  const [all, part, none] = await received.first(3)
  expect(all).toEqual(every.toReversed())
  expect(part).toEqual(Uint8Array.of(12, 11, 10))
  expect(none).toHaveLength(0)
})

describe('requests', () => {
  test('are answered in both directions', async () => {
    const backend = await serve({
      session: (session) => session.handle('add', ([left, right]) => left + right),
    })
    const socket = backend.connect()
    socket.handle('confirm', (question) => Promise.resolve(question === 'sure?'))
    expect(await socket.request('add', [20, 22])).toBe(42)
    const [session] = await backend.sessions.first(1)
    expect(await Promise.all([session!.request('confirm', 'sure?'), session!.request('confirm', 'what?')])).toEqual([
      true,
      false,
    ])
  })

  test('each gets its own answer, whichever comes first', async () => {
    let release = (): void => {}
    const backend = await serve({
      session: (session) =>
        session.handle('add', async ([left, right]) => {
          if (left === 0) await new Promise<void>((resolve) => (release = resolve))
          else release()
          return left + right
        }),
    })
    const socket = backend.connect()
    expect(await Promise.all([socket.request('add', [0, 1]), socket.request('add', [1, 1])])).toEqual([1, 2])
  })

  test('a RequestError travels as it is; any other failure stays at home', async () => {
    const backend = await serve({
      session: (session) =>
        session.handle('add', ([left]) => {
          throw left === 0 ? new RequestError('no-zero', 'Zero is not for sale') : new Error('the database password is')
        }),
    })
    const socket = backend.connect()
    const told = await rejection(socket.request('add', [0, 0]))
    expect(told).toBeInstanceOf(RequestError)
    expect(told).toMatchObject({ code: 'request-failed', reason: 'no-zero', message: 'Zero is not for sale' })

    const hidden = await rejection(socket.request('add', [1, 0]))
    expect(hidden).toMatchObject({
      code: 'handler-failed',
      message: expect.not.stringContaining('password') as unknown,
    })
    expect(backend.errors.all).toMatchObject([
      { code: 'handler-failed', message: containing('the database password is') },
    ])
    // The conversation goes on.
    expect(await rejection(socket.request('add', [0, 0]))).toMatchObject({ reason: 'no-zero' })
  })

  test('what nobody handles is refused by name, and counted there', async () => {
    const backend = await serve()
    const socket = backend.connect()
    expect(await rejection(socket.request('add', [1, 1]))).toMatchObject({
      code: 'unknown-request',
      message: containing('"add"'),
    })
    expect(backend.server.errors).toEqual({ 'unknown-request': 1 })
  })

  test('time out, abort, and tell the handler so', async () => {
    const signals = new Seen<AbortSignal>()
    const aborted = new Seen<unknown>()
    const backend = await serve({
      session: (session) =>
        session.handle('hang', (_, { signal }) => {
          signal.addEventListener('abort', () => aborted.add(signal.reason))
          signals.add(signal)
          return new Promise<never>(() => {})
        }),
    })
    const socket = backend.connect()
    expect(await rejection(socket.request('hang', undefined, { timeout: 50 }))).toMatchObject({ code: 'timeout' })

    const controller = new AbortController()
    const asked = rejection(socket.request('hang', undefined, { signal: controller.signal }))
    await signals.first(2)
    controller.abort(new RangeError('changed my mind'))
    expect(await asked).toEqual(new RangeError('changed my mind'))
    expect(await aborted.first(2)).toMatchObject([{ code: 'aborted' }, { code: 'aborted' }])
  })
})

describe('streams', () => {
  const counting = (ended: Seen<string>) =>
    serve({
      session(session) {
        session.handleStream('count', async function* (to) {
          try {
            for (let number = 1; number <= to; number++) yield await Promise.resolve(number)
            if (to < 0) throw new RequestError('negative')
          } finally {
            ended.add('ended')
          }
        })
      },
    })

  test('give their items in order and end', async () => {
    const socket = (await counting(new Seen())).connect()
    const items: number[] = []
    for await (const item of socket.stream('count', 3000)) items.push(item)
    expect(items).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1))
  })

  test('end at the source when the reader leaves', async () => {
    const ended = new Seen<string>()
    const socket = (await counting(ended)).connect()
    const items: number[] = []
    for await (const item of socket.stream('count', 1e9)) if (items.push(item) === 3) break
    expect(items).toEqual([1, 2, 3])
    expect(await ended.first(1)).toEqual(['ended'])
  })

  test('fail with what the source says', async () => {
    const socket = (await counting(new Seen())).connect()
    expect(await rejection(socket.stream('count', -1).next())).toMatchObject({ reason: 'negative' })
  })

  test('a source is held back while its reader is away', async () => {
    let produced = 0
    const backend = await serve({
      session: (session) =>
        session.handleStream('count', function* () {
          for (;;) yield ++produced
        }),
    })
    const socket = backend.connect()
    const items = socket.stream('count', 0)
    await items.next()
    backend.proxy.blackHole('both', true)
    await expect
      .poll(async () => {
        const before = produced
        await new Promise((resolve) => setTimeout(resolve, 100))
        return produced - before
      })
      .toBe(0)
    // Far below the bound at which a session is given up.
    expect(produced).toBeLessThan(5_000)
    expect(backend.server.sessions.size).toBe(1)
  })
})

describe('rooms', () => {
  test('a message to a room reaches who is in it, once', async () => {
    const backend = await serve<Chat, string>({
      authenticate: ({ auth }) => auth as string,
      session(session) {
        session.join('all')
        session.join('all')
        if (session.identity === 'ann') session.join('some')
        session.on('say', (room) => {
          session.leave(room)
          session.send('said', 'left')
        })
      },
    })
    const [ann, bob] = ['ann', 'bob'].map((auth) => {
      const said = new Seen<string>()
      const socket = backend.connect({ auth })
      socket.on('said', said.add)
      return { said, socket }
    })
    await Promise.all([status(ann!.socket, isOpen), status(bob!.socket, isOpen)])
    backend.server.to('all').send('said', 'to all')
    backend.server.to('some').send('said', 'to some')
    backend.server.to('none').send('said', 'to none')
    ann!.socket.send('say', 'all')
    await ann!.said.find((text) => text === 'left')
    backend.server.to('all').send('said', 'again')
    await bob!.said.find((text) => text === 'again')
    await Promise.all(backend.sessions.all.map((session) => session.flush()))
    expect(ann!.said.all).toEqual(['to all', 'to some', 'left'])
    expect(bob!.said.all).toEqual(['to all', 'again'])
  })
})

describe('closing', () => {
  test('by the client: what was sent arrives first, then both sides know', async () => {
    const heard = new Seen<string>()
    const ended = new Seen<string>()
    const backend = await serve({
      session(session) {
        session.on('say', heard.add)
        session.handle('hang', () => new Promise<never>(() => {}))
        session.onEnd(ended.add)
      },
    })
    const socket = backend.connect()
    socket.send('say', 'last words')
    const asked = rejection(socket.request('hang'))
    await socket.close()
    expect(heard.all).toEqual(['last words'])
    expect(await asked).toMatchObject({ code: 'closed' })
    expect(socket.status.get().state).toBe('closed')
    expect(() => socket.send('say', 'too late')).toThrow(errorWith('closed'))
    expect(await ended.first(1)).toEqual(['client-closed'])
    expect(backend.server.sessions.size).toBe(0)
    await expect.poll(() => backend.proxy.open).toBe(0)
  })

  test('by `await using`', async () => {
    const heard = new Seen<string>()
    const backend = await serve({ session: (session) => session.on('say', heard.add) })
    const told: string[] = []
    {
      await using socket = backend.connect()
      socket.status.subscribe(({ state }) => told.push(state))
      socket.send('say', 'in a block')
    }
    expect(heard.all).toEqual(['in a block'])
    expect(told.at(-1)).toBe('closed')
  })

  test('by a signal: at once, and nothing is left open', async () => {
    const backend = await serve()
    const controller = new AbortController()
    const socket = backend.connect({ signal: controller.signal })
    await status(socket, isOpen)
    controller.abort()
    await status(socket, isClosed)
    await expect.poll(() => backend.proxy.open).toBe(0)
  })

  test('by a signal that was aborted before: no connection is made', async () => {
    const backend = await serve()
    const socket = backend.connect({ signal: AbortSignal.abort() })
    await status(socket, isClosed)
    expect(backend.proxy.accepted).toBe(0)
  })

  test('by the server: what it sent arrives first, the code decides, and nothing comes back', async () => {
    const said = new Seen<string>()
    const ended = new Seen<string>()
    const backend = await serve({ session: (session) => session.onEnd(ended.add) })
    const socket = backend.connect()
    socket.on('said', said.add)
    const [session] = await backend.sessions.first(1)
    session!.send('said', 'you are banned')
    session!.close({ code: 4403, reason: 'Banned' })
    expect(await status(socket, isClosed)).toMatchObject({
      cause: { code: 'forbidden', message: containing('Banned') },
    })
    expect(said.all).toEqual(['you are banned'])
    expect(ended.all).toEqual(['closed'])
    expect(() => session!.send('said', 'too late')).toThrow(errorWith('closed'))
    await expect.poll(() => backend.proxy.open).toBe(0)
    expect(backend.proxy.accepted).toBe(1)
  })

  test('at a server that is gone: within the time given, and what was not delivered is told', async () => {
    const backend = await serve()
    const socket = backend.connect()
    await status(socket, isOpen)
    backend.proxy.blackHole('both', true)
    const lost = new Seen<unknown>()
    socket.onLost(lost.add)
    socket.send('say', 'into the void')
    await socket.close({ timeout: 50 })
    expect(lost.all).toMatchObject([
      { cause: { code: 'closed' }, inDoubt: [{ name: 'say', data: 'into the void', resent: false }], unsent: [] },
    ])
  })
})
