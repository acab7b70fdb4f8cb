/** The library in a real page, over a real network that fails on request. Every engine runs the same. */
import type { Lost } from 'holdfast'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RemoteScenario, openScenario } from './remote.ts'
import { expectSaid, isOpen, join, status } from './support.ts'

let scenario: RemoteScenario
beforeEach(async () => {
  scenario = await openScenario()
})
afterEach(async () => {
  await scenario.close()
})

describe('a conversation', () => {
  test('begins with what was said before there was a connection, and goes both ways', async () => {
    const { socket, said } = join(scenario)
    for (const text of ['one', 'two', 'drei €ü😀']) socket.send('say', text)
    expect(socket.status.get()).toMatchObject({ state: 'connecting', queued: 3 })
    await socket.flush()
    await expectSaid(said, ['one', 'two', 'drei €ü😀'])
    expect(await socket.request('heard')).toEqual(['one', 'two', 'drei €ü😀'])
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'websocket', cause: null })
    expect(socket.status.get().latency).toBeGreaterThanOrEqual(0)
    expect(socket.errors).toEqual({})
    await socket.close()
  })

  test('answers requests, in both directions and out of order', async () => {
    const { socket } = join(scenario)
    socket.handle('confirm', (question) => question === 'sure?')
    expect(
      await Promise.all([
        socket.request('add', [20, 22]),
        socket.request('ask', 'sure?'),
        socket.request('ask', 'what?'),
      ]),
    ).toEqual([42, true, false])
    await expect(socket.request('hang', undefined, { timeout: 50 })).rejects.toMatchObject({ code: 'timeout' })
    await socket.close()
  })

  test('streams', async () => {
    const { socket } = join(scenario)
    const all: number[] = []
    for await (const number of socket.stream('numbers', 1000)) all.push(number)
    expect(all).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))
    const some: number[] = []
    for await (const number of socket.stream('numbers', 1e9)) if (some.push(number) === 3) break
    expect(some).toEqual([1, 2, 3])
    await socket.close()
  })

  test('carries bytes unchanged', async () => {
    const { socket } = join(scenario)
    const received: Uint8Array[] = []
    socket.on('bytes', (bytes) => received.push(bytes))
    const every = Uint8Array.from({ length: 256 }, (_, index) => index)
    socket.send('bytes', every)
    socket.send('bytes', every.subarray(10, 13))
    await expect.poll(() => received.length).toBe(2)
    expect(received).toEqual([every.toReversed(), Uint8Array.of(12, 11, 10)])
    await socket.close()
  })

  test('ends: what was sent arrives first, and the connection is gone', async () => {
    const { socket } = join(scenario)
    socket.send('say', 'last words')
    await socket.close()
    expect(socket.status.get().state).toBe('closed')
    expect(() => socket.send('say', 'too late')).toThrow('closed')
    await expect.poll(async () => (await scenario.traffic()).open).toBe(0)
    const { socket: next } = join(scenario)
    expect(await next.request('heard')).toEqual(['last words'])
    await next.close()
  })
})

describe('a connection that breaks', () => {
  test('is replaced, and the session goes on where it was', async () => {
    const { socket, said } = join(scenario)
    socket.send('say', 'before')
    await expectSaid(said, ['before'])
    const waiting = status(socket, ({ state }) => state === 'waiting')
    // On a busy machine, HTTP may have been tried beside it.
    expect(await scenario.cut()).toBeGreaterThan(0)
    expect(await waiting).toMatchObject({ transport: null, cause: { code: 'unreachable' } })
    socket.send('say', 'between')
    expect(await status(socket, isOpen)).toMatchObject({ resumed: true })
    socket.send('say', 'after')
    await expectSaid(said, ['before', 'between', 'after'])
    expect(await socket.request('heard')).toEqual(['before', 'between', 'after'])
    await socket.close()
  })

  test.each([
    ['up', 0],
    ['up', 20],
    ['up', 200],
    ['down', 0],
    ['down', 20],
    ['down', 200],
  ] as const)('%s after %i more bytes costs nothing', async (direction, count) => {
    // Of WebSocket's connections, one: HTTP opens more, and Firefox lets a WebSocket wait that follows on one that broke.
    const { socket, said } = join(scenario, { transport: 'websocket' })
    await status(socket, isOpen)
    await scenario.cutAfterBytes(direction, count)
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${'ü€😀'.repeat(3)}`)
    for (const text of texts) {
      socket.send('say', text)
      if (text.startsWith('2')) await socket.flush()
    }
    await expectSaid(said, texts)
    expect(await socket.request('heard')).toEqual(texts)
    expect((await scenario.traffic()).accepted).toBe(2)
    expect(socket.errors).toEqual({})
    await socket.close()
  })

  test.each(['up', 'down', 'both'] as const)('without a sign (%s) is noticed', async (direction) => {
    // One that begins on HTTP on a busy machine is just being moved, and then it is the move that takes too long.
    const options = { heartbeat: { idle: 200, timeout: 400 }, connectTimeout: 1000, transport: 'websocket' } as const
    const { socket, said } = join(scenario, options)
    await status(socket, isOpen)
    await scenario.blackHole(direction, true)
    const noticed = status(socket, ({ cause }) => cause?.code === 'unresponsive')
    socket.send('say', 'into the void')
    await noticed
    await scenario.blackHole(direction, false)
    await expectSaid(said, ['into the void'])
    expect(await socket.request('heard')).toEqual(['into the void'])
    await socket.close()
  })

  test('to a server that cannot be reached is tried again, and nothing is lost', async () => {
    const { socket, said } = join(scenario)
    await status(socket, isOpen)
    await scenario.refuse(true)
    await scenario.cut()
    socket.send('say', 'patience')
    await status(socket, ({ attempt }) => attempt >= 3)
    await scenario.refuse(false)
    await expectSaid(said, ['patience'])
    expect(socket.status.get()).toMatchObject({ resumed: true })
    await socket.close()
  })
})

describe('a server that is started again', () => {
  test('without its memory: the page is told, and the conversation goes on', async () => {
    const { socket, said } = join(scenario)
    const lost: Lost[] = []
    socket.onLost((loss) => lost.push(loss))
    socket.send('say', 'certain')
    await socket.flush()
    const asked = socket.request('hang').catch((error: unknown) => error)
    await socket.flush()
    const down = status(socket, ({ state }) => state === 'waiting')
    await scenario.killServer()
    await down
    socket.send('say', 'while it was away')
    await scenario.startServer()
    await expectSaid(said, ['certain', 'while it was away'])
    expect(await asked).toMatchObject({ code: 'session-lost' })
    expect(lost).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [] }])
    // The new process never heard the first.
    expect(await socket.request('heard')).toEqual(['while it was away'])
    await socket.close()
  })

  test('with messages on their way: they are named, and sent again', async () => {
    const { socket, said } = join(scenario)
    const lost: Lost[] = []
    socket.onLost((loss) => lost.push(loss))
    await status(socket, isOpen)
    await scenario.blackHole('both', true)
    const down = status(socket, ({ state }) => state === 'waiting')
    socket.send('say', 'doubtful')
    await expect.poll(() => socket.status.get().unacknowledged).toBe(1)
    await scenario.killServer()
    await scenario.cut()
    await down
    await scenario.blackHole('both', false)
    await scenario.startServer()
    await expectSaid(said, ['doubtful'])
    expect(lost).toMatchObject([{ inDoubt: [{ name: 'say', data: 'doubtful', resent: true }] }])
    await socket.close()
  })
})

describe('a server that will not have us', () => {
  test('because of the origin: final, and it says so', async () => {
    const { socket } = join(scenario, {}, '/same-origin')
    expect(await status(socket, ({ state }) => state === 'closed')).toMatchObject({
      cause: { code: 'forbidden', message: expect.stringContaining(location.origin) as unknown },
    })
    expect((await scenario.traffic()).accepted).toBe(1)
  })

  test('because of the path: told why, and tried again', async () => {
    const { socket } = join(scenario, {}, '/refused')
    expect(await status(socket, ({ attempt }) => attempt === 3)).toMatchObject({
      cause: { code: 'unreachable', message: expect.stringContaining('holdfast.v1') as unknown },
    })
    await socket.close()
  })

  test('because it speaks no holdfast.v1: final, and it says so, though Chromium does not tell the library', async () => {
    const { socket } = join(scenario, {}, '/echo')
    const causes = new Set<string | undefined>()
    socket.status.subscribe(({ cause }) => causes.add(cause?.code))
    expect(await status(socket, ({ state }) => state === 'closed')).toMatchObject({
      cause: {
        code: 'protocol',
        message: expect.stringContaining('`holdfast/wire` or `holdfast/websocket`') as unknown,
      },
    })
    expect([...causes]).toEqual([undefined, 'protocol'])
  })
})

test('the first message costs no round trip more than that of a bare WebSocket', async () => {
  await scenario.latency(25)
  const bare = new WebSocket(`ws://${scenario.host}/echo`)
  await new Promise((resolve) => {
    bare.addEventListener('open', () => bare.send('first message'))
    bare.addEventListener('message', resolve)
  })
  const expected = (await scenario.flights(1)).map(({ direction }) => direction)
  expect(expected).toEqual(['up', 'down', 'up', 'down'])

  const { socket, said } = join(scenario, { transport: 'websocket' })
  const heard = (): Promise<void> => new Promise((resolve) => void socket.once('said', () => resolve()))
  socket.send('say', 'first message')
  await heard()
  expect((await scenario.flights(2)).map(({ direction }) => direction)).toEqual(expected)

  const waiting = status(socket, ({ state }) => state === 'waiting')
  await scenario.cut()
  await waiting
  socket.send('say', 'first after resuming')
  await heard()
  expect((await scenario.flights(3)).map(({ direction }) => direction)).toEqual(expected)
  expect(said).toHaveLength(2)
  await socket.close()
})
