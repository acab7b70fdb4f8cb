/** One conversation over a connection that holds: events, bytes, rooms. */
import { describe, expect, test } from 'vitest'
import { type Chat, isOpen, serve, status } from './support/backend.ts'
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

test('texts of all lengths that WebSockets know travel down unchanged', async () => {
  const said = new Seen<string>()
  const backend = await serve()
  const socket = backend.connect()
  socket.on('said', said.add)
  const session = (await backend.sessions.first(1))[0]!
  const around = '["said",""]'.length
  const texts = [125, 126, 127, 65_535, 65_536, 65_537, 200_000].flatMap((size) => [
    'x'.repeat(size - around),
    'ö'.repeat((size - around) >> 1),
  ])
  for (const [index, text] of texts.entries()) {
    session.send('said', text)
    const heard = await said.first(index + 1)
    expect(heard[index] === text).toBe(true)
  }
  expect(socket.status.get().resumed).toBe(false)
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
