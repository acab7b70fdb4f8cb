/** What https://www.jsonrpc.org/specification says, clause by clause. */
import { type RequestError, jsonRpc } from 'holdfast/wire'
import { describe, expect, test } from 'vitest'
import { outcome, stage } from './stage.ts'

const written = (wire = jsonRpc()) => ({
  encode: (message: Parameters<typeof wire.encode>[0]): unknown => {
    const text = wire.encode(message)
    return text === undefined ? undefined : (JSON.parse(text as string) as unknown)
  },
})

describe('what is sent', () => {
  test.each([
    ['a notification', { name: 'n', data: { a: 1 } }, { jsonrpc: '2.0', method: 'n', params: { a: 1 } }],
    ['one without params', { name: 'n' }, { jsonrpc: '2.0', method: 'n' }],
    ['a request', { name: 'r', data: [1], id: 1 }, { jsonrpc: '2.0', method: 'r', params: [1], id: 1 }],
    ['an answer', { id: 'x', data: 5, isAnswer: true }, { jsonrpc: '2.0', id: 'x', result: 5 }],
    ['an answer of nothing', { id: 'x', isAnswer: true }, { jsonrpc: '2.0', id: 'x', result: null }],
  ])('%s', (_, message, expected) => {
    expect(written().encode(message)).toEqual(expected)
  })

  test.each([
    ['unknown-request', { code: -32_601, message: 'm' }],
    ['handler-failed', { code: -32_603, message: 'm' }],
    ['-5', { code: -5, message: 'm' }],
    ['busy', { code: -32_000, message: 'm', data: 'busy' }],
  ])('a failure, %s', (code, error) => {
    expect(written().encode({ id: 1, error: { code, message: 'm' }, isAnswer: true })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error,
    })
  })

  test.each([5, 'text', null, true])('no `params` but objects and arrays: %o', (data) => {
    expect(() => jsonRpc().encode({ name: 'n', data })).toThrow('an object or an array')
  })

  test('in batches, if the server takes them', async () => {
    const here = stage({ wire: jsonRpc({ batch: true }) })
    here.socket.send('a')
    const [one, two] = [outcome(here.socket.request('b')), here.socket.request('c')]
    await here.pass()
    expect(here.peer.got).toEqual([
      [
        { jsonrpc: '2.0', method: 'a' },
        { jsonrpc: '2.0', method: 'b', id: 1 },
        { jsonrpc: '2.0', method: 'c', id: 2 },
      ],
    ])
    here.peer.say([
      { jsonrpc: '2.0', id: 2, result: 'two' },
      { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } },
    ])
    await here.pass()
    expect([await one, await two]).toEqual(['request-failed', 'two'])
  })
})

describe('what comes', () => {
  test('notifications are events, failures tell their code', async () => {
    const here = stage({ wire: jsonRpc() }, ({ id }) =>
      id === undefined ? undefined : { jsonrpc: '2.0', id, error: { code: -32_602, message: 'bad', data: [1] } },
    )
    const got: unknown[] = []
    here.socket.on('n', (data) => got.push(data))
    const failed = here.socket.request('r').catch((error: unknown) => error)
    await here.pass()
    here.peer.say({ jsonrpc: '2.0', method: 'n', params: [7] })
    // Some say so with an id that is null.
    here.peer.say({ jsonrpc: '2.0', method: 'n', params: [8], id: null })
    await here.pass()
    const error = (await failed) as RequestError
    expect(got).toEqual([[7], [8]])
    expect([error.reason, error.message, error.cause]).toEqual([
      '-32602',
      'bad',
      { code: -32_602, message: 'bad', data: [1] },
    ])
    expect(here.errors).toEqual([])
  })

  test('requests are answered, though their ids are those of this side too', async () => {
    const here = stage({ wire: jsonRpc() })
    here.socket.handle('add', (input) => (input as number[]).reduce((a, b) => a + b))
    const asked = here.socket.request('slow')
    await here.pass()
    here.peer.say({ jsonrpc: '2.0', method: 'add', params: [1, 2], id: 1 })
    await here.pass()
    here.peer.say({ jsonrpc: '2.0', result: 'done', id: 1 })
    await here.pass()
    expect([here.peer.got[1], await asked]).toEqual([{ jsonrpc: '2.0', id: 1, result: 3 }, 'done'])
  })

  test('a request that nobody handles is answered so', async () => {
    const here = stage({ wire: jsonRpc() })
    await here.pass()
    here.peer.say({ jsonrpc: '2.0', method: 'what', id: 1 })
    await here.pass()
    expect(here.peer.got).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: -32_601, message: 'Nobody handles "what".' } },
    ])
    expect(here.socket.errors).toEqual({ 'unknown-request': 1 })
  })

  test('what comes in a batch is answered in one, when all is there', async () => {
    const here = stage({ wire: jsonRpc() })
    const answers: ((value: unknown) => void)[] = []
    here.socket.handle('later', () => new Promise((resolve) => answers.push(resolve)))
    here.socket.handle('now', () => 'now')
    here.socket.on('n', () => {})
    await here.pass()
    here.peer.say([
      { jsonrpc: '2.0', method: 'later', id: 1 },
      { jsonrpc: '2.0', method: 'n' },
      { jsonrpc: '2.0', method: 'now', id: 2 },
      { jsonrpc: '2.0', method: 'nobody', id: 3 },
    ])
    await here.pass()
    expect(here.peer.got).toEqual([])
    answers[0]!('at last')
    await here.pass()
    expect(here.peer.got).toMatchObject([
      [
        { id: 2, result: 'now' },
        { id: 3, error: { code: -32_601 } },
        { id: 1, result: 'at last' },
      ],
    ])
  })

  test('a batch of notifications has no answer; one of one request is one', async () => {
    const here = stage({ wire: jsonRpc() })
    here.socket.on('n', () => {})
    here.socket.handle('now', () => 1)
    await here.pass()
    here.peer.say([{ jsonrpc: '2.0', method: 'n' }])
    here.peer.say([{ jsonrpc: '2.0', method: 'now', id: 'a' }])
    await here.pass()
    expect(here.peer.got).toEqual([[{ jsonrpc: '2.0', id: 'a', result: 1 }]])
  })

  test.each(['[]', '[1, null]', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}', '"x"'])(
    '%s is counted',
    async (text) => {
      const here = stage({ wire: jsonRpc() })
      await here.pass()
      here.peer.say(text)
      await here.pass()
      expect(Object.keys(here.socket.errors)).toEqual(['malformed-frame'])
      expect(here.state).toBe('open')
    },
  )
})

test('a heartbeat is a request whose answer nobody else hears', async () => {
  const answer = ({ id, method }: Record<string, unknown>): unknown =>
    method === 'rpc.ping' ? { jsonrpc: '2.0', id, error: { code: -32_601, message: 'unknown' } } : undefined
  const here = stage({ wire: jsonRpc({ ping: 'rpc.ping' }), heartbeat: { idle: 1_000, timeout: 1_000 } }, answer)
  await here.pass(10_000)
  expect([here.peers.length, here.errors, here.socket.status.get().latency! > 0]).toEqual([1, [], true])
})
