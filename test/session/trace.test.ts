/** What `trace` is told, and what never. */
import { type HoldfastError, type PacketEntry, type Status, type TraceEntry, connect } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { type World, world } from 'holdfast/testing'
import { createTrace, tapped, tellPacket } from '../../src/session/trace.ts'
import { type Page, openPage } from '../tools/virtual-page.ts'

/** A server that repeats what it hears, as text and as bytes. */
const stage = (): World =>
  world({
    clients: 0,
    server: { authenticate: ({ auth }): unknown => auth ?? 'anybody' },
    serve: (core) =>
      void core.on('session', (session) => {
        session.on('say', (text) => void session.send('said', text))
        session.on('bytes', (bytes) => void session.send('bytes', bytes))
      }),
  })

interface Traced extends Page {
  readonly entries: readonly TraceEntry[]
  readonly packets: (direction: PacketEntry['direction']) => readonly PacketEntry[]
}
const open = (here: World, auth?: unknown): Traced => {
  const entries: TraceEntry[] = []
  const page = openPage(here, { auth: () => auth, trace: (entry) => void entries.push(entry) })
  const packets = (wanted: PacketEntry['direction']): PacketEntry[] =>
    entries.filter((entry) => entry.type === 'packet').filter(({ direction }) => direction === wanted)
  return { ...page, entries, packets }
}

describe('packets', () => {
  test.each(['websocket', 'http'] as const)('of a %s are told as they are on the wire, in order', async (carrier) => {
    const here = stage()
    if (carrier === 'http') here.network.block('websocket')
    const { socket, packets } = open(here)
    await here.clock.advance(1_000)
    socket.send('say', 'something')
    socket.send('bytes', Uint8Array.of(1, 2))
    await here.clock.advance(2_000)
    const said = (direction: PacketEntry['direction']): unknown[] =>
      packets(direction)
        .filter((packet) => packet.carrier === carrier)
        .map(({ data }) => data)
    const bytes = Uint8Array.from([...new TextEncoder().encode('["bytes",null]\n'), 1, 2])
    expect(said('up').slice(1)).toEqual(['["say","something"]', bytes, '{"ack":2}'])
    expect(said('down').slice(1)).toEqual(['["said","something"]', bytes, '{"ack":2}'])
  })

  test('are told before anything comes of them', async () => {
    const here = stage()
    const { socket, entries } = open(here)
    socket.on('said', () => heard.push(entries.length))
    const heard: number[] = []
    socket.send('say', 'something')
    await here.clock.advance(1_000)
    const told = entries.findIndex((entry) => entry.type === 'packet' && String(entry.data).includes('"said"'))
    expect(heard).toEqual([told + 1])
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted((a, b) => a - b))
  })

  test('that are empty are not told: they are signs of life', async () => {
    const here = stage()
    here.network.block('websocket')
    const { packets } = open(here)
    await here.clock.advance(60_000)
    expect(packets('down').filter(({ data }) => data.length === 0)).toEqual([])
  })
})

describe('secrets', () => {
  const auth = { token: 'the-token', lines: 'one\u2028"auth":two' }

  test('never leave the core: neither in what goes, nor in what comes, nor on a later carrier', async () => {
    const here = stage()
    const { entries, socket } = open(here, auth)
    await here.clock.advance(1_000)
    here.network.cut()
    await here.clock.advance(10_000)
    here.network.block('websocket')
    socket.reconnect()
    await here.clock.advance(10_000)
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'http-stream' })

    const spoken = here.trace.events.map(([, , , detail]) => String(detail)).join('\n')
    const secrets = [...spoken.matchAll(/"(?:session|nonce|life)":"([\w-]+)"/g)].map(([, secret]) => secret!)
    expect(new Set(secrets).size).toBeGreaterThanOrEqual(5)
    const told = entries
      .map((entry) => (entry.type === 'packet' ? String(entry.data) : JSON.stringify(entry)))
      .join('\n')
    expect([...secrets, 'the-token', 'one', 'two'].filter((secret) => told.includes(secret))).toEqual([])
  })

  test('are left out alone: all else stands', async () => {
    const here = stage()
    const { packets, socket } = open(here, auth)
    socket.send('say', { session: 'mine', auth: 'mine' })
    await here.clock.advance(1_000)
    const [hello, ...frames] = String(packets('up')[0]!.data).split('\n')
    expect(JSON.parse(hello!)).toEqual({
      hello: { session: '…', attempt: 1, nonce: '…', from: 1, got: 0, auth: '…' },
    })
    expect(frames).toEqual(['["say",{"session":"mine","auth":"mine"}]'])
    expect(JSON.parse(String(packets('down')[0]!.data))).toMatchObject({ welcome: { got: 0, from: 1, life: '…' } })
  })

  test.each([
    ['written otherwise', '{ "ack": 0, "welcome": { "life": "secret", "got": 0 } }'],
    ['sent back', '{"hello":{"session":"secret","auth":{"token":"secret"}}}'],
    ['sent back in a sentence', 'You said: {"hello":{"session":"secret"}}'],
    ['behind a separator', '\u2028{"hello":{"session":"secret"}}'],
  ])('%s, too', (_, line) => {
    const told: unknown[] = []
    tellPacket((entry) => told.push(entry), 'websocket', 'down', `["before"]\n${line}\n["after"]`)
    expect(JSON.stringify(told)).toMatch(/before.*….*after/)
    expect(JSON.stringify(told)).not.toContain('secret')
  })
})

test('the status is told at the beginning, and whenever it changes', async () => {
  const here = stage()
  const { entries, socket } = open(here)
  const seen: Status[] = []
  socket.status.subscribe((status) => seen.push(status))
  await here.clock.advance(1_000)
  here.network.cut()
  await here.clock.advance(1_000)
  await socket.close()
  const told = entries.filter((entry) => entry.type === 'status').map(({ status }) => status)
  expect(told[0]).toMatchObject({ state: 'idle' })
  // Who watches from outside begins a moment later.
  expect(told.slice(-seen.length)).toEqual(seen)
  expect(seen.map(({ state }) => state)).toEqual(expect.arrayContaining(['connecting', 'open', 'waiting', 'closed']))
})

test('a trace that throws is told, and harms nobody', async () => {
  const here = stage()
  const said: unknown[] = []
  const { socket, reported } = openPage(here, {
    trace: () => {
      throw new Error('mine')
    },
  })
  const errors: HoldfastError[] = []
  socket.onError((error) => errors.push(error))
  socket.on('said', (text) => said.push(text))
  socket.send('say', 'something')
  await here.clock.advance(1_000)
  expect(said).toEqual(['something'])
  expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(['The `trace` function threw: mine']))
  // The status of the beginning is told before anybody can listen.
  expect(reported.length).toBe(socket.errors['handler-failed'])
})

test('nobody who does not ask for it pays: carriers stay what they are', () => {
  const carrier = { transport: 'websocket', bufferedAmount: 0, send: () => {}, close: () => {} } as const
  expect(createTrace(undefined, stage().clock.view(), () => {})).toBeUndefined()
  expect(tapped(undefined, 'websocket', carrier)).toBe(carrier)
})

describe('a console', () => {
  test('gets a line of each packet, carrier and state', async () => {
    const here = stage()
    here.network.block('websocket')
    const debug = vi.fn<(line: string) => void>()
    const { socket } = openPage(here, { auth: 'the-token', trace: { debug } })
    await here.clock.advance(1_000)
    socket.send('say', 'ä'.repeat(100))
    socket.send('bytes', Uint8Array.of(255))
    await here.clock.advance(1_000)
    const lines = debug.mock.calls.map(([line]) => line)
    expect(lines.slice(0, 6)).toEqual([
      'holdfast idle',
      'holdfast websocket dial, out',
      'holdfast connecting',
      expect.stringMatching(/^holdfast websocket failed, dialing: No connection to ws:\/\/server\.test/),
      'holdfast http dial, out',
      'holdfast http claim, dialing',
    ])
    expect(lines[6]).toMatch(/^holdfast ↑ http \d+ B {"hello":{"session":"…","attempt":1,"nonce":"…"/)
    expect(lines).toContain('holdfast open')
    expect(lines).toContain(`holdfast ↑ http 210 B ["say","${'ä'.repeat(72)}`)
    expect(lines).toContain('holdfast ↑ http 16 B ["bytes",null] ÿ')
    expect(lines.join('\n')).not.toContain('the-token')
  })

  test('hears of no counter: those change with every message', () => {
    const debug = vi.fn<(line: string) => void>()
    const here = stage()
    const tell = createTrace({ debug }, here.clock.view(), () => {})!
    for (const queued of [1, 2]) tell({ type: 'status', status: { state: 'open', queued } as Status })
    expect(debug).toHaveBeenCalledOnce()
  })

  test('is an object that prints, and nothing else is', () => {
    expect(() => connect('ws://server.test', { trace: {} as Console })).toThrow(
      '`trace` must be a function or an object with `debug`.',
    )
  })
})
