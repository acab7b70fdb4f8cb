/** The hooks beside others that do a part of their work, over the same server, by numbers: those that the documentation tells. */
import { useWebSocket as useVueWebSocket } from '@vueuse/core'
import { share } from 'holdfast'
import { createHooks } from 'holdfast/react'
import { connect, plain } from 'holdfast/wire'
import { Server, WebSocket as MockSocket } from 'mock-socket'
import { StrictMode, createElement as h, useLayoutEffect } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { useWebSocket as useReactWebSocket } from 'react-use-websocket/dist/lib/use-websocket.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp, h as hVue } from 'vue'

const URL = 'wss://server.test/'

/** Sockets that were opened. */
let sockets: number
/** How often the component was rendered, and the page changed for it. */
let renders: number
/** How often one of the handlers was called that the component gave away. */
let calls: number
let server: Server
const render = (): void => void renders++
const call = (): void => void calls++

interface Ticks {
  toClient: { tick: number }
}

/** A component of each that shows the last message, and hears of each. */
const inReact = (useMessages: () => unknown) => {
  const Ticker = () => {
    const message = useMessages()
    useLayoutEffect(render)
    return h('p', null, String(message))
  }
  return () => {
    const root = createRoot(document.createElement('main'))
    flushSync(() => root.render(h(StrictMode, null, h(Ticker))))
    return () => flushSync(() => root.unmount())
  }
}

const mounts: Record<string, () => () => () => void> = {
  holdfast: () => {
    const { useEvent, useLatest } = createHooks(share(() => connect<Ticks>(URL, { wire: plain({ data: 'data' }) })))
    return inReact(() => {
      useEvent('tick', call)
      return useLatest('tick')
    })
  },
  'react-use-websocket': () => {
    const options = { onMessage: call, onClose: call, onError: call }
    return inReact(() => useReactWebSocket(URL, options).lastMessage?.data)
  },
  VueUse: () => () => {
    const app = createApp({
      setup() {
        const { data } = useVueWebSocket(URL, { onMessage: call, onDisconnected: call, onError: call })
        return () => {
          render()
          return hVue('p', String(data.value))
        }
      },
    })
    app.mount(document.createElement('main'))
    return () => app.unmount()
  },
}
/** Tasks run, one after another. */
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
/** Messages come, each in a task of its own, as from a network, and all before the next frame. */
const tick = async (count: number): Promise<void> => {
  for (let data = 1; data <= count; data++) {
    server.emit('message', JSON.stringify({ type: 'tick', data }))
    await pass(0)
  }
}

beforeEach(() => {
  sockets = renders = calls = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] })
  vi.stubGlobal('WebSocket', MockSocket)
  server = new Server(URL, { mock: false })
  server.on('connection', () => sockets++)
})
afterEach(() => {
  server.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe.each<[string, Record<'mounted' | 'both' | 'renders' | 'calls' | 'again', number>]>([
  ['holdfast', { mounted: 1, both: 1, renders: 1, calls: 0, again: 0 }],
  ['react-use-websocket', { mounted: 1, both: 2, renders: 100, calls: 1, again: 1 }],
  ['VueUse', { mounted: 1, both: 2, renders: 100, calls: 1, again: 1 }],
])('%s', (name, expected) => {
  test(`opens ${expected.mounted} socket, and ${expected.both} for two components`, async () => {
    const mount = mounts[name]!()
    const first = mount()
    await pass(100)
    const mounted = sockets
    const second = mount()
    await pass(100)
    expect({ mounted, both: sockets }).toEqual({ mounted: expected.mounted, both: expected.both })
    first()
    second()
    await pass(2_000)
    expect(server.clients()).toEqual([])
  })

  test(`renders ${expected.renders} times for 100 messages in a frame`, async () => {
    const unmount = mounts[name]!()()
    await pass(100)
    renders = 0
    await tick(100)
    await pass(16)
    expect([calls, renders]).toEqual([100, expected.renders])
    unmount()
  })

  test(`calls ${expected.calls} handlers of a component that is gone, and opens ${expected.again} more for the next one`, async () => {
    const mount = mounts[name]!()
    const unmount = mount()
    await pass(100)
    unmount()
    await pass(100)
    const former = sockets
    const unmountNext = mount()
    await pass(100)
    expect({ calls, again: sockets - former }).toEqual({ calls: expected.calls, again: expected.again })
    unmountNext()
  })
})
