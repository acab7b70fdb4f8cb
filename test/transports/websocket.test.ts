import { Server, WebSocket as MockSocket } from 'mock-socket'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Carrier, Packet } from '../../src/transports/transport.ts'
import { webSocketTransport } from '../../src/transports/websocket.ts'

/** A WebSocket whose other side is the test. */
class FakeSocket extends EventTarget {
  static last: FakeSocket
  readyState = 0
  protocol = ''
  binaryType = 'blob'
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly sent: unknown[] = []
  readonly closed: unknown[][] = []
  readonly dialled: unknown[]

  constructor(...dialled: unknown[]) {
    super()
    this.dialled = dialled
    FakeSocket.last = this
  }
  send(data: unknown): void {
    this.sent.push(data)
  }
  close(...args: unknown[]): void {
    this.closed.push(args)
    this.readyState = 2
  }
  open(protocol = 'holdfast.v1'): void {
    this.readyState = 1
    this.protocol = protocol
    this.onopen?.()
  }
}

/** A carrier on a fake socket, and what it told. */
const dial = (
  url = 'wss://host/',
  protocols?: string | string[],
): { carrier: Carrier; socket: FakeSocket; told: unknown[] } => {
  const told: unknown[] = []
  const events = {
    open: () => told.push('open'),
    message: (packet: Packet) => told.push(packet),
    close: (code: number, reason: string) => told.push([code, reason]),
  }
  const carrier = webSocketTransport(url, events, protocols)
  return { carrier, socket: FakeSocket.last, told }
}

beforeEach(() => void vi.stubGlobal('WebSocket', FakeSocket))
afterEach(() => void vi.unstubAllGlobals())

test.each([
  ['wss://host/live', 'wss://host/live'],
  ['ws://host/http', 'ws://host/http'],
  ['https://host/live?a=1', 'wss://host/live?a=1'],
  ['http://host/', 'ws://host/'],
])('%s is dialled as %s', (url, dialled) => {
  expect(dial(url).socket.dialled).toEqual([dialled, 'holdfast.v1'])
})

describe('a WebSocket', () => {
  test('that speaks holdfast.v1 opens', () => {
    const { socket, told } = dial()
    socket.open()
    expect(told).toEqual(['open'])
  })

  test.each(['', 'graphql-transport-ws', 'holdfast.v2'])(
    'that speaks %o is let go, as where the platform does',
    (protocol) => {
      const { socket, told } = dial()
      socket.open(protocol)
      socket.onmessage?.({ data: 'hello' })
      expect(told).toEqual([[1006, '']])
      expect(socket.closed).toHaveLength(1)
    },
  )

  test('that offers nothing opens where nothing was chosen', () => {
    const { socket, told } = dial('wss://host/', [])
    expect(socket.dialled).toEqual(['wss://host/', []])
    socket.open('')
    expect(told).toEqual(['open'])
  })

  test.each([['chat'], [['chat', 'superchat']]])('that offers %o is open if the server chose', (protocols) => {
    const chosen = dial('wss://host/', protocols)
    chosen.socket.open('chat')
    const refused = dial('wss://host/', protocols)
    refused.socket.open('')
    expect([chosen.told, refused.told]).toEqual([['open'], [[1006, '']]])
  })

  test('gives text as text and bytes as a Uint8Array', () => {
    const { socket, told } = dial()
    expect(socket.binaryType).toBe('arraybuffer')
    socket.open()
    socket.onmessage?.({ data: 'text' })
    socket.onmessage?.({ data: new Uint8Array([1, 2]).buffer })
    expect(told).toEqual(['open', 'text', new Uint8Array([1, 2])])
  })

  test('takes packets only while it is open: a native send would throw before, and lose them after', () => {
    const { carrier, socket } = dial()
    carrier.send('early')
    socket.open()
    carrier.send('text')
    carrier.send(new Uint8Array([1]))
    socket.readyState = 2
    carrier.send('late')
    expect(socket.sent).toEqual(['text', new Uint8Array([1])])
  })

  test('that closes says code and reason as they are: 1006 stays 1006', () => {
    const { socket, told } = dial()
    socket.onclose?.({ code: 1006, reason: '' })
    expect(told).toEqual([[1006, '']])
  })

  test('shows how much it has not sent yet', () => {
    const { carrier, socket } = dial()
    socket.bufferedAmount = 70_000
    expect([carrier.transport, carrier.bufferedAmount]).toEqual(['websocket', 70_000])
  })
})

describe('given up', () => {
  test('it is silent at once: the close event of a dead line comes after 20 s or 60 s', () => {
    const { carrier, socket, told } = dial()
    socket.open()
    carrier.close()
    socket.onmessage?.({ data: 'late' })
    socket.onclose?.({ code: 1006, reason: '' })
    expect(told).toEqual(['open'])
    expect(socket.closed).toHaveLength(1)
  })

  test('before it opened, too', () => {
    const { carrier, socket, told } = dial()
    carrier.close()
    socket.open()
    expect(told).toEqual([])
  })

  test('in peace, it says so', () => {
    const { carrier, socket } = dial()
    carrier.close(1000)
    expect(socket.closed).toEqual([[1000]])
  })

  test('with any other code it closes natively without one that could throw', () => {
    const { carrier, socket } = dial()
    carrier.close(1001, 'ä'.repeat(200))
    expect(socket.closed).toEqual([[]])
  })
})

test('somebody else’s WebSocket will do, if it behaves like one', async () => {
  vi.stubGlobal('WebSocket', MockSocket)
  const server = new Server('ws://mock.test/', { selectProtocol: ([first]) => first ?? '' })
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(`${data as string}!`)))
  const told: unknown[] = []
  await new Promise<void>((resolve) => {
    const carrier = webSocketTransport('ws://mock.test/', {
      open: () => carrier.send('hello'),
      message: (packet) => {
        told.push(packet)
        server.close({ code: 4000, reason: 'enough', wasClean: true })
      },
      close: (code, reason) => {
        told.push([code, reason])
        resolve()
      },
    })
  })
  expect(told).toEqual(['hello!', [4000, 'enough']])
})
