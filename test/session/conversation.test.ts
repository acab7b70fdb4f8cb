import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import type { ConnectOptions, HoldfastError } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'
import { hello, rawClient, rawServer, type RawConnection, welcome } from '../tools/raw.ts'

interface Played {
  readonly here: World
  readonly tab: Tab
  readonly server: RawConnection[]
  readonly told: HoldfastError[]
}
/** A tab whose server is played by hand. */
const tabAlone = async (options: ConnectOptions = {}, change: object = {}): Promise<Played> => {
  const here = world({ client: () => options })
  const server = rawServer(here.network, (connection) => connection.say(welcome(change)))
  const told: HoldfastError[] = []
  here.tabs[0]!.socket.onError((error) => told.push(error))
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, server, told }
}

/** What a hostile or broken peer may say after the opening, and what it is called. */
const nonsense: [what: string, say: string | Uint8Array, code: string][] = [
  ['no JSON', '["say"', 'malformed-frame'],
  ['no frame', '[true,1]', 'malformed-frame'],
  ['a number alone', '42', 'malformed-frame'],
  ['an unknown control key', '{"future":1}', 'unknown-control'],
  ['a control key of every object', '{"__proto__":{"ack":1}}', 'unknown-control'],
  ['a control value of the wrong type', '{"ack":"1"}', 'malformed-frame'],
  ['an event that nobody listens to', '["nobody",1]', 'unknown-event'],
  ['an event with a prototype’s name', '["__proto__",1]', 'unknown-event'],
  ['another', '["constructor",1]', 'unknown-event'],
  ['a request that nobody handles', '["nobody",1,1]', 'unknown-request'],
  ['a request with a prototype’s name', '["toString",1,1]', 'unknown-request'],
  [
    'a hundred unknown control keys',
    `{${Array.from({ length: 100 }, (_, i) => `"k${i}":0`).join()}}`,
    'unknown-control',
  ],
  ['bytes that are none', new Uint8Array([1, 2, 3]), 'malformed-frame'],
  [
    'half a character',
    Buffer.concat([Buffer.from('["'), Buffer.from([0xe6, 0xbc]), Buffer.from('",null]\n')]),
    'malformed-frame',
  ],
  ['a nest of brackets', '['.repeat(50_000), 'malformed-frame'],
  ['data that its schema refuses', '["checked","no number"]', 'invalid-payload'],
]
const schema = { checked: v.number() }

describe.each(nonsense)('%s', (_, say, code) => {
  test('from a server is counted and told, and the connection survives; nothing else is lost', async () => {
    const { here, tab, server, told } = await tabAlone({ schema })
    const heard: unknown[] = []
    tab.socket.on('tick', (data) => heard.push(data))
    tab.socket.on('checked', (data) => heard.push(data))
    server[0]!.say(['tick', 1])
    server[0]!.send(say)
    server[0]!.say(['tick', 2])
    tab.socket.send('say', 'still here')
    await here.clock.advance(500)
    expect(heard).toEqual([1, 2])
    expect(tab.socket.errors).toEqual({ [code]: 1 })
    expect(told.map((error) => error.code)).toEqual([code])
    expect(server[0]!.lines).toContainEqual(['say', 'still here'])
    expect([tab.socket.status.get().state, tab.network.dials, tab.reported]).toEqual(['open', 1, []])
  })

  test('from a client, too', async () => {
    const heard: unknown[] = []
    const here = world({
      clients: 0,
      server: { schema },
      serve: (core) =>
        void core.on('session', (session) => {
          session.on('tick', (data) => heard.push(data))
          session.on('checked', (data) => heard.push(data))
        }),
    })
    const client = rawClient(here.network)
    await here.clock.advance(200)
    client.say(hello(), ['tick', 1])
    client.send(say)
    client.say(['tick', 2])
    await here.clock.advance(500)
    expect(heard).toEqual([1, 2])
    expect(here.server.core.errors).toEqual({ [code]: 1 })
    expect([client.closed, here.server.core.sessions.size]).toEqual([undefined, 1])
  })
})

describe('a codec', () => {
  /** Dates and big numbers, in JSON. */
  const codec = {
    encode: (value: unknown) =>
      value instanceof Date ? { at: value.getTime() } : typeof value === 'bigint' ? { big: `${value}` } : { is: value },
    decode: (value: unknown) => {
      const { at, big, is } = value as { at?: number; big?: string; is?: unknown }
      return at !== undefined ? new Date(at) : big !== undefined ? BigInt(big) : is
    },
  }

  test('turns what both sides say into what the wire carries, and back', async () => {
    const here = world({
      client: () => ({ codec }),
      server: { codec },
      serve: (core) =>
        void core.on('session', (session) => {
          session.join('all')
          session.on('at', (data) => core.to('all').send('at', data))
          session.handle('double', (data) => (data as bigint) * 2n)
          session.handleStream('count', () => [1n, 2n])
        }),
    })
    const { socket } = here.tabs[0]!
    const heard: unknown[] = []
    socket.on('at', (data) => heard.push(data))
    socket.send('at', new Date(5))
    const items: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const item of socket.stream('count')) items.push(item)
    }
    const [doubled] = await Promise.all([socket.request('double', 21n), read(), here.clock.advance(1_000)])
    expect([heard, doubled, items]).toEqual([[new Date(5)], 42n, [1n, 2n]])
  })

  test('shows data in doubt as the application gave it', async () => {
    const { here, tab, server } = await tabAlone({ codec })
    const inDoubt: unknown[] = []
    tab.socket.onLost((lost) => inDoubt.push(...lost.inDoubt.map(({ data }) => data)))
    tab.socket.send('at', new Date(5))
    await here.clock.advance(100)
    server[0]!.say({ bye: { code: 4410 } })
    await here.clock.advance(100)
    expect(inDoubt).toEqual([new Date(5)])
  })

  test('that cannot read what came is told as that, once a message', async () => {
    const broken = {
      encode: (value: unknown) => value,
      decode: () => {
        throw new Error('no')
      },
    }
    const { here, tab, server, told } = await tabAlone({ codec: broken })
    tab.socket.on('tick', () => {})
    const asked = tab.socket.request('ask', 1).catch((error: unknown) => error)
    server[0]!.say(['tick', 1], [1, 'answer'])
    await here.clock.advance(100)
    expect(await asked).toMatchObject({ code: 'invalid-payload' })
    expect(told.map(({ code, cause }) => [code, (cause as Error).message])).toEqual([['invalid-payload', 'no']])
  })
})

describe('a message over the server’s limit', () => {
  const tooLarge = expect.objectContaining({ code: 'too-large' }) as unknown

  test('throws at the call once the limit is known, and is not sent', async () => {
    const { here, tab, server } = await tabAlone({}, { limit: 1_000 })
    const big = '漢'.repeat(331)
    expect(() => tab.socket.send('say', big)).toThrow(tooLarge)
    expect(() => tab.socket.send('say', big, { volatile: true })).toThrow(tooLarge)
    await expect(tab.socket.request('ask', big)).rejects.toEqual(tooLarge)
    tab.socket.send('say', '漢'.repeat(330))
    await here.clock.advance(100)
    expect(server[0]!.lines.slice(1)).toEqual([['say', '漢'.repeat(330)]])
    expect(tab.socket.status.get().state).toBe('open')
  })

  test('that was sent before is dropped and told, and what is behind it goes out', async () => {
    const here = world()
    const { socket } = here.tabs[0]!
    const server = rawServer(here.network, (connection) => connection.say(welcome({ limit: 70_000 })))
    const told: string[] = []
    socket.onError(({ code, message }) => told.push(`${code}: ${message}`))
    socket.send('say', 'x'.repeat(80_000))
    const asked = socket.request('ask', 'x'.repeat(80_000)).catch((error: unknown) => error)
    socket.send('say', 'small')
    await here.clock.advance(500)
    expect(await asked).toEqual(tooLarge)
    expect(told).toEqual([
      'too-large: A message of 80010 bytes is over the 70000 that the other side takes. Split it, or send a Blob.',
      'too-large: A message of 80012 bytes is over the 70000 that the other side takes. Split it, or send a Blob.',
    ])
    expect(server[0]!.lines.slice(1)).toEqual([['say', 'small']])
  })
})

describe('a full outbox', () => {
  test('throws at the call, says what to do, and nothing that was taken is dropped', async () => {
    const here = world({
      clients: 0,
      serve: (core) => void core.on('session', (s) => void s.on('say', (n) => said.push(n))),
    })
    const said: unknown[] = []
    here.network.fate('refuse')
    const { socket } = here.open('a', { outbox: { maxMessages: 3 } })
    for (const number of [1, 2, 3]) socket.send('say', number)
    expect(() => socket.send('say', 4)).toThrow(expect.objectContaining({ code: 'overflow' }))
    expect(() => socket.send('say', 4)).toThrow('outbox.maxMessages')
    await expect(socket.request('ask')).rejects.toMatchObject({ code: 'overflow' })
    here.network.fate('open')
    await Promise.all([socket.flush(), here.clock.advance(10_000)])
    socket.send('say', 4)
    await here.clock.advance(1_000)
    expect(said).toEqual([1, 2, 3, 4])
  })

  test('is measured in bytes, too', () => {
    const here = world({ client: () => ({ outbox: { maxBytes: 100 } }) })
    here.tabs[0]!.socket.send('say', '漢'.repeat(20))
    expect(() => here.tabs[0]!.socket.send('say', '漢'.repeat(20))).toThrow(
      expect.objectContaining({ code: 'overflow' }),
    )
  })

  test('has room for answers all the same', async () => {
    const { here, tab, server } = await tabAlone({ outbox: { maxMessages: 1 } })
    tab.socket.handle('confirm', () => true)
    tab.socket.send('say', 1)
    server[0]!.say(['confirm', null, 1])
    await here.clock.advance(100)
    expect(server[0]!.lines).toContainEqual([1, true])
  })
})
