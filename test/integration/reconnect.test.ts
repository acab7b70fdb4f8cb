/** The connection breaks, the conversation does not: real resets, silence and refusals at the fault proxy. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Chat, type Setup, containing, isOpen, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

/** So long (ms) may a welcome take on a busy machine: of a younger server it would say that what was sent to nobody is in doubt. */
const LATE = 1_000

/** A server that hears everything and repeats it. */
const parrot = (heard: Seen<string>, options: Setup<Chat, unknown> = {}) =>
  serve({
    ...options,
    session(session) {
      session.on('say', (text) => {
        heard.add(text)
        session.send('said', text)
      })
    },
  })

test('a cut connection is replaced, and the session goes on where it was', async () => {
  const heard = new Seen<string>()
  const said = new Seen<string>()
  const backend = await parrot(heard)
  const socket = backend.connect()
  socket.on('said', said.add)
  socket.send('say', 'before')
  await said.first(1)

  expect(backend.proxy.cut()).toBe(1)
  expect(await status(socket, ({ state }) => state === 'waiting')).toMatchObject({
    transport: null,
    attempt: 1,
    cause: { code: 'unreachable' },
    retryAt: expect.any(Number) as unknown,
  })
  const [session] = backend.sessions.all
  session!.send('said', 'from a server that has nobody to talk to')
  socket.send('say', 'between')
  expect(await status(socket, isOpen)).toMatchObject({ resumed: true, cause: null, retryAt: null })
  socket.send('say', 'after')
  expect((await said.first(4)).toSorted()).toEqual(
    ['before', 'from a server that has nobody to talk to', 'between', 'after'].toSorted(),
  )
  expect(heard.all).toEqual(['before', 'between', 'after'])
  expect(backend.sessions.all).toHaveLength(1)
  expect([backend.errors.all, socket.errors]).toEqual([[], {}])
})

test('requests and streams under way survive it', async () => {
  const asked = new Seen<number>()
  let answer = (): void => {}
  let produce = (): void => {}
  const backend = await serve({
    session(session) {
      session.handle('add', async ([left, right]) => {
        asked.add(left)
        await new Promise<void>((resolve) => (answer = resolve))
        return left + right
      })
      session.handleStream('count', async function* (to) {
        for (let number = 1; number <= to; number++) {
          if (number === 2) await new Promise<void>((resolve) => (produce = resolve))
          yield number
        }
      })
    },
  })
  const socket = backend.connect()
  const sum = socket.request('add', [40, 2])
  const items = socket.stream('count', 3)
  expect(await items.next()).toEqual({ done: false, value: 1 })
  await asked.first(1)

  backend.proxy.cut()
  await status(socket, ({ state }) => state === 'waiting')
  // The answers come into being while nobody is there to receive them.
  answer()
  produce()
  expect(await sum).toBe(42)
  expect([await items.next(), await items.next(), await items.next()]).toEqual([
    { done: false, value: 2 },
    { done: false, value: 3 },
    { done: true, value: undefined },
  ])
  expect(asked.all).toEqual([40])
})

test('the server asks a client that is away, and gets its answer when it is back', async () => {
  const backend = await serve()
  const socket = backend.connect()
  socket.handle('confirm', (question) => question === 'back?')
  await status(socket, isOpen)
  await backend.proxy.refuse(true)
  backend.proxy.cut()
  const [session] = backend.sessions.all
  await expect.poll(() => session!.transport).toBe(null)
  const answer = session!.request('confirm', 'back?')
  await backend.proxy.refuse(false)
  expect(await answer).toBe(true)
  expect(session!.transport).toBe('websocket')
})

describe('a server that cannot be reached', () => {
  test('is tried again and again, and nothing queued is lost meanwhile', async () => {
    const heard = new Seen<string>()
    const backend = await parrot(heard)
    await backend.proxy.refuse(true)
    await sleep(LATE)
    const socket = backend.connect()
    socket.on('said', () => {})
    for (const text of ['one', 'two']) socket.send('say', text)
    const waiting = await status(socket, ({ attempt, state }) => attempt === 3 && state === 'waiting')
    expect(waiting.cause).toMatchObject({ code: 'unreachable', message: containing('is the server up') })
    // The first try by HTTP sent them to nobody.
    expect(waiting.queued + waiting.unacknowledged).toBe(2)
    await backend.proxy.refuse(false)
    expect(await heard.first(2)).toEqual(['one', 'two'])
    expect(await status(socket, isOpen)).toMatchObject({ resumed: false })
    expect(socket.errors).toEqual({})
  })

  test('in the middle of a session: it goes on', async () => {
    const heard = new Seen<string>()
    const backend = await parrot(heard)
    const socket = backend.connect()
    await status(socket, isOpen)
    await backend.proxy.refuse(true)
    backend.proxy.cut()
    socket.send('say', 'patience')
    await status(socket, ({ attempt }) => attempt >= 3)
    await backend.proxy.refuse(false)
    expect(await heard.first(1)).toEqual(['patience'])
    expect(await status(socket, isOpen)).toMatchObject({ resumed: true })
  })

  test('`reconnect` does not wait for the time of the next try', async () => {
    const heard = new Seen<string>()
    const backend = await parrot(heard)
    await backend.proxy.refuse(true)
    const hour = 3_600_000
    const socket = backend.connect({ backoff: { base: hour, factor: 1, max: hour, jitter: 0 } })
    socket.send('say', 'now')
    const { retryAt } = await status(socket, ({ state }) => state === 'waiting')
    expect(retryAt! - Date.now()).toBeGreaterThan(hour - 60_000)
    await backend.proxy.refuse(false)
    socket.reconnect()
    expect(await heard.first(1)).toEqual(['now'])
  })

  test('`reconnect` on an open connection replaces it, and the session goes on', async () => {
    const heard = new Seen<string>()
    const backend = await parrot(heard)
    const socket = backend.connect()
    await status(socket, isOpen)
    socket.send('say', 'over the old one, or the new one')
    socket.reconnect()
    expect(socket.status.get().state).toBe('connecting')
    expect(await status(socket, isOpen)).toMatchObject({ resumed: true })
    await socket.flush()
    expect(heard.all).toEqual(['over the old one, or the new one'])
    await expect.poll(() => backend.proxy.open).toBe(1)
  })
})

/** A connection that swallows everything and looks open from both ends. */
describe('silence', () => {
  const quick = { heartbeat: { idle: 60, timeout: 120 }, connectTimeout: 300 }

  test.each(['up', 'down', 'both'] as const)('%s is noticed, and the session goes on elsewhere', async (direction) => {
    const heard = new Seen<string>()
    const said = new Seen<string>()
    const backend = await parrot(heard)
    const socket = backend.connect(quick)
    socket.on('said', said.add)
    await status(socket, isOpen)
    backend.proxy.blackHole(direction, true)
    socket.send('say', 'into the void')
    const { cause } = await status(socket, (now) => now.cause !== null)
    expect(cause).toMatchObject({ code: 'unresponsive' })
    backend.proxy.blackHole(direction, false)
    expect(await said.first(1)).toEqual(['into the void'])
    expect(heard.all).toEqual(['into the void'])
    expect(backend.sessions.all).toHaveLength(1)
  })

  test('a dead connection is given up, not waited for', async () => {
    const backend = await parrot(new Seen())
    const socket = backend.connect(quick)
    await status(socket, isOpen)
    backend.proxy.blackHole('both', true)
    await status(socket, ({ cause }) => cause?.code === 'unresponsive')
    backend.proxy.blackHole('both', false)
    await status(socket, isOpen)
    // Its closing handshake never ends, and that is nobody's concern any more.
    expect(backend.proxy.open).toBeGreaterThan(1)
  })

  test('is noticed by the server, which keeps the session for a while and then ends it', async () => {
    const ended = new Seen<string>()
    const backend = await serve({
      heartbeat: quick.heartbeat,
      keep: 150,
      session: (session) => session.onEnd(ended.add),
    })
    const socket = backend.connect()
    await status(socket, isOpen)
    const [session] = backend.sessions.all
    backend.proxy.blackHole('both', true)
    await backend.errors.first(1)
    expect(backend.server.errors).toEqual({ unresponsive: 1 })
    expect([session!.transport, backend.server.sessions.size]).toEqual([null, 1])
    expect(await ended.first(1)).toEqual(['expired'])
    expect(backend.server.sessions.size).toBe(0)
  })

  test('on a healthy line is no reason to break it', async () => {
    const backend = await serve({ heartbeat: quick.heartbeat })
    const socket = backend.connect(quick)
    await status(socket, isOpen)
    const { up, down } = backend.proxy.bytes
    // Several questions and answers later.
    await expect
      .poll(() => [backend.proxy.bytes.up > up + 150, backend.proxy.bytes.down > down + 150])
      .toEqual([true, true])
    expect(backend.proxy.accepted).toBe(1)
    expect(socket.status.get()).toMatchObject({ state: 'open', attempt: 1 })
  })
})
