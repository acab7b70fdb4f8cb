/** The server loses its memory, or says goodbye before it does: what is certain, what is in doubt, and who is told. */
import type { ConnectOptions, Lost, Socket } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type Backend, type Chat, containing, isOpen, open, rejection, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

interface Stage {
  readonly backend: Backend<Chat, unknown>
  readonly socket: Socket<Chat>
  readonly heard: Seen<string>
  readonly asked: Seen<number>
  readonly lost: Seen<Lost>
}

/** A conversation in which the server has heard "certain", and said so. */
async function stage(options: ConnectOptions = {}): Promise<Stage> {
  const heard = new Seen<string>()
  const asked = new Seen<number>()
  const backend = await serve({
    session(session) {
      session.on('say', heard.add)
      session.handle('add', ([left, right]) => {
        asked.add(left)
        return left + right
      })
      session.handle('hang', () => new Promise<never>(() => {}))
    },
  })
  const socket = backend.connect(options)
  const lost = new Seen<Lost>()
  socket.onLost(lost.add)
  socket.send('say', 'certain')
  await socket.flush()
  return { backend, socket, heard, asked, lost }
}

/** The server hears what is sent now and "doubtful", the client does not hear that it did; then it dies. */
async function dieSilently({ backend, socket, heard }: Stage, send = (): void => {}): Promise<void> {
  backend.proxy.blackHole('down', true)
  send()
  socket.send('say', 'doubtful')
  await heard.find((text) => text === 'doubtful')
  await backend.kill()
  backend.proxy.cut()
  await status(socket, ({ state }) => state === 'waiting')
  backend.proxy.blackHole('down', false)
}

describe('a server that was killed', () => {
  test('tells nothing: events in doubt are named and sent again', async () => {
    const now = await stage()
    const { backend, socket, heard, lost } = now
    await dieSilently(now)
    await backend.start()
    expect(await heard.first(3)).toEqual(['certain', 'doubtful', 'doubtful'])
    expect(lost.all).toMatchObject([
      {
        cause: { code: 'session-lost' },
        inDoubt: [{ name: 'say', data: 'doubtful', request: false, resent: true }],
        unsent: [],
      },
    ])
    expect(await status(socket, isOpen)).toMatchObject({ resumed: false })
    expect(socket.errors).toEqual({ 'session-lost': 1 })
    expect(backend.sessions.all).toHaveLength(2)
  })

  test('with `inDoubt: reject` they are named and given up', async () => {
    const now = await stage({ inDoubt: 'reject' })
    const { backend, socket, heard, lost } = now
    await dieSilently(now)
    await backend.start()
    await status(socket, isOpen)
    socket.send('say', 'afterwards')
    await socket.flush()
    expect(heard.all).toEqual(['certain', 'doubtful', 'afterwards'])
    expect(lost.all).toMatchObject([{ inDoubt: [{ data: 'doubtful', resent: false }] }])
  })

  test('what was never sent before is not in doubt, whatever becomes of what is', async () => {
    const now = await stage({ inDoubt: 'reject' })
    const { backend, socket, heard, lost } = now
    await dieSilently(now)
    socket.send('say', 'never sent before')
    const sum = socket.request('add', [1, 1])
    await backend.start()
    expect(await sum).toBe(2)
    expect(heard.all).toEqual(['certain', 'doubtful', 'never sent before'])
    expect(lost.all).toMatchObject([{ inDoubt: [{ data: 'doubtful', resent: false }] }])
  })

  test('requests in doubt reject, unless they are idempotent', async () => {
    const now = await stage()
    const { backend, socket, asked, lost } = now
    let once: Promise<unknown> | undefined
    let twice: Promise<number> | undefined
    await dieSilently(now, () => {
      once = rejection(socket.request('add', [1, 1]))
      twice = socket.request('add', [2, 2], { idempotent: true })
    })
    await backend.start()
    expect(await once).toMatchObject({ code: 'in-doubt', message: containing('idempotent') })
    expect(await twice).toBe(4)
    expect(asked.all).toEqual([1, 2, 2])
    expect(lost.all).toMatchObject([
      {
        inDoubt: [
          { name: 'add', data: [1, 1], request: true, resent: false },
          { name: 'add', data: [2, 2], request: true, resent: true },
          { name: 'say', data: 'doubtful', request: false, resent: true },
        ],
      },
    ])
  })

  test('requests that it had, and never answered, reject as lost with it', async () => {
    const { backend, socket, lost } = await stage()
    const hanging = rejection(socket.request('hang'))
    const stream = rejection(socket.stream('count', 3).next())
    await socket.flush()
    await backend.kill()
    await backend.start()
    expect(await hanging).toMatchObject({ code: 'session-lost', message: containing('idempotent') })
    expect(await stream).toMatchObject({ code: 'unknown-request' })
    expect(lost.all).toMatchObject([{ inDoubt: [] }])
  })

  test('flush waits for what is sent again', async () => {
    const now = await stage()
    const { backend, socket, heard } = now
    backend.proxy.blackHole('down', true)
    socket.send('say', 'doubtful')
    let flushed = false
    let flush: Promise<void> | undefined
    await dieSilently(now, () => {
      socket.send('say', 'flushed')
      flush = socket.flush().then(() => void (flushed = true))
    })
    expect(flushed).toBe(false)
    await backend.start()
    await flush
    expect(heard.all).toEqual(expect.arrayContaining(['certain', 'flushed', 'doubtful', 'flushed']))
  })
})

describe('a server that is closed', () => {
  test('leaves nothing in doubt: each message is handled once, before or after', async () => {
    const { backend, socket, heard, lost } = await stage()
    const total = 400
    let sent = 0
    const sending = new Promise<void>((resolve) => {
      const send = (): void => {
        for (let more = 0; more < 4; more++) socket.send('say', String(sent++))
        if (sent < total) setTimeout(send)
        else resolve()
      }
      send()
    })
    await heard.find((text) => text === '100')
    await backend.server.close({ retry: { after: 0 } })
    await backend.kill()
    await backend.start()
    await sending
    await socket.flush()
    expect(heard.all).toEqual(['certain', ...Array.from({ length: total }, (_, index) => String(index))])
    expect(lost.all).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [] }])
    expect(backend.sessions.all).toHaveLength(2)
  })

  test('tells every client its own time to come back', async () => {
    const { backend } = await stage()
    const clients = Array.from({ length: 8 }, () => backend.connect())
    await Promise.all(clients.map((client) => status(client, isOpen)))
    const after = 100_000
    const spread = 1_000_000
    const before = Date.now()
    const closing = backend.server.close({ retry: { after, spread } })
    const times = await Promise.all(
      clients.map(async (client) => (await status(client, ({ state }) => state === 'waiting')).retryAt! - before),
    )
    await closing
    expect(Math.min(...times)).toBeGreaterThanOrEqual(after - 1)
    expect(Math.max(...times)).toBeLessThanOrEqual(after + spread + 1_000)
    expect(new Set(times.map(Math.round)).size).toBe(clients.length)
    expect(backend.server.sessions.size).toBe(0)
    await expect.poll(() => backend.proxy.open).toBe(0)
  })

  test('ends its sessions, and turns away who comes now', async () => {
    const ended = new Seen<string>()
    const backend = await serve({ session: (session) => session.onEnd(ended.add) })
    const socket = backend.connect()
    await status(socket, isOpen)
    await backend.server.close({ retry: { after: 100_000 } })
    expect(ended.all).toEqual(['server-closed'])
    const late = backend.connect()
    expect(await status(late, ({ state }) => state === 'waiting')).toMatchObject({ cause: { code: 'unreachable' } })
    expect(backend.sessions.all).toHaveLength(1)
  })

  test('tells what it had to say to a client that is about to be let in again', async () => {
    const said = new Seen<string>()
    const heard = new Seen<string>()
    const doors = new Seen<() => void>()
    const backend = await serve({
      authenticate: () => new Promise<string>((resolve) => doors.add(() => resolve('ann'))),
      session: (session) => session.on('say', heard.add),
    })
    const lost = new Seen<Lost>()
    const socket = backend.connect()
    socket.on('said', said.add)
    socket.onLost(lost.add)
    ;(await doors.first(1))[0]!()
    await status(socket, isOpen)
    backend.proxy.cut()
    await status(socket, ({ state }) => state === 'connecting')
    socket.send('say', 'once')
    const [, letIn] = await doors.first(2)
    backend.server.sessions.forEach((session) => session.send('said', 'goodbye'))
    const closed = backend.server.close({ retry: { after: 0 } })
    letIn!()
    expect(await said.first(1)).toEqual(['goodbye'])
    await closed
    await backend.kill()
    await backend.start()
    ;(await doors.first(3))[2]!()
    expect(await heard.first(1)).toEqual(['once'])
    expect([said.all, lost.all]).toMatchObject([['goodbye'], [{ cause: { code: 'session-lost' }, inDoubt: [] }]])
  })

  test('a silent client does not hold it up', async () => {
    const { backend } = await stage()
    backend.proxy.blackHole('both', true)
    const start = performance.now()
    await backend.server.close()
    expect(performance.now() - start).toBeLessThan(4_000)
  })
})

test('a server that forgot the session while the client was away tells how far it had come', async () => {
  const heard = new Seen<string>()
  const backend = await serve({ keep: 30, session: (session) => session.on('say', heard.add) })
  const socket = open(backend.url)
  const lost = new Seen<Lost>()
  socket.onLost(lost.add)
  await status(socket, isOpen)
  backend.proxy.blackHole('down', true)
  socket.send('say', 'arrived')
  await heard.first(1)
  await backend.proxy.refuse(true)
  backend.proxy.cut()
  socket.send('say', 'not sent')
  await expect.poll(() => backend.server.sessions.size).toBe(0)
  backend.proxy.blackHole('down', false)
  await backend.proxy.refuse(false)
  expect(await heard.first(2)).toEqual(['arrived', 'not sent'])
  await socket.flush()
  expect(lost.all).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [] }])
  expect(heard.all).toEqual(['arrived', 'not sent'])
})
