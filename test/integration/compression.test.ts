/** Compressed packets, over real connections: fewer bytes, the same limits. */
import { expect, test } from 'vitest'
import { type Backend, type Chat, serve } from './support/backend.ts'
import { type RawPeer, hello, rawClient, sessionId } from './support/raw.ts'
import { Seen } from './support/seen.ts'

const lines = Array.from({ length: 500 }, (_, index) => `measurement ${index}: temperature 21.5 °C, humidity 40 %`)

/** One that offers to compress, and has a session. */
const compressing = async (backend: Backend<Chat, unknown>): Promise<RawPeer> => {
  const peer = await rawClient(backend.url, { compresses: true })
  peer.send(hello(sessionId()))
  await peer.said('welcome')
  return peer
}

test.each([
  [false, '', 25_000, 100_000],
  [true, 'permessage-deflate', 500, 10_000],
])('compression: %s, and nothing is changed on the way', async (compression, extension, least, most) => {
  const backend = await serve({
    compression,
    session: (session) => void session.on('say', (text) => session.send('said', text)),
  })
  const peer = await compressing(backend)
  expect(peer.socket.extensions).toBe(extension)
  const before = { ...backend.proxy.bytes }
  peer.send(...lines.map((line) => ['say', line]))
  await peer.lines.find((line) => Array.isArray(line) && line[1] === lines.at(-1))
  expect(peer.lines.all.filter(Array.isArray)).toEqual(lines.map((line) => ['said', line]))
  for (const direction of ['up', 'down'] as const) {
    const bytes = backend.proxy.bytes[direction] - before[direction]
    expect(bytes).toBeGreaterThan(least)
    expect(bytes).toBeLessThan(most)
  }
})

test('the client of a server that compresses', async () => {
  const backend = await serve({
    compression: { threshold: 0, contextTakeover: false },
    session: (session) => void session.on('say', (text) => session.send('said', text)),
  })
  const socket = backend.connect()
  const said = new Seen<string>()
  socket.on('said', said.add)
  for (const line of lines) socket.send('say', line)
  expect(await said.first(lines.length)).toEqual(lines)
})

test('a message that is too large only when it is expanded is refused as any other', async () => {
  const backend = await serve({ compression: true, limits: { messageBytes: 100_000 } })
  const peer = await compressing(backend)
  peer.send(['say', 'x'.repeat(5_000_000)])
  expect(await peer.closed).toMatchObject({ code: 1009 })
  expect(backend.server.errors).toEqual({ 'too-large': 1 })
})

test('one who sends next to nothing, and makes the server expand much of it, is cut off', async () => {
  const backend = await serve({ compression: true, session: (session) => void session.on('say', () => {}) })
  const peer = await compressing(backend)
  for (let sent = 0; sent < 17; sent++) peer.send(['say', 'x'.repeat(1_000_000)])
  await peer.closed
  expect(backend.server.errors).toEqual({ overflow: 1 })
})
