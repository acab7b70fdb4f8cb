/** More than the server keeps, for one client or for all of them: who keeps most pays, and nobody else notices. */
import { describe, expect, test } from 'vitest'
import type { EndReason } from 'holdfast/server'
import { type Carrier, type World, world, type WorldOptions } from 'holdfast/testing'
import { hello } from '../tools/raw.ts'

interface Bye {
  readonly code: number
  readonly reason: string
  readonly got?: number
}
interface Consumer {
  readonly name: string
  /** Events that it was sent. */
  readonly got: unknown[]
  bye?: Bye
  ended?: EndReason
  say(frame: unknown): void
}

/** A world whose sessions, named by their `auth`, are all in the lobby. */
const lobby = (limits: { readonly totalBytes: number }, more: WorldOptions = {}): World =>
  world({
    clients: 0,
    server: {
      limits: { bufferedBytes: limits.totalBytes, connectRate: Infinity, ...limits },
      authenticate: ({ auth }) => auth,
    },
    serve: (core) => void core.on('session', (session) => session.join('lobby')),
    ...more,
  })

/** Connects one that reads and acknowledges all at once, or one that only takes what its connection is given. */
const consumer = (here: World, name: string, reads: boolean): Consumer => {
  const got: unknown[] = []
  const consumer: Consumer = { name, got, say: (frame) => accepted.message(JSON.stringify(frame)) }
  let stuck = 0
  const carrier: Carrier = {
    transport: 'websocket',
    get bufferedAmount() {
      return stuck
    },
    send(packet) {
      if (!reads) stuck += packet.length
      const lines = (packet as string).split('\n').map((line) => JSON.parse(line) as { bye?: Bye })
      const events = lines.filter((line) => Array.isArray(line))
      got.push(...events)
      for (const { bye } of lines) if (bye) consumer.bye = bye
      if (reads && events.length > 0) here.clock.soon(() => accepted.message(JSON.stringify({ ack: got.length })))
    },
    close: () => {},
  }
  const accepted = here.server.core.accept(carrier, { headers: {} })
  accepted.message(JSON.stringify(hello({ session: `the-session-of-${name}`, auth: name })))
  return consumer
}
const watchEnds = (here: World, consumers: readonly Consumer[]): void => {
  const byName = new Map(consumers.map((each) => [each.name, each]))
  for (const session of here.server.core.sessions)
    session.onEnd((reason) => (byName.get(session.identity as string)!.ended = reason))
}

describe('more than `limits.totalBytes`', () => {
  test('of a thousand slow consumers: as many end as it takes, are told, and the fast ones get everything', async () => {
    const here = lobby({ totalBytes: 4_000_000 })
    const slow = Array.from({ length: 1_000 }, (_, index) => consumer(here, `slow-${index}`, false))
    const fast = Array.from({ length: 10 }, (_, index) => consumer(here, `fast-${index}`, true))
    await here.clock.advance(100)
    watchEnds(here, [...slow, ...fast])
    // A thousand times a thousand bytes a round, in the outbox and in the connection: the third is too much.
    for (let round = 0; round < 12; round++) {
      here.server.core.to('lobby').send('tick', 'x'.repeat(1_000))
      await here.clock.advance(10)
    }
    expect(fast.map(({ got, ended }) => [got.length, ended])).toEqual(fast.map(() => [12, undefined]))
    const ended = slow.filter((each) => each.ended !== undefined)
    // Those that are left have twelve ticks, twice: there is room for 165 of them.
    expect(1_000 - ended.length).toBeGreaterThan(100)
    expect(1_000 - ended.length).toBeLessThan(166)
    for (const { ended: reason, bye } of ended)
      expect([reason, bye]).toEqual([
        'overflow',
        {
          code: 4410,
          got: 0,
          reason: 'More than 4000000 bytes were waiting for all clients together, and most of them for this one.',
        },
      ])
    expect(here.server.core.errors).toEqual({ overflow: ended.length })
  })

  test('is paid for by the greatest backlog, though another was just sent to', async () => {
    const here = lobby({ totalBytes: 1_000_000 })
    const [great, small] = [consumer(here, 'great', false), consumer(here, 'small', false)]
    await here.clock.advance(100)
    watchEnds(here, [great, small])
    const [first, second] = [...here.server.core.sessions]
    first!.send('tick', 'x'.repeat(400_000))
    await here.clock.advance(100)
    second!.send('tick', 'x'.repeat(100_000))
    await here.clock.advance(100)
    second!.send('tick', 'x'.repeat(100_000))
    await here.clock.advance(100)
    expect([great.ended, small.ended]).toEqual(['overflow', undefined])
    second!.send('tick', 'x'.repeat(100_000))
    expect(() => first!.send('tick')).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test('of one that is away: it is told when it comes back, and what of its own had arrived', async () => {
    const here = lobby(
      { totalBytes: 100_000 },
      {
        clients: 1,
        client: () => ({ auth: 'absent' }),
        serve: (core) => void core.on('session', (session) => session.on('say', () => {})),
      },
    )
    const [tab] = here.tabs
    const lost: string[] = []
    tab!.socket.onLost(({ cause, inDoubt }) => lost.push(`${cause.code} ${inDoubt.length}`))
    await here.clock.advance(500)
    tab!.socket.send('say', 1)
    await here.clock.advance(40)
    here.network.fate('refuse')
    here.network.cut()
    const [session] = [...here.server.core.sessions]
    for (let count = 0; count < 11; count++) session!.send('tick', 'x'.repeat(10_000))
    await here.clock.advance(1_000)
    expect(here.server.core.sessions.size).toBe(0)
    here.network.fate('open')
    tab!.socket.reconnect()
    await here.clock.advance(5_000)
    expect([lost, tab!.socket.status.get().state]).toEqual([['session-lost 0'], 'open'])
  })

  test('within one task: neither `send` nor a broadcast throws, and whoever is to end takes no more', async () => {
    const here = lobby({ totalBytes: 100_000 })
    const slow = Array.from({ length: 5 }, (_, index) => consumer(here, `slow-${index}`, false))
    await here.clock.advance(100)
    watchEnds(here, slow)
    for (let count = 0; count < 1_000; count++) here.server.core.to('lobby').send('tick', 'x'.repeat(1_000))
    expect(slow.map(({ ended }) => ended)).toEqual(slow.map(() => undefined))
    await here.clock.advance(100)
    expect(slow.map(({ ended }) => ended)).toEqual(slow.map(() => 'overflow'))
    // What each took until it was found to be one too many.
    expect(slow.map(({ got }) => got.length < 110)).toEqual(slow.map(() => true))
    expect(here.server.view.pending).toBe(0)
  })

  test('is counted down again by what is acknowledged: none of those who read ever pays', async () => {
    const here = lobby({ totalBytes: 50_000 })
    const fast = Array.from({ length: 10 }, (_, index) => consumer(here, `fast-${index}`, true))
    await here.clock.advance(100)
    watchEnds(here, fast)
    for (let round = 0; round < 200; round++) {
      here.server.core.to('lobby').send('tick', 'x'.repeat(4_000))
      await here.clock.advance(10)
    }
    expect(fast.map(({ got, ended }) => [got.length, ended])).toEqual(fast.map(() => [200, undefined]))
  })
})

test('a broadcast passes over a session that is just ending: it throws at nobody', async () => {
  const here = lobby({ totalBytes: 100_000 })
  const [leaver, other] = [consumer(here, 'leaver', true), consumer(here, 'other', true)]
  await here.clock.advance(100)
  const [session] = [...here.server.core.sessions]
  const thrown: unknown[] = []
  session!.handle('work', (_: unknown, { signal }) => {
    signal.addEventListener('abort', () => {
      try {
        here.server.core.to('lobby').send('left', 'leaver')
        here.server.core.to('lobby').send('left', 'for good', { volatile: true })
      } catch (error) {
        thrown.push(error)
      }
    })
    return new Promise(() => {})
  })
  leaver.say(['work', null, 1])
  session!.close()
  await here.clock.advance(100)
  expect([thrown, leaver.got, other.got]).toEqual([[], [], [['left', 'leaver']]])
})
