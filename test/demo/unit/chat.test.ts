/** The chat's server: what it keeps, whom it tells, and what it refuses. */
import { RequestError, type Socket } from 'holdfast'
import { createTestServer } from 'holdfast/testing'
import { describe, expect, test, vi } from 'vitest'
import { openDatabase } from '../../../demo/server/database.ts'
import type { Visitor } from '../../../demo/uses/app.ts'
import type { Chat } from '../../../demo/uses/chat/contract.ts'
import { chat } from '../../../demo/uses/chat/server.ts'

const ada = { id: 'person-of-ada', name: 'Ada', hue: 168 }
const jonas = { id: 'person-of-jonas', name: 'Jonas', hue: 32 }
const pixel = { width: 1, height: 1 }

const start = (database = openDatabase(':memory:')) =>
  createTestServer<Chat, Visitor>({
    server: {
      ...chat.options,
      schema: chat.schema,
      authenticate: ({ auth }) => ({ ...(auth as typeof ada), page: 'page' }),
    },
    serve(server) {
      // What is refused is looked for where it was asked.
      server.on('error', () => {})
      chat.serve(server as never, { database } as Parameters<typeof chat.serve>[1])
    },
  })

const history = async (socket: Socket<Chat>, room = 'lobby', before: number | null = null) =>
  socket.request('history', { room, before })
const texts = async (socket: Socket<Chat>, room = 'lobby') =>
  (await history(socket, room)).messages.map(({ text }) => text)

test('the same message said twice is there once, and who said it again hears of it', async () => {
  using server = start()
  const socket = server.connect({ auth: ada })
  const heard: string[] = []
  socket.on('said', ({ id }) => heard.push(id))
  for (let times = 0; times < 2; times++) socket.send('say', { id: 'one and the same', room: 'lobby', text: 'Hi' })
  await socket.flush()
  expect(await texts(socket)).toEqual(['Hi'])
  expect(heard).toEqual(['one and the same', 'one and the same'])
})

test('the id of one is not taken from another', async () => {
  using server = start()
  const [first, second] = [server.connect({ auth: ada }), server.connect({ auth: jonas })]
  first.send('say', { id: 'anybodys', room: 'lobby', text: "Ada's" })
  await first.flush()
  second.send('say', { id: 'anybodys', room: 'lobby', text: "Jonas's" })
  await second.flush()
  expect(await texts(first)).toEqual(["Ada's", "Jonas's"])
})

test('the past comes in pages, each message on one of them', async () => {
  using server = start()
  const socket = server.connect({ auth: ada })
  for (let n = 1; n <= 120; n++) socket.send('say', { id: `message ${n}`, room: 'lobby', text: String(n) })
  await socket.flush()
  const pages = []
  for (let before: number | null = null, more = true; more;) {
    const page = await history(socket, 'lobby', before)
    pages.unshift(page.messages.map(({ text }) => Number(text)))
    before = page.messages[0]!.seq
    more = page.more
  }
  expect(pages.map(({ length }) => length)).toEqual([20, 50, 50])
  expect(pages.flat()).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
})

test('a process that begins anew knows rooms, members, messages, pictures and what was read', async () => {
  const database = openDatabase(':memory:')
  using server = start(database)
  const socket = server.connect({ auth: ada })
  await socket.request('create', { id: 'tea-room', name: ' Tea ' })
  const bytes = crypto.getRandomValues(new Uint8Array(3_000))
  const file = new Blob([bytes], { type: 'image/png' })
  const { seq } = await socket.request('post', { id: 'picture', room: 'tea-room', picture: pixel, file })
  server.restart()
  const other = server.connect({ auth: jonas })
  expect(await other.request('join', { room: 'tea-room' })).toEqual({
    id: 'tea-room',
    name: 'Tea',
    joined: true,
    unread: 0,
  })
  const blob = await other.request('picture', { seq })
  expect(blob.type).toBe('image/png')
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes)
  other.send('say', { id: 'answer', room: 'tea-room', text: 'Milk?' })
  await other.flush()
  const unread = async () =>
    (await socket.request('rooms')).flatMap(({ id, unread }) => (id === 'tea-room' ? [unread] : []))
  expect(await unread()).toEqual([1])
  socket.send('read', { room: 'tea-room', seq: seq + 1 })
  await socket.flush()
  expect(await unread()).toEqual([0])
  expect((await history(other, 'tea-room')).members).toContainEqual({ person: ada, read: seq + 1 })
})

describe('who is not in a room', () => {
  test('hears nothing of it, and is shown nothing of it', async () => {
    using server = start()
    const [inside, outside] = [server.connect({ auth: ada }), server.connect({ auth: jonas })]
    await inside.request('join', { room: 'pictures' })
    const heard = vi.fn()
    outside.on('said', heard)
    const file = new Blob(['…'], { type: 'image/png' })
    const { seq } = await inside.request('post', { id: 'secret', room: 'pictures', picture: pixel, file })
    await expect(outside.request('picture', { seq })).rejects.toThrow(RequestError)
    await expect(history(outside, 'pictures')).rejects.toThrow(RequestError)
    expect(heard).not.toHaveBeenCalled()
  })

  test('comes in by talking there, and is told of nothing any more after leaving', async () => {
    using server = start()
    const [talker, other] = [server.connect({ auth: ada }), server.connect({ auth: jonas })]
    talker.send('say', { id: 'knock knock', room: 'tunnels', text: 'Knock' })
    expect(await texts(talker, 'tunnels')).toEqual(['Knock'])
    await talker.request('leave', { room: 'tunnels' })
    const heard = vi.fn()
    talker.on('said', heard)
    other.send('say', { id: 'nobody there', room: 'tunnels', text: 'Hello?' })
    await other.flush()
    await talker.flush()
    expect(heard).not.toHaveBeenCalled()
  })
})

test.each([
  ['is no picture', new Blob(['<svg/>'], { type: 'image/svg+xml' })],
  ['is larger than 2 MB', new Blob([new Uint8Array(2 * 1024 ** 2 + 1)], { type: 'image/png' })],
])('a file that %s is refused, and nothing is kept of it', async (_, file) => {
  using server = start()
  const socket = server.connect({ auth: ada })
  await expect(socket.request('post', { id: 'refused', room: 'lobby', picture: pixel, file })).rejects.toThrow(
    expect.objectContaining({ code: expect.stringMatching(/invalid-payload|too-large/) as string }),
  )
  expect(await texts(socket)).toEqual([])
})
