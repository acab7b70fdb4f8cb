/** The stand-in for the platform's WebSocket: what the standard has of it, and what browsers do. */
import { type Carrier, seededRandom, transportCases, virtualClock, virtualNetwork } from 'holdfast/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createPageWebSockets } from '../../src/testing/page-websocket.ts'
import { webSocketTransport } from '../../src/transports/websocket.ts'
import { networkHarness } from './network-harness.ts'

const URL = 'wss://host/live'

const setUp = () => {
  const clock = virtualClock()
  const network = virtualNetwork({ clock, random: seededRandom(1), conditions: { latency: 10, jitter: 0 } })
  network.fate((_, host) => (host === 'hanging' ? 'hang' : 'open'))
  const view = clock.view()
  const { WebSocket } = createPageWebSockets(network.client('a', { view }), view)
  const carriers: Carrier[] = []
  const far: string[] = []
  network.listen('host', (carrier) => {
    carriers.push(carrier)
    return {
      message: (packet) => far.push(typeof packet === 'string' ? packet : `<${packet.join()}>`),
      close: (code, reason) => far.push(`close ${code} ${reason}`),
    }
  })
  const told: string[] = []
  const dial = (url: string = URL, protocols: string | string[] = 'holdfast.v1'): WebSocket => {
    const socket = new WebSocket(url, protocols)
    for (const type of ['open', 'message', 'error', 'close'] as const)
      socket.addEventListener(type, (event) => {
        const { code, reason, wasClean } = event as CloseEvent
        told.push(type === 'close' ? `close ${code} ${reason} ${wasClean ? 'clean' : 'broken'}` : type)
      })
    return socket
  }
  const open = async (): Promise<{ socket: WebSocket; peer: Carrier }> => {
    const socket = dial()
    await clock.advance(100)
    expect(told.splice(0)).toEqual(['open'])
    return { socket, peer: carriers.at(-1)! }
  }
  return { clock, network, WebSocket, far, told, dial, open }
}

/** What the platform's own says to the same. */
const complaint = (task: () => unknown): unknown => {
  try {
    task()
  } catch (error) {
    return (error as Error).name
  }
  return undefined
}

describe('a dial', () => {
  test('opens with what was asked for, and has what a WebSocket has', async () => {
    const { WebSocket, dial, open } = setUp()
    const { socket } = await open()
    expect(socket).toMatchObject({
      url: URL,
      protocol: 'holdfast.v1',
      extensions: '',
      binaryType: 'blob',
      readyState: 1,
    })
    expect([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]).toEqual([0, 1, 2, 3])
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3])
    expect(socket).toBeInstanceOf(EventTarget)
    socket.binaryType = 'nonsense' as BinaryType
    expect(socket.binaryType).toBe('blob')
    expect(dial('https://host/live').url).toBe(URL)
  })

  test.each([
    ['not a URL', undefined],
    ['ftp://host/', undefined],
    ['wss://host/#part', undefined],
    [URL, 'two words'],
    [URL, ['holdfast.v1', 'holdfast.v1']],
    [URL, ''],
    [URL, ['a', '']],
  ])('of %s, %s throws, as with the platform’s own', (url, protocols) => {
    const { WebSocket } = setUp()
    const own = complaint(() => new WebSocket(url, protocols))
    expect(own).toBe('SyntaxError')
    expect(own).toBe(complaint(() => new globalThis.WebSocket(url, protocols)))
  })

  test('that is refused tells an error and 1006', async () => {
    const { clock, dial, told } = setUp()
    const socket = dial('wss://nobody/')
    await clock.advance(100)
    expect(told).toEqual(['error', 'close 1006  broken'])
    expect(socket.readyState).toBe(3)
  })

  test('without our subprotocol is refused, too', async () => {
    const { clock, dial, told } = setUp()
    dial(URL, 'graphql-transport-ws')
    await clock.advance(100)
    expect(told).toEqual(['error', 'close 1006  broken'])
  })

  test('that is given up tells so, and nobody is connected', async () => {
    const { clock, dial, told, far } = setUp()
    const socket = dial()
    expect(complaint(() => socket.send('too early'))).toBe('InvalidStateError')
    socket.close()
    expect([socket.readyState, told]).toEqual([2, []])
    await clock.advance(100)
    expect([socket.readyState, told]).toEqual([3, ['error', 'close 1006  broken']])
    expect(far).toEqual([])
  })
})

describe('an open one', () => {
  test('takes texts, bytes and Blobs, in their order, and gives what was wanted', async () => {
    const { clock, open, far } = setUp()
    const { socket, peer } = await open()
    const got: unknown[] = []
    socket.onmessage = ({ data, origin }: MessageEvent<unknown>) => got.push(data, origin)
    const bytes = new Uint8Array([1, 2, 3, 4])
    socket.send('text')
    socket.send(bytes.subarray(1, 3))
    socket.send(bytes.buffer)
    bytes.fill(0)
    socket.send(new Blob(['blob']))
    socket.send('behind it')
    await vi.waitFor(async () => {
      await clock.advance(10)
      expect(far).toHaveLength(5)
    })
    expect(far).toEqual(['text', '<2,3>', '<1,2,3,4>', '<98,108,111,98>', 'behind it'])
    peer.send('text')
    socket.binaryType = 'arraybuffer'
    peer.send(new Uint8Array([5]))
    await clock.advance(10)
    socket.binaryType = 'blob'
    peer.send(new Uint8Array([6]))
    await clock.advance(10)
    expect(got).toEqual([
      'text',
      'wss://host',
      new Uint8Array([5]).buffer,
      'wss://host',
      expect.any(Blob),
      'wss://host',
    ])
    expect(await (got[4] as Blob).bytes()).toEqual(new Uint8Array([6]))
  })

  test('closes with a handshake', async () => {
    const { clock, open, told, far } = setUp()
    const { socket, peer } = await open()
    socket.send('last words')
    socket.close(4000, 'enough')
    socket.close(4001, 'again')
    peer.send('too late')
    socket.send('lost')
    expect([socket.readyState, socket.bufferedAmount]).toEqual([2, 4])
    await clock.advance(19)
    expect([told, far]).toEqual([[], ['last words', 'close 4000 enough']])
    await clock.advance(1)
    expect([socket.readyState, told]).toEqual([3, ['close 4000 enough clean']])
  })

  test('is told when its handshake breaks, and when there was no code', async () => {
    const { clock, open, told, network } = setUp()
    const { socket } = await open()
    socket.close()
    await clock.advance(5)
    network.cut()
    await clock.advance(100)
    expect(told.splice(0)).toEqual(['close 1006  broken'])
    const other = await open()
    other.socket.close()
    await clock.advance(100)
    expect(told).toEqual(['close 1005  clean'])
  })

  test('hears the code of the other end; a broken line is no error', async () => {
    const { clock, open, told, network } = setUp()
    const { peer } = await open()
    peer.close(4401, 'expired')
    await clock.advance(100)
    expect(told.splice(0)).toEqual(['close 4401 expired clean'])
    await open()
    network.cut()
    await clock.advance(100)
    expect(told).toEqual(['close 1006  broken'])
  })

  test.each([[1001], [2999], [5000], [0], [1000, 'ä'.repeat(62)]])(
    'does not close with %s, as the platform’s own',
    async (code, reason?: string) => {
      const { open } = setUp()
      const { socket } = await open()
      const native = new globalThis.WebSocket('ws://127.0.0.1:9')
      native.onerror = () => {}
      onTestFinished(() => native.close())
      const own = complaint(() => socket.close(code, reason))
      expect(own).toBe(reason ? 'SyntaxError' : 'InvalidAccessError')
      expect(own).toBe(complaint(() => native.close(code, reason)))
      expect(socket.readyState).toBe(1)
    },
  )
})

describe('under our transport it conforms', () => {
  test.each(transportCases)('$name', async ({ run }) => {
    const harness = networkHarness((client, view) => {
      vi.stubGlobal('WebSocket', createPageWebSockets(client, view).WebSocket)
      return webSocketTransport
    })
    onTestFinished(() => void vi.unstubAllGlobals())
    await expect(run(harness)).resolves.toBeUndefined()
  })
})
