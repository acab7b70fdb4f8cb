import { describe, expect, test } from 'vitest'
import type { ServerSession } from 'holdfast/server'
import { type World, virtualClock, world } from 'holdfast/testing'
import { createTurns } from '../../src/server/turns.ts'
import { type RawConnection, hello, rawClient } from '../tools/raw.ts'

interface Here extends World {
  readonly client: RawConnection
  readonly session: ServerSession
}

/** One session, in two rooms, and every packet that it is sent. */
const joined = async (options: Parameters<typeof world>[0] = {}): Promise<Here> => {
  const sessions: ServerSession[] = []
  const here = world({
    clients: 0,
    serve: (core) =>
      core.on('session', (session) => {
        sessions.push(session)
        session.join('lobby')
        session.join('attic')
      }),
    ...options,
  })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(100)
  return Object.assign(here, { client, session: sessions[0]! })
}

describe('what goes to rooms', () => {
  test('keeps its place in what a session is sent in the same task, and all of it is one packet', async () => {
    const { clock, client, server, session } = await joined()
    const { core } = server
    session.send('said', 1)
    core.to('lobby').send('said', 2)
    session.send('said', 3)
    core.to('lobby').send('said', 4)
    core.to('attic').send('said', 5)
    core.to('lobby').send('said', 6)
    await clock.advance(100)
    expect(client.packets.slice(1)).toEqual([
      [1, 2, 3, 4, 5, 6].map((data) => JSON.stringify(['said', data])).join('\n'),
    ])
  })

  test('goes to those who were in them at the call', async () => {
    const { clock, client, server, session } = await joined()
    server.core.to('lobby').send('said', 'while it was in')
    session.leave('lobby')
    server.core.to('lobby').send('said', 'when it was out')
    session.join('lobby')
    await clock.advance(100)
    expect(client.packets.slice(1)).toEqual(['["said","while it was in"]'])
  })

  test('stands before the answer that was given after it', async () => {
    const { clock, client, server, session } = await joined()
    session.handle('ask', async () => {
      await Promise.resolve()
      server.core.to('lobby').send('said', 'first')
      return 'then'
    })
    client.say(['ask', null, 1])
    await clock.advance(100)
    expect(client.lines.slice(1).filter(Array.isArray)).toEqual([
      ['said', 'first'],
      [1, 'then'],
    ])
  })

  test('is counted at once, and reaches a session that is closed behind it', async () => {
    const { clock, client, server, session } = await joined()
    server.core.to('lobby').send('said', 'goodbye')
    expect(session.bufferedAmount).toBe('["said","goodbye"]'.length)
    session.close()
    await clock.advance(100)
    expect(client.lines.slice(1)).toEqual([
      ['said', 'goodbye'],
      expect.objectContaining({ bye: expect.anything() as unknown }),
    ])
  })

  test('is kept for each until it has it: nobody’s acknowledgement takes it from anybody else', async () => {
    const { clock, client, network, server } = await joined()
    const other = rawClient(network, 'other')
    await clock.advance(100)
    other.say(hello({ session: 'the-session-of-another' }))
    await clock.advance(100)
    server.core.to('lobby').send('said', 'to both')
    await clock.advance(100)
    other.say({ ack: 1 })
    client.close()
    await clock.advance(100)
    const again = rawClient(network, 'again')
    await clock.advance(100)
    again.say(hello({ attempt: 2 }))
    await clock.advance(100)
    expect(again.lines.slice(1)).toEqual([['said', 'to both']])
  })

  test('throws at the call if it is too large for anybody', async () => {
    const { server } = await joined({ server: { limits: { bufferedBytes: 70_000 } } })
    expect(() => server.core.to('lobby').send('said', '€'.repeat(25_000))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
  })
})

test('a task that throws is no reason to forget those behind it', async () => {
  const clock = virtualClock()
  const thrown: unknown[] = []
  const done: string[] = []
  const soon = (task: () => void): void =>
    clock.soon(() => {
      try {
        task()
      } catch (error) {
        thrown.push(error)
      }
    })
  const turns = createTurns({ soon }, () => void done.push('begun'))
  turns.soon(() => {
    done.push('one')
    turns.soon(() => done.push('one more'))
  })
  turns.soon(() => {
    throw new Error('two')
  })
  turns.soon(() => done.push('three'))
  await clock.advance(10)
  expect(thrown).toEqual([new Error('two')])
  expect(done.filter((what) => what !== 'begun').toSorted()).toEqual(['one', 'one more', 'three'])
})
