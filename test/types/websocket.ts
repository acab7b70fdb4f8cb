/** The drop-in class is a WebSocket to the compiler, too. Compiled, never run. */
import { HoldfastWebSocket, type Provided } from 'holdfast/websocket'
import { WebSocket as Ws } from 'ws'
import { same } from './contract.ts'

export const instance: WebSocket = new HoldfastWebSocket('wss://host')
export const constructor: typeof WebSocket = HoldfastWebSocket
// What wants a drop-in takes no WebSocket: that one can do less.
// @ts-expect-error it cannot reconnect
export const lesser: HoldfastWebSocket = new WebSocket('wss://host')

export const events = (socket: HoldfastWebSocket): void => {
  socket.addEventListener('message', ({ origin }) => same<typeof origin, string>())
  socket.addEventListener('close', ({ code }) => same<typeof code, number>(), { once: true })
  socket.onclose = ({ wasClean }) => same<typeof wasClean, boolean>()
  socket.onopen = null
  socket.addEventListener('message', { handleEvent: ({ type }) => same<typeof type, string>() })
  // @ts-expect-error it is told, not set
  socket.readyState = 1
  // @ts-expect-error that is of a message
  socket.onclose = ({ data }) => data
  // @ts-expect-error it has blobs and array buffers
  socket.binaryType = 'text'
  // @ts-expect-error objects are the application's to serialize
  socket.send({ hello: 'world' })
}

/** What libraries ask for, and construct by themselves. */
class Patient extends HoldfastWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { connectionTimeout: 20_000 })
  }
}
export const given: (typeof WebSocket)[] = [HoldfastWebSocket, Patient]

export const sources: Provided<string>[] = ['a', Promise.resolve('a'), () => 'a', async () => 'a']
export const options = [
  new HoldfastWebSocket(
    async () => new URL('wss://host'),
    () => ['v1'],
    { WebSocket: Ws },
  ),
  new HoldfastWebSocket('wss://host', null, { heartbeat: { message: () => 'ping', interval: 1_000 } }),
  // @ts-expect-error a URL is text, too
  new HoldfastWebSocket(443),
  // @ts-expect-error a class is wanted
  new HoldfastWebSocket('wss://host', [], { WebSocket: new Ws('wss://host') }),
  // @ts-expect-error numbers are milliseconds
  new HoldfastWebSocket('wss://host', [], { connectionTimeout: '4s' }),
  // @ts-expect-error no such option
  new HoldfastWebSocket('wss://host', [], { maxRetry: 3 }),
  // @ts-expect-error a heartbeat needs a message
  new HoldfastWebSocket('wss://host', [], { heartbeat: { interval: 1_000 } }),
]
