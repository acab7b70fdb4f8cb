/** Questions and their answers, streams included, over a connection that holds. */
import { RequestError } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { containing, isOpen, rejection, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

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
    // One that timed out before it was sent would never be heard of.
    await status(socket, isOpen)
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
