/** A server that says what no server of ours would: named and counted in `socket.errors`, survived where it can be, never a tight loop. */
import type { ConnectOptions, Lost, Socket } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Chat, containing, isClosed, isOpen, open, status } from './support/backend.ts'
import { type RawPeer, type RawServer, rawServer, welcome } from './support/raw.ts'
import { usedHeap } from '../tools/heap.ts'
import { Seen } from './support/seen.ts'

interface Stage {
  readonly server: RawServer
  readonly socket: Socket<Chat>
  readonly said: Seen<string>
  readonly peer: RawPeer
}

/** A client in an open session with a server of whatever manners. */
async function stage(options: ConnectOptions = {}): Promise<Stage> {
  const server = await rawServer((peer) => peer.send(welcome()))
  const socket = open(server.url, options)
  const said = new Seen<string>()
  socket.on('said', said.add)
  await status(socket, isOpen)
  return { server, socket, said, peer: server.peers.all[0]! }
}

async function expectAlive({ server, said, peer }: Stage): Promise<void> {
  peer.send(['said', 'still here'])
  await said.find((text) => text === 'still here')
  expect(server.times).toHaveLength(1)
}

describe('what is no frame is passed over, and the conversation goes on', () => {
  test.each([
    'nonsense',
    'null',
    '[]',
    '[{},1]',
    '["said","x",-1]',
    '["said","x",1,1]',
    '[1,null,{"code":7}]',
    '{"ack":"all"}',
    '{"bye":7}',
    '{"bye":{"code":4403,"retry":"soon"}}',
    '{"volatile":"said"}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ])('%.40s', async (line) => {
    const now = await stage()
    now.peer.send(['said', 'before'], line)
    await expectAlive(now)
    expect(now.said.all).toEqual(['before', 'still here'])
    expect(now.socket.errors).toEqual({ 'malformed-frame': 1 })
  })

  test.each([
    ['a control of another version', '{"teleport":1}', 'unknown-control'],
    ['a hello', '{"hello":{"session":"s","attempt":1,"nonce":"n","from":1,"got":0}}', 'unknown-control'],
    ['an event that nobody listens to', '["gossip",1]', 'unknown-event'],
    ['__proto__ as an event', '["__proto__",{"polluted":true}]', 'unknown-event'],
    ['__proto__ as a control', '{"__proto__":{"polluted":true}}', 'unknown-control'],
    ['a question that nobody answers', '["constructor",1,1]', 'unknown-request'],
  ])('%s', async (_what, line, code) => {
    const now = await stage()
    now.peer.send(line)
    await expectAlive(now)
    expect(now.socket.errors).toEqual({ [code]: 1 })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test.each([
    ['no frame', Buffer.from('just bytes')],
    ['half a character', Buffer.from([0x5b, 0x22, 0xe2, 0x82, 0x22, 0x5d, 0x0a])],
    ['nothing', Buffer.alloc(0)],
  ])('bytes: %s', async (_what, bytes) => {
    const now = await stage()
    now.peer.send(bytes)
    await expectAlive(now)
    expect(now.socket.errors).toEqual({ 'malformed-frame': 1 })
  })

  test('a line of 64 MB: it is counted, and nothing of it is kept', async () => {
    const now = await stage()
    const errors = new Seen<unknown>()
    now.socket.onError(errors.add)
    const before = usedHeap()
    now.peer.send('x'.repeat(64_000_000))
    await expectAlive(now)
    expect(now.socket.errors).toEqual({ 'malformed-frame': 1 })
    expect(errors.all).toHaveLength(1)
    expect(usedHeap() - before).toBeLessThan(8_000_000)
  })

  test('answers to questions that were never asked', async () => {
    const now = await stage()
    now.peer.send([7, 'an answer'], [8, 'an item', 1], [9, null, { code: 'handler-failed', message: 'no' }], [10])
    await expectAlive(now)
    expect(now.socket.errors).toEqual({})
  })

  test('a listener that throws harms nobody, and is reported', async () => {
    const now = await stage()
    const errors = new Seen<unknown>()
    now.socket.onError(errors.add)
    const reported = mute()
    const off = now.socket.on('said', () => {
      throw new Error('a bug in the page')
    })
    const others: string[] = []
    now.socket.on('said', (text) => others.push(text))
    now.peer.send(['said', 'to all'])
    await now.said.first(1)
    expect(others).toEqual(['to all'])
    expect(now.socket.errors).toEqual({ 'handler-failed': 1 })
    expect(errors.all).toMatchObject([{ code: 'handler-failed', message: containing('a bug in the page') }])
    expect(reported).toEqual([new Error('a bug in the page')])
    off()
    await expectAlive(now)
  })
})

/** Where this platform puts errors that nobody catches; they are kept from the console. */
function mute(): unknown[] {
  const reported: unknown[] = []
  const { error } = console
  console.error = (problem: unknown) => reported.push(problem)
  onTestFinished(() => void (console.error = error))
  return reported
}

describe('what breaks the protocol ends the connection, and no loop follows', () => {
  test('an acknowledgement of what was never sent is final', async () => {
    const { peer, socket, server } = await stage()
    peer.send({ ack: 5 })
    expect(await status(socket, isClosed)).toMatchObject({ cause: { code: 'protocol' } })
    expect(server.times).toHaveLength(1)
  })

  test('a message before the welcome is final', async () => {
    const server = await rawServer((peer) => peer.send(['said', 'too early']))
    const socket = open(server.url)
    expect(await status(socket, isClosed)).toMatchObject({ cause: { code: 'protocol' } })
    expect(server.times).toHaveLength(1)
  })

  test('a gap in what was sent loses the session, once', async () => {
    const server = await rawServer((peer, connection) => {
      peer.send(welcome(connection === 1 ? { from: 7 } : {}))
    })
    const socket = open(server.url)
    const lost = new Seen<Lost>()
    socket.onLost(lost.add)
    await status(socket, isOpen)
    expect(lost.all).toMatchObject([{ cause: { code: 'session-lost' } }])
    expect(server.times).toHaveLength(2)
  })

  test('half a character in text breaks the connection, and the session goes on', async () => {
    const now = await stage()
    now.peer.socket.send(Buffer.from([0x22, 0xe2, 0x82, 0x22]), { binary: false })
    await now.server.peers.first(2)
    await status(now.socket, isOpen)
    now.server.peers.all[1]!.send(['said', 'again'])
    expect(await now.said.first(1)).toEqual(['again'])
  })
})

describe('a close is the end of a connection', () => {
  test.each([1000, 1001, 1011, 1012, 1013, 3000, 4000, 4500])('%i without a bye: the session goes on', async (code) => {
    const server = await rawServer((peer, connection) => {
      peer.send(welcome())
      if (connection === 1) peer.socket.close(code)
    })
    const socket = open(server.url)
    await server.peers.first(2)
    await status(socket, isOpen)
    expect(socket.errors).toEqual({})
  })

  test.each([
    [1000, 'closed'],
    [4400, 'protocol'],
    [4403, 'forbidden'],
    [4404, 'closed'],
    [4409, 'superseded'],
    [4413, 'too-large'],
  ] as const)('a bye with %i is the end of the session: %s', async (code, told) => {
    const { peer, socket, server } = await stage()
    peer.send({ bye: { code, reason: 'because' } })
    expect(await status(socket, isClosed)).toMatchObject({ cause: { code: told, message: containing('because') } })
    expect(server.times).toHaveLength(1)
  })

  test('1009 is final: what was too big would be too big again', async () => {
    const { peer, socket, server } = await stage()
    peer.socket.close(1009)
    expect(await status(socket, isClosed)).toMatchObject({ cause: { code: 'too-large' } })
    expect(server.times).toHaveLength(1)
  })

  test.each([4408, 4425, 4429, 4503])('a bye with %i says when to come back', async (code) => {
    const server = await rawServer((peer, connection) => {
      if (connection === 1) peer.send({ bye: { code, retry: { after: 120 } } })
      else peer.send(welcome())
    })
    const socket = open(server.url)
    await status(socket, isOpen)
    const [first, second] = server.times
    expect(second! - first!).toBeGreaterThan(115)
    expect(server.times).toHaveLength(2)
  })

  test('a bye that forbids to come back is final, whatever its code', async () => {
    const { peer, socket, server } = await stage()
    peer.send({ bye: { code: 4429, retry: false } })
    await status(socket, isClosed)
    expect(server.times).toHaveLength(1)
  })

  test('what a given-up connection says later is not heard', async () => {
    const now = await stage()
    now.socket.reconnect()
    now.peer.send(['said', 'from the past'], { bye: { code: 4403 } })
    await now.server.peers.first(2)
    await status(now.socket, isOpen)
    now.server.peers.all[1]!.send(['said', 'from the present'])
    expect(await now.said.first(1)).toEqual(['from the present'])
    expect(now.socket.status.get().state).toBe('open')
  })
})
