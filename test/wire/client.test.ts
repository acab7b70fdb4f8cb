import { HoldfastError, RequestError, connect, jsonRpc, plain } from 'holdfast/wire'
import { describe, expect, test } from 'vitest'
import { seededRandom, virtualClock, virtualLifecycle } from 'holdfast/testing'
import { CONNECT_DEFAULTS } from '../../src/options.ts'
import { createWireSocket } from '../../src/wire/connect.ts'
import { WIRE_DEFAULTS } from '../../src/wire/options.ts'
import { watchedSignal } from '../tools/watched-signal.ts'
import { outcome, stage } from './stage.ts'

/** Answers every message that has an id with its data. */
const echo = (message: Record<string, unknown>): unknown => message['id'] && { id: message['id'], echo: message }

describe('events', () => {
  test('go out in order, and come in by name', async () => {
    const here = stage()
    const got: unknown[] = []
    here.socket.on('tick', (data) => got.push(data))
    here.socket.send('subscribe', { channel: 'a' })
    here.socket.send('subscribe', { channel: 'b' })
    await here.pass()
    here.peer.say({ type: 'tick', price: 1 })
    here.peer.say({ type: 'tick', price: 2 })
    await here.pass()
    expect(here.peer.got).toEqual([
      { channel: 'a', type: 'subscribe' },
      { channel: 'b', type: 'subscribe' },
    ])
    expect(got).toEqual([
      { type: 'tick', price: 1 },
      { type: 'tick', price: 2 },
    ])
    expect(here.errors).toEqual([])
  })

  test('that nobody listens to are counted', async () => {
    const here = stage()
    await here.pass()
    here.peer.say({ type: 'noise' })
    await here.pass()
    expect(here.socket.errors).toEqual({ 'unknown-event': 1 })
    expect(here.errors[0]!.message).toContain('"noise"')
  })

  test('a listener that throws harms no other, and is reported', async () => {
    const here = stage()
    const got: unknown[] = []
    const bug = new Error('bug')
    here.socket.on('a', () => {
      throw bug
    })
    here.socket.on('a', (data) => got.push(data))
    await here.pass()
    here.peer.say({ type: 'a' })
    await here.pass()
    expect([got.length, here.reported, here.socket.errors]).toEqual([1, [bug], { 'handler-failed': 1 }])
  })
})

describe('a connection that breaks', () => {
  test('comes back, and what was said meanwhile goes out in order, once', async () => {
    const here = stage()
    await here.pass()
    const restore = here.down()
    await here.pass()
    for (const n of [1, 2, 3]) here.socket.send('say', { n })
    expect(here.socket.status.get()).toMatchObject({ state: 'waiting', queued: 3 })
    await here.pass(5_000)
    restore()
    await here.pass(30_000)
    expect(here.state).toBe('open')
    expect(here.peer.got).toEqual([1, 2, 3].map((n) => ({ n, type: 'say' })))
    expect(here.socket.status.get().queued).toBe(0)
  })

  test('says why, and when it tries again', async () => {
    const here = stage({ backoff: { base: 4_000, jitter: 0 } })
    await here.pass()
    here.peer.close(4000, 'bad day')
    await here.pass(100)
    const { state, retryAt, attempt, cause } = here.socket.status.get()
    expect([state, attempt, cause?.code]).toEqual(['waiting', 1, 'unreachable'])
    expect(cause?.message).toContain('bad day')
    expect(retryAt! - here.clock.now()).toBeCloseTo(4_000 - 80, -2)
  })

  test('is final after a code that is, and everything ends', async () => {
    const here = stage()
    await here.pass()
    const asked = outcome(here.socket.request('x'))
    await here.pass()
    here.peer.close(4403, 'banned')
    await here.pass()
    expect([here.state, await asked, here.client.held, here.view.pending]).toEqual(['closed', 'closed', 0, 0])
    expect(() => here.socket.send('y')).toThrow('banned')
    here.socket.reconnect()
    await here.pass()
    expect(here.client.dials).toBe(1)
  })

  test('ends or goes on as `shouldReconnect` says', async () => {
    const asked: unknown[] = []
    const shouldReconnect = (close: { code: number; reason: string }): boolean => {
      asked.push(close)
      return close.code === 4403
    }
    const here = stage({ shouldReconnect })
    await here.pass()
    here.peer.close(4403, 'no')
    await here.pass(60_000)
    expect(here.state).toBe('open')
    here.peer.close(1000, 'enough')
    await here.pass()
    expect(here.state).toBe('closed')
    expect(asked).toEqual([
      { code: 4403, reason: 'no' },
      { code: 1000, reason: 'enough' },
    ])
  })

  test('goes on by the code where `shouldReconnect` throws', async () => {
    const bug = new Error('bug')
    const here = stage({
      shouldReconnect() {
        throw bug
      },
    })
    await here.pass()
    here.peer.close(1000)
    await here.pass(60_000)
    expect([here.state, here.reported]).toEqual(['open', [bug]])
  })

  test('waits longer each time, if nothing is said on it', async () => {
    const here = stage({ backoff: { jitter: 0 } })
    await here.pass()
    here.peer.say({ type: 'noise' })
    await here.pass(100)
    const until = here.clock.now() + 20_000
    let last: unknown
    while (here.clock.now() < until) {
      if (last !== here.peer) here.peer.close(4000)
      last = here.peer
      await here.pass(100)
    }
    // After 1, 2, 4 and 8 seconds.
    expect(here.peers.length).toBeLessThanOrEqual(6)
  })

  test('waits for the network, and for the page', async () => {
    const here = stage()
    await here.pass()
    here.client.offline()
    await here.pass()
    expect(here.socket.status.get()).toMatchObject({ state: 'paused', pausedBy: 'offline' })
    here.client.online()
    await here.pass()
    expect(here.state).toBe('open')
    here.lifecycle.happen('freeze')
    await here.pass()
    expect([here.state, here.peers.at(-1)!.closed, here.client.held]).toEqual(['paused', 1000, 0])
    here.lifecycle.happen('wake')
    await here.pass()
    expect(here.state).toBe('open')
  })
})

test('a page that may be about to go keeps its connection', async () => {
  const here = stage()
  await here.pass()
  here.lifecycle.happen('leave')
  await here.pass()
  expect([here.state, here.peers.length]).toEqual(['open', 1])
})

test('the status is told when it changes, and only then', async () => {
  const here = stage()
  const told: string[] = []
  here.socket.status.subscribe(({ state, queued }) => told.push(`${state} ${queued}`))
  here.socket.on('tick', () => {})
  await here.pass()
  here.peer.say({ type: 'tick' })
  here.socket.send('say')
  await here.pass()
  expect(told).toEqual(['connecting 0', 'open 0'])
})

describe('onOpen', () => {
  test('authenticates, then subscribes, then the queue goes', async () => {
    const here = stage(
      {
        async onOpen({ request, send }) {
          await request('login', { token: 't' })
          send('subscribe', { channel: 'a' })
        },
      },
      echo,
    )
    here.socket.send('order', { n: 1 })
    await here.pass()
    here.network.cut()
    await here.pass(50)
    here.socket.send('order', { n: 2 })
    await here.pass(10_000)
    expect(here.peers.map(({ got }) => got.map((message) => (message as { type: string }).type))).toEqual([
      ['login', 'subscribe', 'order'],
      ['login', 'subscribe', 'order'],
    ])
  })

  test('is connecting as long as it lasts, and a try that hangs in it is given up', async () => {
    const here = stage({ onOpen: ({ request }) => request('login'), connectTimeout: 5_000, backoff: { jitter: 0 } })
    await here.pass(4_000)
    expect(here.state).toBe('connecting')
    await here.pass(1_500)
    expect(here.socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'timeout' } })
    await here.pass(1_000)
    expect([here.state, here.client.held]).toEqual(['connecting', 1])
  })

  test.each([
    [new Error('no token'), 'provider-failed', 'waiting'],
    [new HoldfastError('forbidden', 'not you'), 'forbidden', 'closed'],
  ])('that throws %s ends the try', async (error, code, state) => {
    const here = stage({
      onOpen() {
        throw error
      },
      backoff: { jitter: 0 },
    })
    await here.pass(500)
    expect(here.socket.status.get()).toMatchObject({ state, cause: { code } })
    expect(here.peer.got).toEqual([])
  })

  test('`unauthorized` asks once more, with another token perhaps, then closes', async () => {
    const attempts: number[] = []
    const here = stage({
      async onOpen({ attempt }) {
        attempts.push(attempt)
        throw new HoldfastError('unauthorized', 'token expired')
      },
    })
    await here.pass(60_000)
    expect([here.state, attempts]).toEqual(['closed', [1, 2]])
  })

  test('asks on its own connection, and on no other', async () => {
    const here = stage({
      onOpen: ({ request }) => (here.peers.length === 1 ? request('login', {}, { idempotent: true }) : undefined),
    })
    await here.pass()
    here.network.cut()
    await here.pass(30_000)
    expect([here.state, here.peers.map(({ got }) => got.length)]).toEqual(['open', [1, 0]])
  })

  test('of a connection that is over can say nothing any more', async () => {
    let late: (() => void) | undefined
    const here = stage({
      onOpen({ send, signal }) {
        late ??= () => send('late')
        return new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    })
    await here.pass()
    here.network.cut()
    await here.pass(60_000)
    expect(late).toThrow('aborted')
    expect(here.peers.flatMap(({ got }) => got)).toEqual([])
  })
})

describe('requests', () => {
  test('have their answer, whatever comes first', async () => {
    const here = stage({}, ({ id, wait }, peer) => {
      if (wait) return undefined
      peer.say({ id, result: 'late one' })
      peer.say({ id: (id as number) - 1, result: 'first one' })
      return undefined
    })
    const first = here.socket.request('a', { wait: true })
    const second = here.socket.request('b')
    await here.pass()
    expect([await first, await second]).toEqual([
      { id: 1, result: 'first one' },
      { id: 2, result: 'late one' },
    ])
  })

  test('that fail reject with what the server says', async () => {
    const here = stage({ wire: plain({ data: 'data' }) }, ({ id }) => ({
      id,
      error: { code: 7, message: 'no funds', left: 3 },
    }))
    const failure = here.socket.request('buy').catch((error: unknown) => error)
    await here.pass()
    const error = (await failure) as RequestError
    expect(error).toBeInstanceOf(RequestError)
    expect([error.code, error.reason, error.message]).toEqual(['request-failed', '7', 'no funds'])
    expect(error.cause).toEqual({ code: 7, message: 'no funds', left: 3 })
  })

  test.each([
    ['full', 'error', 'full'],
    [{ message: 7 }, 'error', '7'],
    [{ code: {}, message: null }, 'error', 'The server did not say why.'],
    [{ toString: 'type' }, 'error', 'The server did not say why.'],
    [true, 'error', 'The server did not say why.'],
  ])('that fail with %o are told so', async (said, reason, message) => {
    const here = stage({}, ({ id }) => ({ id, error: said }))
    const failure = here.socket.request('buy').catch((caught: unknown) => caught)
    await here.pass()
    expect(await failure).toMatchObject({ code: 'request-failed', reason, message, cause: said })
  })

  test('time out, and may be withdrawn: on their way, or before they went', async () => {
    const here = stage({ requestTimeout: 2_000 })
    const timedOut = outcome(here.socket.request('a'))
    const aborted = new AbortController()
    const withdrawn = here.socket.request('b', undefined, { signal: aborted.signal }).catch((error: unknown) => error)
    const unsent = new AbortController()
    const before = here.socket.request('c', undefined, { signal: unsent.signal }).catch((error: unknown) => error)
    unsent.abort('changed my mind')
    await here.pass(500)
    aborted.abort('enough')
    await here.pass(2_000)
    expect([await timedOut, await withdrawn, await before]).toEqual(['timeout', 'enough', 'changed my mind'])
    expect(here.peer.got.map((message) => (message as { type: string }).type)).toEqual(['a', 'b'])
    // A late answer is nobody's fault.
    here.peer.say({ id: 1 })
    await here.pass()
    expect(here.errors).toEqual([])
  })

  test('that timed out while there was no connection do not go out later', async () => {
    const here = stage({ requestTimeout: 2_000 })
    await here.pass()
    const restore = here.down()
    await here.pass()
    const asked = outcome(here.socket.request('a'))
    await here.pass(10_000)
    restore()
    await here.pass(60_000)
    expect([await asked, here.state, here.peer.got]).toEqual(['timeout', 'open', []])
  })

  test('are in doubt when the connection breaks, and asked again if that does no harm', async () => {
    const here = stage({}, (message, peer) => (here.peers.length > 1 ? echo(message) : void peer))
    const doubted = outcome(here.socket.request('buy'))
    const again = here.socket.request('price', undefined, { idempotent: true })
    const waiting = here.socket.status.get().queued
    await here.pass()
    here.network.cut()
    await here.pass(30_000)
    expect([waiting, await doubted]).toEqual([2, 'in-doubt'])
    expect(await again).toMatchObject({ echo: { type: 'price' } })
    expect(here.peers[1]!.got).toHaveLength(1)
  })

  test('that are asked again are so once, however often the connection breaks', async () => {
    const here = stage({ onOpen: () => (here.peers.length === 2 ? new Promise(() => {}) : undefined) }, (message) =>
      here.peers.length > 2 ? echo(message) : undefined,
    )
    const asked = here.socket.request('price', undefined, { idempotent: true })
    await here.pass()
    here.network.cut()
    await here.pass(3_000)
    here.network.cut()
    await here.pass(30_000)
    expect(await asked).toMatchObject({ echo: { type: 'price' } })
    expect([here.peers.map(({ got }) => got.length), here.socket.bufferedAmount]).toEqual([[1, 0, 1], 0])
  })

  test('have answers that say what they answer, too', async () => {
    const here = stage({}, ({ id, type }) => ({ id, type, isWelcome: true }))
    const asked = here.socket.request('login')
    await here.pass()
    expect([await asked, here.errors]).toEqual([{ id: 1, type: 'login', isWelcome: true }, []])
  })

  test('that wait go out on the next connection', async () => {
    const here = stage({}, echo)
    await here.pass()
    const restore = here.down()
    await here.pass()
    const asked = here.socket.request('price')
    restore()
    await here.pass(29_000)
    expect(await asked).toMatchObject({ echo: { type: 'price' } })
  })
})

describe('the server asks', () => {
  const wire = plain({ data: 'data' })

  test('and is answered', async () => {
    const here = stage({ wire })
    here.socket.handle('add', (input) => {
      const [a, b] = input as [number, number]
      return a + b
    })
    await here.pass()
    here.peer.say({ type: 'add', id: 'q1', data: [2, 3] })
    await here.pass()
    expect(here.peer.got).toEqual([{ id: 'q1', data: 5 }])
  })

  test.each([
    [new RequestError('busy', 'come back'), { code: 'busy', message: 'come back' }],
    [new Error('secret'), { code: 'handler-failed', message: 'The handler of "add" failed.' }],
  ])('and hears of %s what it may read', async (error, told) => {
    const here = stage({ wire })
    here.socket.handle('add', () => {
      throw error
    })
    await here.pass()
    here.peer.say({ type: 'add', id: 1 })
    await here.pass()
    expect(here.peer.got).toEqual([{ id: 1, error: told }])
  })

  test('and hears so if the answer cannot be said', async () => {
    const here = stage({ wire })
    here.socket.handle('add', () => 5n)
    await here.pass()
    here.peer.say({ type: 'add', id: 1 })
    await here.pass()
    expect(here.peer.got).toMatchObject([{ id: 1, error: { code: 'handler-failed' } }])
  })

  test('and nobody hears the answer on another connection', async () => {
    const here = stage({ wire })
    const aborted: unknown[] = []
    let answer = (): void => {}
    here.socket.handle('add', (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(1))
      return new Promise<void>((resolve) => {
        answer = resolve
      })
    })
    await here.pass()
    here.peer.say({ type: 'add', id: 1 })
    await here.pass()
    here.network.cut()
    await here.pass(30_000)
    answer()
    await here.pass()
    expect([here.state, here.peer.got, aborted]).toEqual(['open', [], [1]])
  })
})

describe('heartbeat', () => {
  const wire = plain({ ping: { type: 'ping' }, isPong: (message) => message['type'] === 'pong' })
  const pong = (message: Record<string, unknown>): unknown =>
    message['type'] === 'ping' ? { type: 'pong' } : undefined

  test('finds a dead connection, and keeps its answers to itself', async () => {
    const here = stage({ wire, heartbeat: { idle: 10_000, timeout: 5_000 } }, pong)
    await here.pass(35_000)
    expect([here.peer.got.length, here.errors]).toEqual([3, []])
    expect(here.socket.status.get().latency).toBeCloseTo(40, -1)
    here.link.halfOpen()
    await here.pass(25_000)
    expect([here.state, here.peers.length, here.client.held]).toEqual(['open', 2, 1])
  })

  test('takes any message for a sign of life', async () => {
    const here = stage({ wire, heartbeat: { idle: 10_000, timeout: 5_000 } }, () => ({ type: 'whatever' }))
    await here.pass(60_000)
    expect(here.peers).toHaveLength(1)
  })

  test('asks at once when the page is back', async () => {
    const here = stage({ wire }, pong)
    await here.pass()
    here.lifecycle.happen('wake')
    await here.pass()
    expect(here.peer.got).toEqual([{ type: 'ping' }])
  })

  test('there is none without a ping', async () => {
    const here = stage({ heartbeat: { idle: 1_000, timeout: 1_000 } })
    await here.pass(60_000)
    expect([here.peers.length, here.peer.got]).toEqual([1, []])
  })

  test('a ping that throws is reported', async () => {
    const bug = new Error('bug')
    const throwing = plain({
      ping() {
        throw bug
      },
    })
    const here = stage({ wire: throwing, heartbeat: { idle: 1_000 } })
    await here.pass(2_000)
    expect(here.reported).toEqual([bug])
  })
})

describe('bad input', () => {
  test.each([
    ['no JSON', 'malformed-frame'],
    ['null', 'malformed-frame'],
    ['5', 'malformed-frame'],
    ['"text"', 'malformed-frame'],
    ['[]', 'malformed-frame'],
    ['{}', 'malformed-frame'],
    ['{"error":"you have been bad"}', 'malformed-frame'],
    ['{"type":5}', 'unknown-event'],
    ['{"type":{"toString":1}}', 'malformed-frame'],
    ['{"type":"__proto__"}', 'unknown-event'],
    ['{"type":"constructor","id":"__proto__"}', 'unknown-event'],
    ['{"__proto__":{"type":"x"}}', 'malformed-frame'],
  ])('%s is counted', async (text, code) => {
    const here = stage()
    await here.pass()
    here.peer.say(text)
    here.peer.say(new Uint8Array([1, 2, 3]))
    await here.pass()
    expect(here.errors.map((error) => error.code)).toEqual([code, 'malformed-frame'])
    expect(here.state).toBe('open')
  })

  test.each([
    [{}, '`wire` must be an object'],
    [{ wire: plain }, '`wire` must be an object'],
    [{ wire: plain(), heartBeat: {} }, 'Did you mean `heartbeat`?'],
    [{ wire: plain(), outbox: { overflow: 'x' } }, '`outbox.overflow` must be one of'],
    [null, 'must be an object'],
  ])('options %o are refused', (options, message) => {
    expect(() => connect('ws://feed/', options as never)).toThrow(message)
  })

  test('a URL that is none closes the socket', async () => {
    const here = stage({}, undefined, 'mailto:me?secret')
    expect(here.socket.status.get()).toMatchObject({ state: 'closed', cause: { code: 'invalid-option' } })
    expect(here.socket.status.get().cause!.message).not.toContain('secret')
  })

  test('data that has no JSON is refused at the caller', () => {
    const here = stage()
    expect(() => here.socket.send('a', 5n)).toThrow('Cannot send "a"')
    expect(() => here.socket.send('a', 'text')).toThrow('name a field for it')
    expect(here.socket.status.get().queued).toBe(0)
  })
})

describe('url', () => {
  test('a function gives it for each try, and knows how the last one ended', async () => {
    const asked: unknown[] = []
    const here = stage({}, undefined, ({ attempt, lastClose }) => {
      asked.push([attempt, lastClose?.code])
      return Promise.resolve('ws://feed/')
    })
    await here.pass()
    here.peer.close(4000)
    await here.pass(10_000)
    expect([here.state, asked]).toEqual([
      'open',
      [
        [1, undefined],
        [2, 4000],
      ],
    ])
  })

  test('a function that hangs is given up, and by `reconnect` at once', async () => {
    const signals: AbortSignal[] = []
    const here = stage({ connectTimeout: 2_000, backoff: { jitter: 0 } }, undefined, ({ signal }) => {
      signals.push(signal)
      return signals.length < 3 ? new Promise<string>(() => {}) : 'ws://feed/'
    })
    await here.pass(500)
    here.socket.reconnect()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await here.pass(3_500)
    expect([here.state, signals.length]).toEqual(['open', 3])
  })
})

test('a URL that comes too late is not dialled', async () => {
  const urls: ((url: string) => void)[] = []
  const here = stage({}, undefined, () => new Promise<string>((resolve) => urls.push(resolve)))
  here.socket.reconnect()
  for (const give of urls) give('ws://feed/')
  await here.pass()
  expect([urls.length, here.client.dials, here.state]).toEqual([2, 1, 'open'])
})

describe('close', () => {
  test('waits for what is queued, and ends everything', async () => {
    const here = stage()
    here.socket.send('last', { n: 1 })
    const closed = here.socket.close()
    expect(() => here.socket.send('more')).toThrow('closed')
    await here.pass()
    await closed
    expect([here.peer.got, here.peer.closed, here.state]).toEqual([[{ n: 1, type: 'last' }], 1000, 'closed'])
    expect([here.view.pending, here.client.held]).toEqual([0, 0])
  })

  test('waits no longer than it is told, and tells of what was not sent', async () => {
    const here = stage()
    await here.pass()
    here.down()
    await here.pass()
    here.socket.send('a')
    const asked = outcome(here.socket.request('b'))
    const closed = here.socket.close({ timeout: 2_000 })
    await here.pass(2_000)
    await closed
    expect([here.state, await asked, here.socket.errors]).toMatchObject(['closed', 'closed', { dropped: 1 }])
    expect([here.view.pending, here.client.held]).toEqual([0, 0])
  })

  test('at once, by a signal', async () => {
    const controller = new AbortController()
    const here = stage({ signal: controller.signal })
    await here.pass()
    controller.abort()
    await here.pass()
    expect([here.state, here.peer.closed, here.view.pending]).toEqual(['closed', 1000, 0])
  })

  test('leaves the signal alone', async () => {
    const { controller, listeners } = watchedSignal()
    const here = stage({ signal: controller.signal })
    await here.pass()
    expect(listeners).toHaveLength(1)
    await here.socket.close()
    expect(listeners).toEqual([])
  })

  test('while something is to be asked again: that is asked again, too', async () => {
    const here = stage()
    const network = here.network as { conditions: { bandwidth: number } }
    network.conditions.bandwidth = 50_000
    await here.pass()
    const asked = outcome(here.socket.request('price', undefined, { idempotent: true }))
    for (let n = 0; n < 4; n++) here.socket.send('say', { text: 'x'.repeat(100_000) })
    await here.pass()
    const closed = here.socket.close({ timeout: 60_000 })
    here.network.cut()
    await here.pass(60_000)
    await closed
    expect([await asked, here.peers[1]!.got.at(-1)]).toEqual(['closed', { type: 'price', id: 1 }])
  })

  test('by a listener: the rest of what came with it is not heard', async () => {
    const here = stage({ wire: jsonRpc() })
    const got: unknown[] = []
    here.socket.on('n', (data) => {
      got.push(data)
      void here.socket.close()
    })
    await here.pass()
    here.peer.say([1, 2].map((n) => ({ jsonrpc: '2.0', method: 'n', params: [n] })))
    await here.pass()
    expect(got).toEqual([[1]])
  })
})

describe('the outbox', () => {
  test('rejects, or drops as it is told', async () => {
    const here = stage({ outbox: { maxMessages: 2 } })
    here.socket.send('a')
    here.socket.send('b')
    expect(() => here.socket.send('c')).toThrow('The outbox is full')
    expect(await outcome(here.socket.request('d'))).toBe('overflow')
    const dropping = stage({ outbox: { maxMessages: 2, overflow: 'drop-oldest' } })
    const oldest = outcome(dropping.socket.request('a'))
    for (const name of ['b', 'c']) dropping.socket.send(name)
    await dropping.pass()
    expect([await oldest, dropping.socket.errors]).toEqual(['dropped', { dropped: 1 }])
    expect(dropping.peer.got).toEqual([{ type: 'b' }, { type: 'c' }])
  })

  test('that drops the newest says so to whoever sent it, and keeps nothing of it', async () => {
    const here = stage({ outbox: { maxMessages: 1, overflow: 'drop-newest' } })
    const { controller, listeners } = watchedSignal()
    const { signal } = controller
    here.socket.send('a')
    const before = here.view.pending
    here.socket.send('b', {}, { signal, ttl: 1_000 })
    const asked = outcome(here.socket.request('c', {}, { signal }))
    expect([await asked, here.socket.errors, listeners, here.view.pending]).toEqual([
      'dropped',
      { dropped: 2 },
      [],
      before,
    ])
  })

  test('keeps the newest, forgets what is too old or withdrawn', async () => {
    const here = stage()
    await here.pass()
    const restore = here.down()
    await here.pass()
    const controller = new AbortController()
    for (const x of [1, 2, 3]) here.socket.send('cursor', { x }, { latest: 'cursor' })
    here.socket.send('order', {}, { ttl: 500 })
    here.socket.send('oops', {}, { signal: controller.signal })
    controller.abort()
    expect(here.socket.status.get().queued).toBe(2)
    await here.pass()
    expect([here.socket.status.get().queued, here.socket.errors]).toMatchObject([1, { expired: 1 }])
    restore()
    await here.pass(60_000)
    expect(here.peer.got).toEqual([{ x: 3, type: 'cursor' }])
  })

  test('what is too old does not go, though its timer is late', async () => {
    const here = stage()
    await here.pass()
    const restore = here.down()
    await here.pass()
    here.socket.send('order', {}, { ttl: 500 })
    here.socket.send('note')
    here.view.freeze('timers')
    restore()
    await here.pass(2_000)
    here.lifecycle.happen('wake')
    await here.pass()
    expect([here.peer.got, here.socket.errors]).toMatchObject([[{ type: 'note' }], { expired: 1 }])
  })

  test('leaves nothing behind for what has gone: no timer, no listener', async () => {
    const here = stage()
    await here.pass()
    const before = here.view.pending
    const { controller, listeners } = watchedSignal()
    const { signal } = controller
    here.socket.send('order', {}, { ttl: 60_000, signal })
    const asked = here.socket.request('price', undefined, { signal })
    expect(listeners).toHaveLength(2)
    await here.pass(100)
    here.peer.say({ id: 1 })
    await here.pass(100)
    await asked
    expect([listeners, here.view.pending]).toEqual([[], before])
  })

  test('has room for what is asked again', async () => {
    const here = stage({ outbox: { maxMessages: 2, overflow: 'drop-oldest' } }, (message) =>
      here.peers.length > 1 ? echo(message) : undefined,
    )
    const network = here.network as { conditions: { bandwidth: number } }
    network.conditions.bandwidth = 50_000
    const asked = here.socket.request('price', undefined, { idempotent: true })
    await here.pass()
    here.socket.send('say', { text: 'x'.repeat(150_000) })
    await here.pass(10)
    for (const n of [1, 2]) here.socket.send('note', { n })
    here.network.cut()
    await here.pass(30_000)
    expect(await asked).toMatchObject({ echo: { type: 'price' } })
    expect([here.peer.got.length, here.socket.errors]).toEqual([3, {}])
  })
})

describe('a line that is slower than what is said', () => {
  test('keeps what waits where it can still be replaced, and sends it all in order', async () => {
    const here = stage()
    await here.pass()
    const network = here.network as { conditions: { bandwidth: number } }
    network.conditions.bandwidth = 100_000
    here.socket.reconnect()
    await here.pass()
    const text = 'x'.repeat(1_000)
    for (let n = 0; n < 300; n++) here.socket.send('say', { n, text })
    here.socket.send('cursor', { x: 1 }, { latest: 'cursor' })
    await here.pass(500)
    expect(here.socket.status.get().queued).toBeGreaterThan(100)
    expect(here.socket.bufferedAmount).toBeGreaterThan(150_000)
    here.socket.send('cursor', { x: 2 }, { latest: 'cursor' })
    await here.pass(10_000)
    const got = here.peer.got as { n?: number; x?: number }[]
    expect(got.slice(0, -1).map(({ n }) => n)).toEqual(Array.from({ length: 300 }, (_, n) => n))
    expect([got.at(-1)!.x, here.socket.bufferedAmount]).toEqual([2, 0])
  })
})

test('options that both kinds of `connect` have begin with the same values', () => {
  const { wire, onOpen, shouldReconnect, ...shared } = WIRE_DEFAULTS
  expect([wire, onOpen, shouldReconnect]).toEqual(['encode decode', 'call', 'call'])
  expect(CONNECT_DEFAULTS).toMatchObject(shared)
})

test('there is nothing to be done without WebSockets: it stays idle, as on a server that renders pages', async () => {
  const clock = virtualClock()
  const view = clock.view()
  const platform = { clock: view, random: seededRandom(1), lifecycle: virtualLifecycle(), report: () => {} }
  const socket = createWireSocket('ws://feed/', { wire: plain() }, { ...platform, transport: undefined })
  socket.send('hi')
  socket.reconnect()
  await clock.advance(60_000)
  expect([socket.status.get().state, socket.status.get().queued]).toEqual(['idle', 1])
  const closed = socket.close()
  await clock.advance(0)
  await closed
  expect([socket.status.get().state, view.pending]).toEqual(['closed', 0])
})
