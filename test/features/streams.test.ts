import { describe, expect, test } from 'vitest'
import { type HoldfastError, RequestError } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'
import { rawServer, type RawConnection, welcome } from '../tools/raw.ts'
import { watchedSignal } from '../tools/watched-signal.ts'

interface Life {
  readonly here: World
  readonly tab: Tab
  /** What became of the server's generators, oldest first. */
  readonly seen: string[]
}
const live = async (): Promise<Life> => {
  const seen: string[] = []
  const here = world({
    serve: (core) =>
      void core.on('session', (session) => {
        session.handleStream('count', async function* (input, { signal }) {
          seen.push(`begins ${String(input)}`)
          signal.addEventListener('abort', () => seen.push(`aborts ${(signal.reason as HoldfastError).code}`))
          try {
            for (let number = 1; number <= Number(input); number++) {
              yield number
              await new Promise<void>((resolve) => here.clock.after(10, resolve))
            }
            seen.push('is through')
          } finally {
            seen.push('ends')
          }
        })
        session.handleStream('list', (input) => input as Iterable<unknown>)
        session.handleStream('fails', async function* () {
          yield 1
          await Promise.resolve()
          throw new Error('the password is 1234')
        })
        session.handleStream('refuses', () => {
          throw new RequestError('not-a-member')
        })
      }),
  })
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, seen }
}
/** Reads to the end, and how that was. */
const read = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
  const items: unknown[] = []
  try {
    for await (const item of stream) items.push(item)
    items.push('end')
  } catch (error) {
    items.push((error as { code?: unknown }).code ?? error)
  }
  return items
}
const during = async <T>({ here }: Life, promise: Promise<T>, duration = 5_000): Promise<T> =>
  (await Promise.all([promise, here.clock.advance(duration)]))[0]

describe('a stream', () => {
  test('gives every item, in order, and ends', async () => {
    const life = await live()
    expect(await during(life, read(life.tab.socket.stream('count', 5)))).toEqual([1, 2, 3, 4, 5, 'end'])
    expect(life.seen).toEqual(['begins 5', 'is through', 'ends'])
  })

  test.each([[[]], [[1, null, 'x', { a: 1 }]]])('gives what any iterable has: %o', async (items) => {
    const life = await live()
    expect(await during(life, read(life.tab.socket.stream('list', items)))).toEqual([...items, 'end'])
  })

  test('asks nothing before it is read', async () => {
    const life = await live()
    life.tab.socket.stream('count', 5)
    await life.here.clock.advance(1_000)
    expect(life.seen).toEqual([])
  })

  test('goes on over broken connections: nothing is missing or doubled', async () => {
    const life = await live()
    const items = read(life.tab.socket.stream('count', 100))
    for (let time = 0; time < 8; time++) {
      await life.here.clock.advance(100)
      life.here.network.cut()
    }
    expect(await during(life, items, 60_000)).toEqual([...Array.from({ length: 100 }, (_, index) => index + 1), 'end'])
    expect(life.seen).toEqual(['begins 100', 'is through', 'ends'])
  })

  test('two of one name know nothing of each other', async () => {
    const life = await live()
    const { socket } = life.tab
    const both = Promise.all([read(socket.stream('count', 2)), read(socket.stream('count', 3))])
    expect(await during(life, both)).toEqual([
      [1, 2, 'end'],
      [1, 2, 3, 'end'],
    ])
  })

  test('that fails gives what came before, then throws', async () => {
    const life = await live()
    expect(await during(life, read(life.tab.socket.stream('fails')))).toEqual([1, 'handler-failed'])
    expect(life.here.server.reported).toMatchObject([{ message: 'the password is 1234' }])
    expect(await during(life, read(life.tab.socket.stream('refuses')))).toEqual(['request-failed'])
    expect(await during(life, read(life.tab.socket.stream('nobody')))).toEqual(['unknown-request'])
  })

  test('throws once: whoever reads on is at the end', async () => {
    const life = await live()
    const stream = life.tab.socket.stream('nobody')
    await during(
      life,
      stream.next().catch(() => {}),
    )
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})

describe('ended by its reader', () => {
  test('`break` withdraws it: the generator on the other side is returned', async () => {
    const life = await live()
    const first = async (): Promise<unknown> => {
      for await (const item of life.tab.socket.stream('count', 100)) return item
      return undefined
    }
    expect(await during(life, first())).toBe(1)
    expect(life.seen).toEqual(['begins 100', 'aborts aborted', 'ends'])
  })

  test('`return()` before the first `next()` asks nothing, ever', async () => {
    const life = await live()
    const stream = life.tab.socket.stream('count', 100)
    expect(await stream.return!()).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await life.here.clock.advance(1_000)
    expect(life.seen).toEqual([])
  })

  test('`return()` gives up what has come and was not read', async () => {
    const life = await live()
    const stream = life.tab.socket.stream('list', [1, 2, 3])
    expect(await during(life, stream.next())).toEqual({ done: false, value: 1 })
    await stream.return!()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('`return()` ends a `next()` that waits', async () => {
    const life = await live()
    const stream = life.tab.socket.stream('count', 100)
    await during(life, stream.next(), 200)
    await life.here.clock.advance(60_000)
    for (let item = 2; item <= 100; item++) await stream.next()
    const ends = Promise.all([stream.next(), stream.next(), stream.return!()])
    expect(await ends).toEqual(Array.from({ length: 3 }, () => ({ done: true, value: undefined })))
  })

  test('a signal throws its reason, after the items that have come', async () => {
    const life = await live()
    const { controller, listeners } = watchedSignal()
    const stream = life.tab.socket.stream('count', 100, { signal: controller.signal })
    expect(await during(life, stream.next(), 100)).toEqual({ done: false, value: 1 })
    const reason = new Error('enough')
    controller.abort(reason)
    const rest = await read(stream)
    expect(rest.at(-1)).toBe(reason)
    expect(rest.slice(0, -1)).toEqual(rest.slice(0, -1).map((_, index) => index + 2))
    await life.here.clock.advance(500)
    expect([life.seen.slice(-2), listeners]).toEqual([['aborts aborted', 'ends'], []])
  })

  test('a signal that was aborted before asks nothing', async () => {
    const life = await live()
    const { controller, listeners } = watchedSignal()
    controller.abort('why not')
    const stream = life.tab.socket.stream('count', 5, { signal: controller.signal })
    expect(await during(life, read(stream))).toEqual(['why not'])
    expect([life.seen, listeners]).toEqual([[], []])
  })

  test('no listener stays on the signal, whichever way it ends', async () => {
    const life = await live()
    const { controller, listeners } = watchedSignal()
    const { signal } = controller
    const { socket } = life.tab
    await during(life, read(socket.stream('count', 1, { signal })))
    await during(life, read(socket.stream('nobody', 1, { signal })))
    const stream = socket.stream('count', 100, { signal })
    await during(life, stream.next())
    await stream.return!()
    await read(socket.stream('count', 1n, { signal }))
    void socket.close({ timeout: 0 })
    await read(socket.stream('count', 1, { signal }))
    expect(listeners).toEqual([])
  })
})

/** A tab whose server is played by hand, with a stream under way. */
const streaming = async (): Promise<{
  here: World
  server: RawConnection
  stream: AsyncIterator<unknown>
  first: Promise<unknown>
}> => {
  const here = world()
  const server = rawServer(here.network, (connection) => connection.say(welcome()))
  await here.clock.advance(500)
  const stream = here.tabs[0]!.socket.stream('count')
  const first = stream.next()
  await here.clock.advance(100)
  return { here, server: server[0]!, stream, first }
}

describe('a reader', () => {
  test('may ask for several at once: each gets its own, in order', async () => {
    const { here, server, stream, first } = await streaming()
    const more = [first, stream.next(), stream.next(), stream.next()]
    server.say([1, 'a', 1])
    await here.clock.advance(100)
    server.say([1, 'b', 1], [1, 'c', 1], [1, null])
    await here.clock.advance(100)
    expect(await Promise.all(more)).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: false, value: 'c' },
      { done: true, value: undefined },
    ])
  })

  test(
    'that is too slow gets what was kept, then `overflow`; the server is told to stop',
    { timeout: 30_000 },
    async () => {
      const { here, server, stream, first } = await streaming()
      const items = Array.from({ length: 65_537 }, (_, index) => [1, index, 1])
      server.say([1, 'first', 1])
      await here.clock.advance(100)
      expect(await first).toEqual({ done: false, value: 'first' })
      server.say(...items, [1, 'late', 1])
      await here.clock.advance(100)
      expect(server.lines).toContainEqual([1])
      const rest = await read({ [Symbol.asyncIterator]: () => stream })
      expect([rest.length, rest.at(-2), rest.at(-1)]).toEqual([65_538, 65_536, 'overflow'])
    },
  )
})

describe('the answering side', () => {
  test('asks for no more than the client can take: the generator rests', async () => {
    const life = await live()
    let given = 0
    const [session] = life.here.server.core.sessions
    session!.handleStream('fast', function* () {
      for (;;) yield ++given
    })
    const stream = life.tab.socket.stream('fast')
    void stream.next()
    life.here.network.stall('down')
    await life.here.clock.advance(1_000)
    expect(given).toBeGreaterThan(900)
    expect(given).toBeLessThan(1_100)
    life.here.network.heal()
    await life.here.clock.advance(1_000)
    expect(given).toBeGreaterThan(1_900)
    await stream.return!()
    const before = given
    await life.here.clock.advance(1_000)
    expect(given - before).toBeLessThan(2_000)
  })

  test('an item that cannot be sent ends it, on both sides', async () => {
    const life = await live()
    const [session] = life.here.server.core.sessions
    let given = 0
    session!.handleStream('big', function* () {
      yield 1
      while (given < 100) yield BigInt(++given)
    })
    expect(await during(life, read(life.tab.socket.stream('big')))).toEqual([1, 'handler-failed'])
    expect([given, life.here.server.reported]).toMatchObject([1, [{ code: 'unserializable' }]])
  })

  test('a generator that throws when it is stopped is reported', async () => {
    const life = await live()
    const [session] = life.here.server.core.sessions
    const error = new Error('in finally')
    session!.handleStream('sore', function* () {
      try {
        for (;;) yield 1
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- what applications do
        throw error
      }
    })
    const stream = life.tab.socket.stream('sore')
    await during(life, stream.next(), 200)
    await stream.return!()
    await life.here.clock.advance(500)
    expect(life.here.server.reported).toEqual([error])
  })

  test('is stopped when the session ends', async () => {
    const life = await live()
    void life.tab.socket.stream('count', 100_000).next()
    await life.here.clock.advance(200)
    void life.tab.socket.close({ timeout: 0 })
    await life.here.clock.advance(500)
    expect(life.seen).toEqual(['begins 100000', 'aborts closed', 'ends'])
  })
})
