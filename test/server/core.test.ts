import { describe, expect, test } from 'vitest'
import type { HoldfastError } from 'holdfast/server'
import { type Carrier, type World, world, type WorldOptions } from 'holdfast/testing'
import { hello, rawClient, type RawConnection } from '../tools/raw.ts'

const alone = (options: WorldOptions = {}): World => world({ clients: 0, ...options })
/** Dials and says hello. */
const greet = async (here: Pick<World, 'network' | 'clock'>, change: object = {}): Promise<RawConnection> => {
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello(change))
  await here.clock.advance(100)
  return client
}
const welcomes = ({ lines }: RawConnection): { got: number; from: number; life: string; up: number }[] =>
  lines.flatMap((line) => (line as { welcome?: never }).welcome ?? [])
const byes = ({ lines }: RawConnection): unknown[] => lines.flatMap((line) => (line as { bye?: unknown }).bye ?? [])

describe('a hello', () => {
  test('of a session that nobody knows makes it', async () => {
    const here = alone()
    const client = await greet(here, { attempt: 3 })
    expect(welcomes(client)).toEqual([
      {
        got: 0,
        from: 1,
        life: expect.stringMatching(/.{16,}/) as unknown,
        up: expect.any(Number) as unknown,
        limit: 1_048_576,
        blobs: 16_777_216,
      },
    ])
    expect(here.server.core.sessions.size).toBe(1)
  })

  test('of a session that is here goes on with it, and states where it stands', async () => {
    const here = alone({ serve: (core) => void core.on('session', (s) => void s.on('say', () => s.send('heard'))) })
    const first = await greet(here)
    first.say(['say', 1], ['say', 2])
    await here.clock.advance(100)
    const { life } = welcomes(first)[0]!
    const second = await greet(here, { attempt: 2, from: 3, got: 1, life })
    expect(second.lines).toMatchObject([{ welcome: { got: 2, from: 2, life, limit: 1_048_576 } }, ['heard']])
    expect([first.closed, here.server.core.sessions.size]).toEqual([4409, 1])
  })

  test('takes over for good: whatever the old carrier still says or does acts on nothing', async () => {
    const said: unknown[] = []
    const here = alone({ serve: (core) => void core.on('session', (s) => void s.on('say', (data) => said.push(data))) })
    const connect = (attempt: number) => {
      const carrier: Carrier = { transport: 'websocket', bufferedAmount: 0, send: () => {}, close: () => {} }
      const accepted = here.server.core.accept(carrier, { headers: {} })
      accepted.message(JSON.stringify(hello({ attempt })))
      return accepted
    }
    const old = connect(1)
    await here.clock.advance(10)
    connect(2)
    await here.clock.advance(10)
    old.message('["say","late"]')
    old.close()
    await here.clock.advance(10)
    const [session] = here.server.core.sessions
    expect([said, session!.transport]).toEqual([[], 'websocket'])
  })

  test('that is older than one that was seen, or of another tab, is superseded: no duel', async () => {
    const here = alone()
    const first = await greet(here, { attempt: 5 })
    for (const change of [{ attempt: 4 }, { attempt: 5, nonce: 'the-nonce-of-another-tab' }]) {
      const late = await greet(here, change)
      expect([late.closed, byes(late)]).toMatchObject([4409, [{ code: 4409 }]])
    }
    expect(first.closed).toBeUndefined()
  })

  test('that is repeated takes over: its first carrier may be dead', async () => {
    const here = alone()
    const first = await greet(here)
    const again = await greet(here)
    expect([first.closed, again.closed, here.server.core.sessions.size]).toEqual([4409, undefined, 1])
  })

  test('of a session that somebody else has is refused', async () => {
    const here = alone({ server: { authenticate: ({ auth }) => ({ user: auth }) } })
    const ann = await greet(here, { auth: 'ann' })
    const thief = await greet(here, { auth: 'bob', attempt: 2 })
    expect([thief.closed, ann.closed]).toEqual([4403, undefined])
    expect((await greet(here, { auth: 'ann', attempt: 3 })).closed).toBeUndefined()
  })

  test('is of the same somebody if the application says so', async () => {
    const server = {
      authenticate: ({ auth }: { auth: unknown }) => auth as { user: string; token: number },
      sameIdentity: (before: { user: string }, now: { user: string }) => before.user === now.user,
    }
    const here = world<Record<never, never>, { user: string; token: number }>({ clients: 0, server })
    await greet(here, { auth: { user: 'ann', token: 1 } })
    const again = await greet(here, { auth: { user: 'ann', token: 2 }, attempt: 2 })
    expect(again.closed).toBeUndefined()
    expect([...here.server.core.sessions].map(({ identity }) => identity.token)).toEqual([2])
  })

  test.each([
    ['may have been taken by a server that crashed before this one began', 1_200, 4410],
    ['were taken by this server, if by any', 900, undefined],
  ])('of frames that %s, however long it is under way', async (_, age, closed) => {
    const here = alone()
    await here.clock.advance(1_000)
    const client = rawClient(here.network)
    await here.clock.advance(100)
    here.network.stall('up')
    client.say(hello({ age }))
    await here.clock.advance(2_000)
    here.network.heal()
    await here.clock.advance(100)
    expect(client.closed).toBe(closed)
  })

  test('with a life that is not this session’s is told that it is lost', async () => {
    const here = alone()
    await greet(here)
    const other = await greet(here, { attempt: 2, life: 'the-life-before-a-restart' })
    expect([other.closed, byes(other)]).toMatchObject([4410, [{ code: 4410 }]])
  })

  test('with a life, of a session that is gone, is told so; how much it had got, if that is still known', async () => {
    const here = alone({
      server: { keep: 1_000 },
      serve: (core) => void core.on('session', (s) => void s.on('say', () => {})),
    })
    const first = await greet(here)
    first.say(['say', 1], ['say', 2])
    await here.clock.advance(100)
    const { life } = welcomes(first)[0]!
    first.close()
    await here.clock.advance(2_000)
    expect(here.server.core.sessions.size).toBe(0)
    expect(byes(await greet(here, { attempt: 2, life }))).toEqual([
      { code: 4410, reason: 'The session is gone', got: 2 },
    ])
    const unknown = await greet(here, { session: 'a-session-nobody-ever-had', attempt: 2, life })
    expect(byes(unknown)).toEqual([{ code: 4410, reason: 'The session is gone' }])
  })

  test('that was told so is not begun by an earlier hello that was on its way', async () => {
    const here = alone()
    const session = 'a-session-of-the-server-before'
    const later = await greet(here, { session, attempt: 5, age: 60_000 })
    await here.clock.advance(1_000)
    const earlier = await greet(here, { session, attempt: 4, age: 0 })
    for (const hello of [later, earlier]) expect(byes(hello)).toEqual([{ code: 4410, reason: 'The session is gone' }])
    expect(here.server.core.sessions.size).toBe(0)
  })

  test.each([
    ['more than was ever sent was got', { got: 7 }],
    ['what was never got is left out', { from: 7 }],
  ])('that says that %s ends the session: no guessing, no loop', async (_, change) => {
    const here = alone()
    const first = await greet(here)
    const { life } = welcomes(first)[0]!
    const next = await greet(here, { attempt: 2, life, ...change })
    expect([next.closed, byes(next), here.server.core.sessions.size]).toMatchObject([4410, [{ code: 4410, got: 0 }], 0])
  })

  test('of one session too many is told to come later, and counted', async () => {
    const here = alone({ server: { limits: { sessions: 1 } } })
    await greet(here)
    const second = await greet(here, { session: 'another-session-of-a-client' })
    expect([second.closed, byes(second)]).toMatchObject([
      4429,
      [{ code: 4429, retry: { after: 1_000, spread: 5_000 } }],
    ])
    expect(here.server.core.errors).toEqual({ overflow: 1 })
    expect((await greet(here, { attempt: 2 })).closed).toBeUndefined()
  })
})

test('errors that nobody listens to are all counted, and reported ten a second: hostile clients must not fill the disk', async () => {
  const here = alone({ server: { limits: { rate: Infinity } } })
  const client = await greet(here)
  for (let second = 0; second < 10; second++) {
    client.say(...Array.from({ length: 500 }, () => 'nonsense'))
    await here.clock.advance(1_000)
  }
  expect(here.server.core.errors).toEqual({ 'malformed-frame': 5_000 })
  expect(here.server.reported.length).toBeGreaterThanOrEqual(190)
  expect(here.server.reported.length).toBeLessThanOrEqual(210)
})

describe('the `session` event', () => {
  test('comes before the first message, and one listener that throws takes neither the others nor the session along', async () => {
    const said: unknown[] = []
    const error = new Error('mine')
    const here = alone({
      serve: (core) => {
        core.on('session', () => {
          throw error
        })
        core.on('session', (session) => void session.on('say', (data) => said.push(data)))
      },
    })
    const client = rawClient(here.network)
    await here.clock.advance(100)
    client.say(hello(), ['say', 'first'])
    await here.clock.advance(100)
    expect([said, here.server.reported, client.closed]).toEqual([['first'], [error], undefined])
  })

  test('one function registered twice hears it twice, and can be taken back once', async () => {
    const here = alone()
    let heard = 0
    const listener = (): void => void heard++
    const off = here.server.core.on('session', listener)
    here.server.core.on('session', listener)
    off()
    off()
    await greet(here)
    expect(heard).toBe(1)
  })

  test('in which the session is closed again ends it: the client is told, and nobody is open on nothing', async () => {
    const here = world({
      serve: (core) => void core.on('session', (session) => session.close({ code: 4403, reason: 'Not today' })),
    })
    await here.clock.advance(1_000)
    expect(here.tabs[0]!.socket.status.get()).toMatchObject({ state: 'closed', cause: { code: 'forbidden' } })
    expect([here.server.core.sessions.size, here.server.view.pending]).toEqual([0, 0])
  })

  test('in which something is said before that says it first', async () => {
    const heard: unknown[] = []
    const here = world({
      clients: 0,
      serve: (core) =>
        void core.on('session', (session) => {
          session.send('tick', 'Not today')
          session.close({ code: 4403 })
        }),
    })
    const { socket } = here.open('a')
    socket.on('tick', (data) => heard.push(data))
    await here.clock.advance(1_000)
    expect([heard, socket.status.get().state]).toEqual([['Not today'], 'closed'])
  })

  test('in which 4401 is said asks `auth` once more, and not for ever', async () => {
    let asked = 0
    const here = world({
      client: () => ({ auth: () => ++asked }),
      serve: (core) => void core.on('session', (session) => session.close({ code: 4401, reason: 'No' })),
    })
    await here.clock.advance(60_000)
    // Once more for the session, which is gone by then, and once for the next one.
    expect([here.tabs[0]!.socket.status.get().state, asked]).toEqual(['closed', 3])
  })
})

describe('the `error` event', () => {
  test('tells what went wrong, and in which session; then nothing is reported elsewhere', async () => {
    const told: [HoldfastError, unknown][] = []
    const here = alone({ serve: (core) => void core.on('error', (error, session) => told.push([error, session])) })
    const client = await greet(here)
    client.say(['unheard', 1])
    await here.clock.advance(100)
    const [session] = here.server.core.sessions
    expect(told).toEqual([[expect.objectContaining({ code: 'unknown-event' }), session]])
    expect([here.server.core.errors, here.server.reported]).toEqual([{ 'unknown-event': 1 }, []])
  })

  test('one of its listeners that throws is reported, and the others hear it all the same', async () => {
    const error = new Error('mine')
    let heard = 0
    const here = alone({
      serve: (core) => {
        core.on('error', () => {
          throw error
        })
        core.on('error', () => heard++)
      },
    })
    const client = await greet(here)
    client.say(['unheard', 1])
    await here.clock.advance(100)
    expect([heard, here.server.reported]).toEqual([1, [error]])
  })
})

describe('a room', () => {
  const joined = (rooms: (name: number) => string[], options: WorldOptions = {}): World & { heard: string[] } => {
    const heard: string[] = []
    let count = 0
    const here = world({
      clients: 3,
      serve: (core) => void core.on('session', (s) => rooms(count++).forEach((room) => s.join(room))),
      ...options,
    })
    for (const { name, socket } of here.tabs) socket.on('said', (data) => heard.push(`${name} ${String(data)}`))
    return Object.assign(here, { heard })
  }

  test('reaches who is in it, once each, and nobody else', async () => {
    const here = joined((number) => (number < 2 ? ['lobby', 'lobby', 'attic'] : ['attic']))
    await here.clock.advance(500)
    here.server.core.to('lobby').send('said', 1)
    here.server.core.to('nowhere').send('said', 2)
    await here.clock.advance(500)
    expect(here.heard.length).toBe(2)
    here.server.core.to('attic').send('said', 3)
    await here.clock.advance(500)
    expect(here.heard.length).toBe(5)
  })

  test('reaches who is away, once it is back', async () => {
    const here = joined(() => ['lobby'])
    await here.clock.advance(500)
    here.network.cut()
    await here.clock.advance(30)
    here.server.core.to('lobby').send('said', 1)
    await here.clock.advance(20_000)
    expect(here.heard.toSorted()).toEqual(['a 1', 'b 1', 'c 1'])
  })

  test('is left by leaving it, and by the end of the session; joining after that joins nothing', async () => {
    const here = joined(() => ['lobby'])
    await here.clock.advance(500)
    const [one, other] = [...here.server.core.sessions]
    one!.leave('lobby')
    one!.leave('lobby')
    expect([...one!.rooms]).toEqual([])
    other!.close()
    other!.join('lobby')
    expect([...other!.rooms]).toEqual([])
    here.server.core.to('lobby').send('said', 1)
    await here.clock.advance(500)
    expect(here.heard).toHaveLength(1)
  })

  test('one client that is too slow ends alone', async () => {
    const here = joined(() => ['lobby'], { server: { limits: { bufferedMessages: 50 } } })
    await here.clock.advance(500)
    for (const link of here.network.links) if (link.client === 'a') link.stall()
    for (let number = 0; number < 200; number++) {
      here.server.core.to('lobby').send('said', number)
      await here.clock.advance(100)
    }
    expect(here.heard.filter((line) => line.startsWith('b'))).toHaveLength(200)
    expect(here.heard.filter((line) => line.startsWith('c'))).toHaveLength(200)
  })

  test('a message is encoded once, however many hear it', async () => {
    const here = joined(() => ['lobby'])
    await here.clock.advance(500)
    let encoded = 0
    here.server.core.to('lobby').send('said', { toJSON: () => ++encoded })
    await here.clock.advance(500)
    expect([encoded, here.heard.toSorted()]).toEqual([1, ['a 1', 'b 1', 'c 1']])
  })

  test('what cannot be sent throws at the call, whether anybody is there or not', () => {
    const here = alone()
    expect(() => here.server.core.to('lobby').send('said', 1n)).toThrow(
      expect.objectContaining({ code: 'unserializable' }),
    )
  })
})

describe('close()', () => {
  test('tells every client how much was got, and when to come back, spread; nothing is in doubt or doubled', async () => {
    const said: unknown[] = []
    const here = world({
      clients: 10,
      serve: (core) => void core.on('session', (s) => void s.on('say', (data) => said.push(data))),
    })
    const doubts: unknown[] = []
    await here.clock.advance(500)
    for (const { name, socket } of here.tabs) {
      socket.onLost(({ inDoubt }) => doubts.push(...inDoubt))
      socket.send('say', name)
    }
    await here.clock.advance(30)
    here.server.core.close({ retry: { after: 2_000, spread: 10_000 } })
    await here.clock.advance(100)
    const times = here.tabs.map(({ socket }) => socket.status.get().retryAt! - here.clock.now())
    expect(Math.min(...times)).toBeGreaterThan(1_800)
    expect(Math.max(...times)).toBeLessThan(12_000)
    expect(new Set(times).size).toBe(10)
    here.restart()
    await here.clock.advance(20_000)
    expect([doubts, said.map(String).toSorted()]).toEqual([[], here.tabs.map(({ name }) => name)])
  })

  test('tells a client, too, that is moving to another carrier just then, and all that was sent to it', async () => {
    const said: unknown[] = []
    const heard: unknown[] = []
    const doubts: unknown[] = []
    const steps: string[] = []
    const here = world({
      clients: 0,
      client: () => ({
        trace: (entry) => entry.type === 'carrier' && steps.push(`${entry.event} ${entry.carrier}`),
      }),
      serve: (core) => void core.on('session', (s) => void s.on('say', (data) => said.push(data))),
    })
    here.network.block('websocket', 'refuse-upgrade')
    const { socket, lifecycle } = here.open('a')
    socket.on('tick', (data) => heard.push(data))
    socket.onLost(({ inDoubt }) => doubts.push(...inDoubt))
    await here.clock.advance(5_000)
    const [session] = here.server.core.sessions
    here.network.unblock()
    lifecycle.happen('network')
    expect(await here.clock.runUntil(() => steps.includes('probe websocket'), 5_000)).toBe(true)
    socket.send('say', 'over HTTP')
    expect(await here.clock.runUntil(() => steps.includes('claim websocket'), 5_000)).toBe(true)
    // The hello is under way, and nothing is heard of the other carrier any more.
    socket.send('say', 'over WebSocket')
    session!.send('tick', 'sent')
    await here.clock.advance(1)
    session!.send('tick', 'about to be sent')
    here.server.core.close({ retry: { after: 2_000 } })
    await here.clock.advance(100)
    expect(socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'session-lost' } })
    expect(socket.status.get().retryAt! - here.clock.now()).toBeGreaterThan(1_800)
    here.restart()
    await here.clock.advance(20_000)
    expect([doubts, said]).toEqual([[], ['over HTTP', 'over WebSocket']])
    expect(heard).toEqual(['sent', 'about to be sent'])
  })

  test.each([
    ['its last words once more, on every carrier, from where its client stands', {}, 4410, ['two', 'three']],
    ['nothing of them to somebody else', { auth: 'somebody else' }, 4403, []],
    ['nothing of them to a page that was overtaken', { attempt: 1, nonce: 'a-nonce-of-another-tab' }, 4409, []],
    ['nothing of them to who knows another life', { life: 'another-life-altogether' }, 4410, []],
    ['nothing of them to who claims to have got more', { got: 9 }, 4410, []],
  ])('says %s', async (_, change, code, words) => {
    const here = alone({ server: { authenticate: ({ auth }) => auth ?? 'ann' } })
    const client = await greet(here)
    const [session] = here.server.core.sessions
    for (const word of ['one', 'two']) session!.send('tick', word)
    client.say(['say', 1])
    await here.clock.advance(100)
    session!.send('tick', 'three')
    const next = [rawClient(here.network), rawClient(here.network)]
    await here.clock.advance(100)
    here.server.core.close({ retry: { after: 7 } })
    for (const [index, each] of next.entries()) {
      each.say(hello({ got: 1, attempt: 2 + index, ...change }), ['say', 2])
      await here.clock.advance(100)
      expect([each.closed, byes(each)]).toMatchObject([code, [{ code, ...(words.length > 0 && { got: 1 }) }]])
      expect(each.lines.flatMap((line) => (Array.isArray(line) ? [line[1] as unknown] : []))).toEqual(words)
    }
    expect(here.server.core.errors).toEqual({ 'unknown-event': 1 })
    expect(here.server.view.pending).toBe(0)
  })

  test('forgets the last words when nobody can come any more', async () => {
    const here = alone()
    await greet(here)
    const next = rawClient(here.network)
    await here.clock.advance(100)
    here.server.core.close()
    here.server.core.terminate()
    next.say(hello({ attempt: 2 }))
    await here.clock.advance(100)
    expect([next.lines.length, byes(next)]).toMatchObject([1, [{ code: 4410, got: 0 }]])
  })

  test('takes nobody in afterwards, and says when to come', async () => {
    const here = alone()
    here.server.core.close({ retry: { after: 7 } })
    const client = await greet(here)
    expect([client.closed, byes(client)]).toMatchObject([4503, [{ code: 4503, retry: { after: 7 } }]])
  })

  test('leaves no timer behind', async () => {
    const here = alone()
    const first = await greet(here)
    await greet(here, { session: 'another-session-of-a-client' })
    first.close()
    await here.clock.advance(100)
    here.server.core.close()
    expect([here.server.core.sessions.size, here.server.view.pending]).toEqual([0, 0])
  })
})
