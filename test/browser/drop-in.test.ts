/** The same script for the browser's own WebSocket and for the one that connects again: what they tell must be the same. */
import { HoldfastWebSocket } from 'holdfast/websocket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RemoteScenario, openScenario } from './remote.ts'

let scenario: RemoteScenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(async () => {
  await scenario.close()
})

/** Ours gives up after the first end: what is compared is one connection. */
class Once extends HoldfastWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { maxRetries: 0 })
  }
}

type Note = (...what: unknown[]) => void

/** Everything that a socket tells, in order, until it is closed. */
const watch = (socket: WebSocket, note: Note): Promise<void> => {
  const state = (): unknown[] => [socket.readyState, socket.protocol, socket.extensions, socket.bufferedAmount]
  socket.addEventListener('open', (event) => {
    note('open', event.constructor.name, event.bubbles, event.cancelable, event.composed, event.eventPhase, state())
    note(event.target === socket, event.currentTarget === socket, event.composedPath().length, 'error' in event)
  })
  socket.addEventListener('message', (event) => {
    const { data, origin, lastEventId, ports, source } = event as MessageEvent<unknown>
    const kind = typeof data === 'string' ? data.slice(0, 20) : Object.prototype.toString.call(data)
    note('message', event.constructor.name, kind, origin, lastEventId, ports.length, source, state())
  })
  socket.addEventListener('error', (event) => note('error', event.constructor.name, state()))
  return new Promise((resolve) => {
    socket.addEventListener('close', (event) => {
      note('close', event.constructor.name, event.code, event.reason, event.wasClean, state())
      resolve()
    })
  })
}

const opened = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
const said = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))

/** What went wrong, as it is told. */
const thrown = (task: () => unknown): string => {
  try {
    task()
    return 'nothing'
  } catch (error) {
    return (error as Error).name
  }
}

const scripts: Readonly<Record<string, (Class: typeof WebSocket, host: string, note: Note) => Promise<void>>> = {
  async 'talks in text and bytes, and closes'(Class, host, note) {
    const socket = new Class(`ws://${host}/chat`, ['other', 'chat'])
    note(socket.url, socket.readyState, socket.binaryType, socket.protocol, socket.extensions, socket.bufferedAmount)
    const over = watch(socket, note)
    await opened(socket)
    socket.send('text')
    await said(socket)
    socket.send(new Blob(['blob']))
    await said(socket)
    socket.binaryType = 'arraybuffer'
    socket.send(new Uint8Array([1, 2, 3]).subarray(1))
    await said(socket)
    socket.send(new ArrayBuffer(4))
    await said(socket)
    socket.binaryType = 'nonsense' as BinaryType
    note(socket.binaryType)
    for (const nothing of ['', new Uint8Array(), new Blob()]) {
      socket.send(nothing)
      await said(socket)
    }
    socket.send('\uD800 alone')
    await said(socket)
    // Numbers, and whatever else is no data, are sent as text.
    socket.send(5 as never)
    await said(socket)
    socket.send('x'.repeat(1_000))
    note(socket.bufferedAmount)
    await said(socket)
    socket.send('x'.repeat(2 ** 20))
    await said(socket)
    for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, 66_536, Number.NaN, 'bye'])
      note(thrown(() => socket.close(code as number)))
    note(
      thrown(() => socket.close(1000, 'ä'.repeat(62))),
      socket.readyState,
    )
    socket.close(4000, 'bye')
    socket.close(4001, 'again')
    note(socket.readyState)
    await over
    socket.close()
    note(thrown(() => socket.close(1001)))
    socket.send('late')
    note(socket.readyState, socket.url === `ws://${host}/chat`, socket.protocol, socket.bufferedAmount > 0)
  },
  async 'is closed by the server'(Class, host, note) {
    const socket = new Class(`ws://${host}/echo`)
    const over = watch(socket, note)
    await opened(socket)
    socket.send('close 4403')
    await over
  },
  async 'is closed by a server that is done'(Class, host, note) {
    const socket = new Class(`ws://${host}/echo`)
    const over = watch(socket, note)
    await opened(socket)
    socket.send('close 1000')
    await over
  },
  async 'is closed from both sides at once'(Class, host, note) {
    const socket = new Class(`ws://${host}/echo`)
    const over = watch(socket, note)
    await opened(socket)
    socket.send('not heard any more')
    socket.close()
    note(socket.readyState)
    await over
  },
  async 'is refused'(Class, host, note) {
    await watch(new Class(`ws://${host}/refused`), note)
  },
  async 'asks for a protocol that the server does not speak'(Class, host, note) {
    const socket = new Class(`ws://${host}/chat`, 'unheard')
    const over = watch(socket, note)
    // What engines make of no answer to the question is theirs: some close, some go on.
    void opened(socket).then(() => socket.close())
    await over
  },
  async 'is closed while it connects'(Class, host, note) {
    const socket = new Class(`ws://${host}/echo`)
    const over = watch(socket, note)
    socket.close(4000)
    note(socket.readyState)
    await over
  },
  async 'is closed by a cut'(Class, host, note) {
    const socket = new Class(`ws://${host}/echo`)
    const over = watch(socket, note)
    await opened(socket)
    await scenario.cut()
    await over
  },
  async 'has handlers among listeners, once, signal and handleEvent'(Class, host, note) {
    const socket = new Class(new URL(`ws://${host}/echo`))
    const controller = new AbortController()
    socket.addEventListener('message', () => note('once'), { once: true })
    socket.onmessage = () => note('replaced')
    socket.addEventListener('message', () => note('signal'), { signal: controller.signal })
    socket.addEventListener('message', { handleEvent: ({ type }: Event) => note('handleEvent', type) })
    socket.onmessage = function (this: unknown, { type }) {
      note('handler', this === socket, type)
    }
    const over = watch(socket, note)
    await opened(socket)
    socket.send('1')
    await said(socket)
    controller.abort()
    socket.send('2')
    await said(socket)
    socket.onmessage = null
    socket.onmessage = () => note('at the end')
    socket.send('3')
    await said(socket)
    const removed = (): void => note('removed')
    const added = (): void => note('added')
    const changing = (): void => {
      note('changing')
      socket.removeEventListener('message', removed)
      socket.addEventListener('message', added)
      socket.removeEventListener('message', changing)
    }
    for (const listener of [changing, removed]) socket.addEventListener('message', listener)
    socket.addEventListener('message', changing)
    for (const text of ['4', '5']) {
      socket.send(text)
      await said(socket)
    }
    socket.addEventListener('close', (event) => event.stopImmediatePropagation())
    socket.addEventListener('close', () => note('stopped'))
    socket.onclose = 'nonsense' as never
    note(socket.onclose, socket.onopen, 'onerror' in socket)
    socket.close()
    await over
  },
  async 'refuses what is no URL and no protocol'(Class, host, note) {
    note(
      thrown(() => new Class('ws://')),
      thrown(() => new Class(`ws://${host}`, ['a', 'a'])),
    )
    for (const protocols of ['a b', 'ä', ['a', ''], [','], ['a', 'b', 'a']])
      note(thrown(() => new Class(`ws://${host}`, protocols)))
    for (const url of ['ftp://host', 'mailto:me', `ws://${host}/#part`, 'ws://ho st'])
      note(thrown(() => new Class(url)))
    // As JavaScript without types might.
    note(thrown(() => (Class as unknown as (url: string) => unknown)(`ws://${host}`)))
    note(Class.CONNECTING, Class.OPEN, Class.CLOSING, Class.CLOSED, Class.prototype.CLOSED)
    await Promise.resolve()
  },
}

describe.each(Object.entries(scripts))('a WebSocket that %s', (_, script) => {
  test('tells the same, native or not', async () => {
    const logs: unknown[][] = []
    for (const Class of [WebSocket, Once as typeof WebSocket]) {
      const log: unknown[] = []
      logs.push(log)
      await script(Class, scenario.host, (...what) => log.push(what))
    }
    const [native, ours] = logs
    expect(native!.length).toBeGreaterThan(0)
    expect(ours).toEqual(native)
  })
})

describe('what reconnecting demands is different, and no more:', () => {
  test('what is sent before the connection waits, where a native one throws', async () => {
    const url = `ws://${scenario.host}/echo`
    const native = new WebSocket(url)
    expect(thrown(() => native.send('early'))).toBe('InvalidStateError')
    native.close()
    const socket = new Once(url)
    socket.send('early')
    expect(socket.bufferedAmount).toBe(5)
    const { data } = (await said(socket)) as MessageEvent<string>
    expect([data, socket.bufferedAmount]).toEqual(['early', 0])
    socket.close()
  })

  test('an object is no handler, where a native one keeps it and never calls it', () => {
    const [native, ours] = [WebSocket, Once as typeof WebSocket].map((Class) => {
      const socket = new Class(`ws://${scenario.host}/echo`)
      const handler = {} as never
      socket.onclose = handler
      socket.close()
      return socket.onclose === handler
    })
    expect([native, ours]).toEqual([true, false])
  })

  test('it is no instance of WebSocket, and its events are not the browser’s own', async () => {
    const socket = new Once(`ws://${scenario.host}/echo`)
    const { isTrusted } = (await opened(socket)) as Event
    expect([socket instanceof WebSocket, isTrusted]).toEqual([false, false])
    socket.close()
  })
})

test('and connects again, where a native one is at its end', async () => {
  const socket = new HoldfastWebSocket(`ws://${scenario.host}/echo`, [], { minReconnectionDelay: 10 })
  socket.binaryType = 'arraybuffer'
  const log: unknown[] = []
  for (const type of ['open', 'close'] as const) socket.addEventListener(type, () => log.push(type, socket.readyState))
  await opened(socket)
  await scenario.cut()
  await expect.poll(() => log).toEqual(['open', 1, 'close', 0, 'open', 1])
  socket.send(new Uint8Array([7]))
  const { data } = (await said(socket)) as MessageEvent<ArrayBuffer>
  expect(new Uint8Array(data)).toEqual(new Uint8Array([7]))
  socket.close()
  await expect.poll(() => log.slice(6)).toEqual(['close', 3])
})
