import { describe, expect, test } from 'vitest'
import type { ConnectOptions, Lost } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'
import { rawServer, welcome } from '../tools/raw.ts'

interface Life {
  readonly here: World
  readonly tab: Tab
  readonly lost: Lost[]
  /** What each server was told, the first one's before the second one's. */
  readonly said: unknown[][]
}
const live = async (
  client: ConnectOptions = {},
  server: { keep?: number; distributed?: boolean } = {},
): Promise<Life> => {
  const said: unknown[][] = []
  const here = world({
    client: () => client,
    server,
    serve: (core) => {
      const heard: unknown[] = []
      said.push(heard)
      core.on('session', (session) => {
        session.on('say', (data) => heard.push(data))
        session.handle('ask', (data) => {
          heard.push(data)
          return new Promise(() => {})
        })
        session.handleStream('list', () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }))
      })
    },
  })
  const lost: Lost[] = []
  const tab = here.tabs[0]!
  tab.socket.onLost((told) => lost.push(told))
  await here.clock.advance(1_000)
  return { here, tab, lost, said }
}

/** The server dies while nothing of its comes through any more, so that what is out is in doubt. */
const restart = async ({ here }: Life): Promise<void> => {
  here.network.stall('down')
  await here.clock.advance(100)
  here.restart()
  here.network.heal()
  await here.clock.advance(10_000)
}
const settled = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ['resolved', value],
    (error: unknown) => ['rejected', (error as { code?: unknown }).code],
  )

describe('a server that lost its sessions', () => {
  test('is told once, and the conversation goes on in a new session', async () => {
    const life = await live()
    await restart(life)
    expect(life.lost).toEqual([
      { cause: expect.objectContaining({ code: 'session-lost' }) as unknown, inDoubt: [], unsent: [] },
    ])
    expect(life.tab.socket.errors).toEqual({ 'session-lost': 1 })
    life.tab.socket.send('say', 'again')
    await life.here.clock.advance(1_000)
    expect(life.said).toEqual([[], ['again']])
    expect(life.tab.socket.status.get()).toMatchObject({ state: 'open', resumed: false })
  })

  test('what was acknowledged is not in doubt; what was out is, and goes out again, in order', async () => {
    const life = await live()
    life.tab.socket.send('say', 'done')
    await life.here.clock.advance(2_000)
    life.here.network.stall('down')
    for (const data of ['one', { two: 2 }, new Uint8Array([3])]) life.tab.socket.send('say', data)
    await life.here.clock.advance(100)
    life.here.restart()
    life.here.network.heal()
    await life.here.clock.advance(10_000)
    expect(life.lost[0]!.inDoubt).toEqual([
      { name: 'say', data: 'one', request: false, resent: true },
      { name: 'say', data: { two: 2 }, request: false, resent: true },
      { name: 'say', data: new Uint8Array([3]), request: false, resent: true },
    ])
    expect(life.said).toEqual([
      ['done', 'one', { two: 2 }, new Uint8Array([3])],
      ['one', { two: 2 }, new Uint8Array([3])],
    ])
  })

  test('of what was said to another server meanwhile, that was closing and said bye, nothing is in doubt', async () => {
    const life = await live()
    const { socket } = life.tab
    life.here.restart().core.close({ retry: { after: 1_000 } })
    expect(await life.here.clock.runUntil(() => socket.status.get().state !== 'open', 5_000)).toBe(true)
    socket.send('say', 'nobody looked at it')
    expect(await life.here.clock.runUntil(() => socket.status.get().cause?.code === 'try-later', 5_000)).toBe(true)
    life.here.restart()
    await life.here.clock.advance(60_000)
    expect([life.lost.map(({ inDoubt }) => inDoubt), life.said]).toEqual([[[]], [[], [], ['nobody looked at it']]])
  })

  test('with `inDoubt: reject` it does not; what was never sent does, all the same', async () => {
    const life = await live({ inDoubt: 'reject' })
    life.here.network.stall('down')
    life.tab.socket.send('say', 'out')
    await life.here.clock.advance(100)
    life.here.network.fate('refuse')
    life.here.restart()
    life.here.network.heal()
    await life.here.clock.advance(1_000)
    life.tab.socket.send('say', 'waits')
    life.here.network.fate('open')
    await life.here.clock.advance(60_000)
    expect(life.lost).toMatchObject([{ inDoubt: [{ data: 'out', resent: false }], unsent: [] }])
    expect(life.said).toEqual([['out'], ['waits']])
  })
})

test('a welcome to another life is a lost session, too, whatever the numbers say', async () => {
  const here = world()
  const { socket } = here.tabs[0]!
  const lost: string[] = []
  socket.onLost(({ cause }) => lost.push(cause.code))
  const server = rawServer(here.network, (connection) =>
    connection.say(welcome({ life: `life number ${server.length}` })),
  )
  await here.clock.advance(500)
  here.network.cut()
  await here.clock.advance(10_000)
  expect([lost, socket.status.get().state]).toEqual([['session-lost'], 'open'])
})

describe('a request that was out', () => {
  test('and not acknowledged is in doubt: it rejects with `in-doubt`, whatever `inDoubt` says of events', async () => {
    const life = await live()
    const asked = settled(life.tab.socket.request('ask', 1))
    await restart(life)
    expect(await asked).toEqual(['rejected', 'in-doubt'])
    expect(life.lost[0]!.inDoubt).toEqual([{ name: 'ask', data: 1, request: true, resent: false }])
    expect(life.said).toEqual([[1], []])
  })

  test('and was acknowledged has certainly arrived: it rejects with `session-lost`', async () => {
    const life = await live()
    const asked = settled(life.tab.socket.request('ask', 1))
    await life.here.clock.advance(2_000)
    await restart(life)
    expect(await asked).toEqual(['rejected', 'session-lost'])
    expect(life.lost[0]!.inDoubt).toEqual([])
  })

  test.each([0, 2_000])('and is `idempotent` is asked again, after %i ms', async (wait) => {
    const life = await live({ inDoubt: 'reject' })
    const asked = life.tab.socket.request('ask', 1, { idempotent: true, timeout: Infinity })
    void asked.catch(() => {})
    await life.here.clock.advance(wait)
    await restart(life)
    expect(life.said).toEqual([[1], [1]])
    expect(life.lost[0]!.inDoubt.map(({ resent }) => resent)).toEqual(wait === 0 ? [true] : [])
  })

  test('and was withdrawn meanwhile is in no doubt', async () => {
    const life = await live()
    const controller = new AbortController()
    const asked = settled(life.tab.socket.request('ask', 1, { signal: controller.signal }))
    life.here.network.stall('down')
    await life.here.clock.advance(100)
    controller.abort()
    await restart(life)
    await asked
    expect([life.lost[0]!.inDoubt, life.said]).toEqual([[], [[1], []]])
  })

  test('a stream that was out ends with `in-doubt` or `session-lost`', async () => {
    for (const [wait, code] of [[0, 'in-doubt'] as const, [2_000, 'session-lost'] as const]) {
      const life = await live()
      const next = settled(life.tab.socket.stream('list').next())
      await life.here.clock.advance(wait)
      await restart(life)
      expect(await next).toEqual(['rejected', code])
    }
  })
})

describe('a server that knows that it lost the session, and how much it had got', () => {
  test('puts nothing in doubt: the rest goes out again, requests too', async () => {
    const life = await live({ inDoubt: 'reject' }, { keep: 1_000 })
    const { network, clock } = life.here
    network.stall('down')
    life.tab.socket.send('say', 'delivered')
    await clock.advance(100)
    network.heal()
    network.fate('refuse')
    network.cut()
    await clock.advance(500)
    life.tab.socket.send('say', 'waited')
    const asked = life.tab.socket.request('ask', 'waited, too', { timeout: Infinity })
    void asked.catch(() => {})
    await clock.advance(5_000)
    network.fate('open')
    await clock.advance(60_000)
    expect(life.lost).toMatchObject([{ inDoubt: [], unsent: [] }])
    expect(life.said).toEqual([['delivered', 'waited', 'waited, too']])
  })

  test('splits what was out', async () => {
    const here = world()
    const { socket } = here.tabs[0]!
    const lost: Lost[] = []
    socket.onLost((told) => lost.push(told))
    const server = rawServer(here.network, (connection, { attempt }) => {
      if (attempt === 1 && server.length === 1) connection.say(welcome())
      else if (server.length === 2) connection.say({ bye: { code: 4410, got: 2 } })
      else connection.say(welcome({ life: 'another-life-of-the-server' }))
    })
    await here.clock.advance(500)
    for (const number of [1, 2, 3, 4]) socket.send('say', number)
    await here.clock.advance(100)
    here.network.cut()
    await here.clock.advance(20_000)
    expect(lost).toMatchObject([{ inDoubt: [], unsent: [] }])
    expect(server[2]!.lines.slice(1).filter(Array.isArray)).toEqual([
      ['say', 3],
      ['say', 4],
    ])
  })

  test('that claims to have got more than was ever sent doubles nothing', async () => {
    const here = world()
    const { socket } = here.tabs[0]!
    const server = rawServer(here.network, (connection) => {
      if (server.length === 1) connection.say(welcome())
      else connection.say({ bye: { code: 4410, got: 1_000 } })
    })
    await here.clock.advance(500)
    socket.send('say', 1)
    await here.clock.advance(100)
    here.network.cut()
    await here.clock.advance(10_000)
    expect(socket.status.get()).toMatchObject({ queued: 0, unacknowledged: 0 })
  })
})

describe('a connection that broke before its first welcome', () => {
  /** It sends something, and its connection is dropped by whoever took it. */
  const dropped = async (life: Life): Promise<{ lost: Lost[] }> => {
    const lost: Lost[] = []
    life.here.network.fate('drop')
    const other = life.here.open('other')
    other.socket.onLost((told) => lost.push(told))
    other.socket.send('say', 'out')
    await life.here.clock.advance(100)
    life.here.network.fate('open')
    return { lost }
  }

  test('took along what a server may have had that crashed: that is in doubt', async () => {
    const life = await live()
    const { lost } = await dropped(life)
    life.here.restart()
    await life.here.clock.advance(60_000)
    expect(lost).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [{ data: 'out', resent: true }] }])
    expect(life.said).toEqual([[], ['out']])
  })

  test('or another server may have had, which this one knows nothing of', async () => {
    const life = await live({}, { distributed: true })
    const { lost } = await dropped(life)
    await life.here.clock.advance(60_000)
    expect(lost).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [{ data: 'out', resent: true }] }])
    expect(life.said).toEqual([['out']])
  })

  test('is no loss at a server that would know of it', async () => {
    const life = await live()
    const { lost } = await dropped(life)
    await life.here.clock.advance(60_000)
    expect([lost, life.said]).toEqual([[], [['out']]])
  })

  /** The connection after it opens, and its welcome is under way for two seconds. */
  const lateWelcome = async ({ here, said }: Life): Promise<void> => {
    expect(await here.clock.runUntil(() => said.at(-1)!.length > 0, 20_000)).toBe(true)
    here.network.stall('down')
    await here.clock.advance(2_000)
    here.network.heal()
    await here.clock.advance(60_000)
  }
  /** Late, and all the same awaited. */
  const patient: ConnectOptions = { transport: 'websocket', connectTimeout: 30_000 }

  test('is no loss however late the welcome is, if its server was there for longer than that before', async () => {
    const life = await live(patient)
    await life.here.clock.advance(2_000)
    const { lost } = await dropped(life)
    await lateWelcome(life)
    expect([lost, life.said]).toEqual([[], [['out']]])
  })

  test('is in doubt where the welcome is later than that: its server may have begun while the hello was under way', async () => {
    const life = await live(patient)
    await life.here.clock.advance(2_000)
    life.here.restart()
    const { lost } = await dropped(life)
    await lateWelcome(life)
    expect(lost).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [{ data: 'out', resent: true }] }])
    expect(life.said).toEqual([[], ['out']])
  })

  test('is no loss if it took nothing along', async () => {
    const life = await live()
    const lost: Lost[] = []
    life.here.network.fate('refuse')
    const other = life.here.open('other')
    other.socket.onLost((told) => lost.push(told))
    other.socket.send('say', 'once')
    await life.here.clock.advance(20_000)
    life.here.network.fate('open')
    await life.here.clock.advance(60_000)
    expect([lost, life.said]).toEqual([[], [['once']]])
  })

  test('is no loss if its server said bye in place of the welcome, because it was closing', async () => {
    const life = await live()
    const lost: Lost[] = []
    life.here.server.core.close({ retry: { after: 1_000 } })
    const other = life.here.open('other')
    other.socket.onLost((told) => lost.push(told))
    other.socket.send('say', 'once')
    await life.here.clock.advance(800)
    expect(other.socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'try-later' } })
    life.here.restart()
    await life.here.clock.advance(60_000)
    expect([lost, life.said]).toEqual([[], [[], ['once']]])
  })

  test('and one after it to a server that said bye: only what the first one took along is in doubt', async () => {
    const life = await live({ backoff: { base: 300, max: 300 } })
    const { lost } = await dropped(life)
    life.here.server.core.close({ retry: { after: 1_000 } })
    const { socket } = life.here.tabs[1]!
    expect(await life.here.clock.runUntil(() => socket.status.get().state === 'waiting', 60_000)).toBe(true)
    socket.send('say', 'nobody looked at it')
    expect(await life.here.clock.runUntil(() => socket.status.get().cause?.code === 'try-later', 2_000)).toBe(true)
    life.here.restart()
    await life.here.clock.advance(60_000)
    expect(lost).toMatchObject([
      { cause: { code: 'session-lost' }, inDoubt: [{ data: 'out', resent: true }], unsent: [] },
    ])
    expect(life.said).toEqual([[], ['out', 'nobody looked at it']])
  })

  test('is no loss if the server still has the session that it made: nothing is lost or doubled', async () => {
    const life = await live()
    life.here.network.stall('down')
    const other = life.here.open('other')
    for (const link of life.here.network.links) if (link.client === 'other') link.heal()
    other.socket.send('say', 'once')
    await life.here.clock.advance(60)
    for (const link of life.here.network.links) if (link.client === 'other') link.stall('down')
    await life.here.clock.advance(200)
    life.here.network.heal()
    life.here.network.cut()
    await life.here.clock.advance(60_000)
    expect(life.said).toEqual([['once']])
  })
})

test('a listener that throws harms nobody, and is reported', async () => {
  const life = await live()
  const error = new Error('mine')
  const told: Lost[] = []
  life.tab.socket.onLost(() => {
    throw error
  })
  life.tab.socket.onLost((lost) => told.push(lost))
  await restart(life)
  expect(told).toHaveLength(1)
  expect(life.tab.reported).toEqual([error])
})

test('what the application sends from inside the listener goes out in the new session', async () => {
  const life = await live()
  life.tab.socket.onLost(() => life.tab.socket.send('say', 'I heard'))
  life.here.network.stall('down')
  life.tab.socket.send('say', 'out')
  await restart(life)
  expect(life.said).toEqual([['out'], ['out', 'I heard']])
})
