/** What a WebSocket is, and what of that reconnecting changes. */
import { Server, WebSocket as MockSocket } from 'mock-socket'
import Default, { HoldfastWebSocket, type WebSocketOptions } from 'holdfast/websocket'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FakeSocket, URL, stage } from './stage.ts'

afterEach(() => void vi.unstubAllGlobals())

const open = (options?: WebSocketOptions) => {
  const it = stage(options)
  it.last.open('chat')
  return it
}

test('the class is one that can be extended, has its constants, and is the default export', () => {
  class Mine extends HoldfastWebSocket {}
  const socket = new Mine(URL, [], { startClosed: true })
  expect(socket).toBeInstanceOf(HoldfastWebSocket)
  expect(socket).toBeInstanceOf(EventTarget)
  expect([Mine.CONNECTING, Mine.OPEN, Mine.CLOSING, Mine.CLOSED]).toEqual([0, 1, 2, 3])
  expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3])
  expect(Default).toBe(HoldfastWebSocket)
})

test('no protocols are asked for where none are given', () => {
  for (const nothing of [undefined, null]) expect(stage({}, URL, nothing).last.protocols).toEqual([])
})

test('what the underlying WebSocket knows is told', () => {
  const it = stage({}, URL, ['chat', 'other'])
  expect([it.socket.url, it.socket.protocol, it.last.protocols]).toEqual([URL, '', ['chat', 'other']])
  it.last.extensions = 'permessage-deflate'
  it.last.open('chat')
  expect([it.socket.protocol, it.socket.extensions]).toEqual(['chat', 'permessage-deflate'])
})

test('url, protocol and bufferedAmount are those of the last connection while another is waited for', async () => {
  let time = 0
  const it = stage({}, () => `wss://host/${++time}`)
  expect(it.socket.url).toBe('')
  await it.pass(0)
  it.last.open('chat')
  it.last.bufferedAmount = 7
  it.last.end()
  const told = (): unknown[] => [it.socket.url, it.socket.protocol, it.socket.bufferedAmount]
  expect(told()).toEqual(['wss://host/1', 'chat', 7])
  await it.pass(3_000)
  expect(told()).toEqual(['wss://host/2', '', 0])
})

test('binaryType survives reconnecting, and is what the underlying WebSocket makes of it', async () => {
  const it = open()
  it.socket.binaryType = 'arraybuffer'
  it.socket.binaryType = 'nonsense' as BinaryType
  it.last.end()
  await it.pass(3_000)
  expect([it.sockets.length, it.last.binaryType, it.socket.binaryType]).toEqual([2, 'arraybuffer', 'arraybuffer'])
})

describe('events', () => {
  test('are real ones, with the values of the underlying WebSocket', () => {
    const it = open()
    const seen: Event[] = []
    for (const type of ['message', 'close'] as const) it.socket.addEventListener(type, (event) => seen.push(event))
    it.last.say('hello')
    it.last.end(4000, 'why', true)
    const [message, close] = seen as [MessageEvent, CloseEvent]
    expect(message).toBeInstanceOf(MessageEvent)
    expect([message.data, message.origin, message.target]).toEqual(['hello', 'ws://host', it.socket])
    expect(close).toBeInstanceOf(globalThis.CloseEvent)
    expect([close.type, close.code, close.reason, close.wasClean]).toEqual(['close', 4000, 'why', true])
  })

  test('tell the end as well where there is no CloseEvent', () => {
    vi.stubGlobal('CloseEvent', undefined)
    const it = open()
    it.last.end(4000, 'why', true)
    expect(it.log.at(-1)).toBe('close 4000 why 0')
  })

  test('are heard by handlers in the place that they were first set at', () => {
    const it = open()
    const heard: string[] = []
    it.socket.addEventListener('message', () => heard.push('first'))
    it.socket.onmessage = () => heard.push('replaced')
    it.socket.addEventListener('message', () => heard.push('last'))
    it.socket.onmessage = function (this: WebSocket) {
      heard.push(this === it.socket ? 'handler' : 'a stranger')
    }
    it.last.say('')
    expect(heard.splice(0)).toEqual(['first', 'handler', 'last'])
    it.socket.onmessage = null
    it.last.say('')
    expect([heard, it.socket.onmessage]).toEqual([['first', 'last'], null])
    it.socket.onmessage = 'nonsense' as never
    expect(it.socket.onmessage).toBeNull()
  })

  test('reach every listener, though one throws and removes another', () => {
    const it = open()
    const heard: string[] = []
    const errors: unknown[] = []
    const onError = (error: unknown): unknown => errors.push(error)
    const removed = (): unknown => heard.push('removed')
    it.socket.onmessage = () => {
      it.socket.removeEventListener('message', removed)
      throw new Error('listener')
    }
    it.socket.addEventListener('message', removed)
    it.socket.addEventListener('message', () => heard.push('other'))
    process.once('uncaughtException', onError)
    const before = process.listeners('uncaughtException').filter((listener) => listener !== onError)
    for (const listener of before) process.off('uncaughtException', listener)
    it.last.say('')
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      for (const listener of before) process.on('uncaughtException', listener)
      process.off('uncaughtException', onError)
      expect([heard, errors]).toEqual([['other'], [new Error('listener')]])
    })
  })

  test('end with their signal, and objects with handleEvent hear them', () => {
    const it = open()
    const heard: unknown[] = []
    const controller = new AbortController()
    const listener = { handleEvent: ({ data }: MessageEvent) => heard.push(data) } as unknown as EventListenerObject
    it.socket.addEventListener('message', listener, { signal: controller.signal })
    it.last.say(1)
    controller.abort()
    it.last.say(2)
    expect(heard).toEqual([1])
  })
})

describe('send()', () => {
  test('before the connection waits, and goes out in order, ahead of what the open handlers send', async () => {
    const it = stage()
    const bytes = new Uint8Array([1, 2, 3])
    it.socket.addEventListener('open', () => it.socket.send('from open'))
    it.socket.send('a')
    it.socket.send(bytes.subarray(1))
    it.socket.send(new DataView(bytes.buffer, 2))
    it.socket.send(new Blob(['blob']))
    expect(it.socket.bufferedAmount).toBe(1 + 2 + 1 + 4)
    bytes.fill(9)
    it.last.end()
    await it.pass(3_000)
    it.last.open()
    const [a, view, data, blob, last] = it.last.sent as [string, Uint8Array, Uint8Array, Blob, string]
    expect([a, view, data[0], await blob.text(), last]).toEqual(['a', new Uint8Array([2, 3]), 3, 'blob', 'from open'])
    it.last.bufferedAmount = 7
    expect(it.socket.bufferedAmount).toBe(7)
  })

  test('on a connection that breaks is neither repeated nor said to have arrived', async () => {
    const it = open()
    expect(it.socket.send('into the dark')).toBeUndefined()
    it.last.end()
    await it.pass(3_000)
    it.last.open()
    expect([it.sockets[0]!.sent, it.last.sent, it.socket.bufferedAmount]).toEqual([['into the dark'], [], 0])
  })

  test('waits in order through failed tries, and through a connection that breaks while it goes out', async () => {
    const it = stage({ minReconnectionDelay: 10 })
    for (const message of ['1', '2', '3']) it.socket.send(message)
    for (let time = 0; time < 3; time++) {
      it.last.end()
      await it.pass(100)
    }
    const { last } = it
    last.send = (data) => {
      last.sent.push(data)
      last.readyState = 2
    }
    last.open()
    last.end()
    await it.pass(100)
    it.last.open()
    expect([last.sent, it.last.sent]).toEqual([['1'], ['2', '3']])
  })

  test('while the underlying WebSocket is closing waits for the next one', async () => {
    const it = open()
    it.last.readyState = 2
    it.socket.send('kept')
    expect(it.socket.readyState).toBe(1)
    it.last.end(1001)
    await it.pass(3_000)
    it.last.open()
    expect([it.sockets[0]!.sent, it.last.sent]).toEqual([[], ['kept']])
  })

  test('of more than may wait is told of as dropped', () => {
    const it = stage({ maxEnqueuedMessages: 2 })
    for (const message of ['1', '2', '3']) it.socket.send(message)
    it.last.open()
    expect([it.log, it.last.sent]).toEqual([
      ['drop 3', 'open 1'],
      ['1', '2'],
    ])
  })

  test('after close() goes nowhere, and counts as buffered, as it does natively; reconnect() sends it', () => {
    const it = stage()
    it.socket.send('waits')
    it.socket.close()
    it.socket.send('late')
    expect([it.log, it.socket.bufferedAmount]).toEqual([[], 9])
    it.socket.reconnect()
    it.last.open()
    expect([it.last.sent, it.socket.bufferedAmount]).toEqual([['waits', 'late'], 0])
  })

  test('can be taken back while it waits, so room A’s messages need not go to room B', () => {
    const it = stage()
    it.socket.send('to room A')
    expect(it.socket.drainQueuedMessages()).toEqual(['to room A'])
    it.socket.reconnect()
    it.last.open()
    expect(it.last.sent).toEqual([])
  })
})

describe('handshake', () => {
  test('goes ahead of what waits, on each connection', async () => {
    const it = stage({ handshake: (socket) => socket.send('token') })
    it.socket.send('waits')
    it.last.open()
    it.last.end()
    await it.pass(3_000)
    it.last.open()
    expect(it.sockets.map(({ sent }) => sent)).toEqual([['token', 'waits'], ['token']])
  })

  test('that throws is the platform’s to report; one that closes or reconnects is obeyed', async () => {
    const thrower = stage({
      handshake: () => {
        throw new Error('handshake')
      },
    })
    expect(() => thrower.last.open()).toThrow('handshake')
    expect(thrower.log).toEqual(['open 1'])
    const closer = stage({ handshake: () => closer.socket.close() })
    closer.last.open()
    expect([closer.socket.readyState, closer.log]).toEqual([2, []])
    let time = 0
    const again = stage({ handshake: () => void (time++ || again.socket.reconnect()) })
    again.last.open()
    expect([again.socket.readyState, again.sockets.length, again.log]).toEqual([0, 2, ['close 1005 0']])
  })
})

describe('close()', () => {
  test('is the underlying WebSocket’s: its event comes with what that tells, once', async () => {
    const it = open()
    it.socket.close(4000, 'bye')
    it.socket.close(4001)
    expect([it.last.closed, it.socket.readyState, it.log.length]).toEqual([[[4000, 'bye']], 2, 1])
    it.last.say('late')
    it.last.end(4000, 'bye')
    await it.pass(60_000)
    expect([it.log, it.sockets.length, it.held]).toEqual([['open 1', 'close 4000 bye 3'], 1, [0, 0]])
  })

  test('on a line that is dead is over in the time of a try', async () => {
    const it = open()
    it.socket.close()
    await it.pass(4_000)
    expect([it.log, it.held]).toEqual([
      ['open 1', 'close 1006 unclean 3'],
      [0, 0],
    ])
  })

  test('while it connects is told as by a WebSocket: error, and 1006', () => {
    const it = stage()
    it.socket.close()
    it.last.readyState = 0
    it.last.end()
    expect(it.log).toEqual(['error', 'close 1006 unclean 3'])
  })

  test('while it connects over a WebSocket that tells its end within the call, as that of Node.js, is told once', async () => {
    const it = stage()
    it.last.close = () => it.last.end()
    it.socket.close()
    expect([it.log, it.socket.readyState]).toEqual([['error', 'close 1006 unclean 3'], 3])
    await it.pass(60_000)
    expect([it.log.length, it.sockets.length, it.held]).toEqual([2, 1, [0, 0]])
  })

  test('with what is no code leaves what is under way as it was', async () => {
    const it = stage()
    expect(() => it.socket.close(1)).toThrow('1')
    await it.pass(3_999)
    expect(it.log).toEqual([])
    await it.pass(1)
    expect(it.log).toEqual(['error TIMEOUT', 'close 1006 unclean 0'])
    expect(() => it.socket.close(1001)).toThrow('1001')
    await it.pass(2_999)
    expect([it.sockets.length, it.socket.retryAt]).toEqual([1, 7_000])
    await it.pass(1)
    expect(it.sockets).toHaveLength(2)
  })

  test('during a wait has one event more, in a task of its own', async () => {
    const it = stage()
    it.last.end()
    it.socket.close()
    expect([it.socket.readyState, it.log.length]).toEqual([2, 2])
    await it.pass(0)
    expect([it.log.slice(2), it.held]).toEqual([['close 1006 unclean 3'], [0, 0]])
    it.socket.close()
    await it.pass(60_000)
    expect([it.log.length, it.sockets.length]).toEqual([3, 1])
  })

  test('before there is a WebSocket takes any code, because only that knows which are none', async () => {
    const it = stage({}, async () => URL)
    it.socket.close(1001)
    await it.pass(0)
    expect(it.log).toEqual(['close 1006 unclean 3'])
  })

  test('before anything began does nothing', async () => {
    const it = stage({ startClosed: true })
    it.socket.close()
    await it.pass(1_000)
    expect([it.log, it.socket.readyState]).toEqual([[], 3])
  })

  test.each([
    [1001, 'InvalidAccessError'],
    [2999, 'InvalidAccessError'],
    [5000, 'InvalidAccessError'],
  ])('with %d throws, and nothing is closed', (code, name) => {
    const it = open()
    expect(() => it.socket.close(code)).toThrow(expect.objectContaining({ name }))
    expect(() => it.socket.close(1000, 'x'.repeat(124))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect([it.socket.readyState, it.live]).toEqual([1, 1])
  })
})

describe('options', () => {
  test.each([
    { maxRetries: '3' },
    { maxRetries: -1 },
    { connectionTimeout: Number.NaN },
    { minUptime: null },
    { startClosed: 1 },
    { shouldReconnectOnClose: true },
    { debugLogger: {} },
    { heartbeat: 'ping' },
    { heartbeat: { message: 'ping', interval: '25' } },
    { heartbeat: { message: 'ping', interval: 1, intervall: 1 } },
    { WebSocket: {} },
    { maxRetry: 3 },
    'options',
    null,
  ])('%j cannot be meant', (options) => {
    expect(() => new HoldfastWebSocket(URL, [], options as WebSocketOptions)).toThrow(TypeError)
  })

  test('that are undefined are those that are not given', () => {
    const it = stage({ maxRetries: undefined } as unknown as WebSocketOptions)
    it.last.end()
    expect(it.socket.retryAt).toBe(3_000)
  })

  test('debug tells each step to debugLogger', () => {
    const steps: unknown[] = []
    const it = stage({ debug: true, debugLogger: (step) => steps.push(step) })
    it.last.open()
    it.last.end()
    expect(steps).toEqual(['reconnect', 'open', 'ended'])
  })

  test('without a WebSocket anywhere, it throws, unless one is given', () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(() => new HoldfastWebSocket(URL)).toThrow(TypeError)
    expect(new HoldfastWebSocket(URL, [], { startClosed: true }).readyState).toBe(3)
    expect(new HoldfastWebSocket(URL, [], { WebSocket: FakeSocket }).url).toBe(URL)
  })
})

test('somebody else’s WebSocket will do, if it behaves like one', async () => {
  // Or it puts its WebSocket in the platform's place, for the tests after this one, too.
  const server = new Server('ws://drop-in.test/', { mock: false })
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      socket.send(`${data as string}!`)
      socket.close({ code: 4403, reason: 'enough', wasClean: true })
    })
  })
  const socket = new HoldfastWebSocket('ws://drop-in.test/', [], { WebSocket: MockSocket })
  socket.send('hello')
  const told: unknown[] = []
  socket.onmessage = ({ data }) => told.push(data)
  await new Promise<void>((resolve) => {
    socket.onclose = ({ code, reason }) => {
      told.push(code, reason)
      resolve()
    }
  })
  server.close()
  expect(told).toEqual(['hello!', 4403, 'enough'])
})
