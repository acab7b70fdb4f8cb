import { type WireMessage, plain } from 'holdfast/wire'
import { describe, expect, test } from 'vitest'

const understood = (wire: ReturnType<typeof plain>, message: unknown): unknown => wire.decode(JSON.stringify(message))

/** Without what is undefined. */
const bare = (message: unknown): unknown => JSON.parse(JSON.stringify(message))

describe('without options', () => {
  const wire = plain()

  test.each<[WireMessage, unknown]>([
    [
      { name: 'say', data: { text: 'hi' } },
      { type: 'say', text: 'hi' },
    ],
    [{ name: 'leave' }, { type: 'leave' }],
    [{ name: 'say', data: { type: 'other' } }, { type: 'say' }],
    [
      { name: 'ask', data: { a: 1 }, id: 7 },
      { type: 'ask', a: 1, id: 7 },
    ],
    [
      { id: 'q', data: { b: 2 }, isAnswer: true },
      { id: 'q', b: 2 },
    ],
    [
      { id: 'q', error: { code: 'busy', message: 'later' } },
      { id: 'q', error: { code: 'busy', message: 'later' } },
    ],
  ])('%o is written as %o', (message, written) => {
    expect(JSON.parse(wire.encode(message) as string)).toEqual(written)
  })

  test.each([[1], ['text'], [[1, 2]], [true]])('%o has no fields to stand beside the type', (data) => {
    expect(() => wire.encode({ name: 'say', data })).toThrow('name a field for it')
  })

  test('the data of what comes is the whole message', () => {
    expect(understood(wire, { type: 'a', id: 3, x: 1 })).toEqual({
      name: 'a',
      id: 3,
      data: { type: 'a', id: 3, x: 1 },
    })
  })

  test('bytes are read as the text that they are', () => {
    expect(wire.decode(new TextEncoder().encode('{"type":"ü"}'))).toMatchObject({ name: 'ü' })
  })
})

describe('with an envelope of the server’s', () => {
  test('fields by other names', () => {
    const wire = plain({ type: 'event', data: 'payload', id: 'ref', error: 'reason' })
    const message = { name: 'join', data: [1], id: 2 }
    const written = wire.encode(message) as string
    expect(JSON.parse(written)).toEqual({ event: 'join', payload: [1], ref: 2 })
    expect(bare(wire.decode(written))).toEqual(message)
    expect(understood(wire, { ref: 2, reason: 'full' })).toMatchObject({ id: 2, error: 'full' })
  })

  // As Kraken's, version 2.
  test('functions, where it depends', () => {
    const wire = plain({
      type: ({ channel, method }) => (channel ?? method) as string | undefined,
      data: ({ data, result }) => data ?? result,
      id: ({ req_id }) => req_id as number | undefined,
      compose: ({ name, data, id }) => ({ method: name, params: data, req_id: id }),
      isAnswer: (message) => 'success' in message,
      ping: { method: 'ping' },
      isPong: ({ method }) => method === 'pong',
    })
    expect(JSON.parse(wire.encode({ name: 'subscribe', data: { channel: 'trade' }, id: 1 }) as string)).toEqual({
      method: 'subscribe',
      params: { channel: 'trade' },
      req_id: 1,
    })
    expect(understood(wire, { method: 'subscribe', success: true, result: 'ok', req_id: 1 })).toMatchObject({
      id: 1,
      data: 'ok',
      isAnswer: true,
    })
    expect(understood(wire, { channel: 'trade', data: [5] })).toMatchObject({
      name: 'trade',
      data: [5],
      isAnswer: false,
    })
    expect(understood(wire, { method: 'pong' })).toEqual({ isPong: true })
    expect(wire.ping!()).toBe('{"method":"ping"}')
  })

  test('a language of its own', () => {
    const wire = plain({
      parse: (data) => String(data).split(' '),
      stringify: (message) => (message as string[]).join(' '),
      type: ([first]) => first,
      data: ([, second]) => second,
      compose: ({ name, data }) => [name, data],
      ping: () => ['ping', 'now'],
    })
    expect([wire.encode({ name: 'NICK', data: 'ann' }), wire.ping!()]).toEqual(['NICK ann', 'ping now'])
    expect(wire.decode('MSG hello')).toMatchObject({ name: 'MSG', data: 'hello' })
  })

  test('numbers for types', () => {
    expect(understood(plain({ type: 'op' }), { op: 10 })).toMatchObject({ name: '10' })
  })
})
