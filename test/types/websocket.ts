/** The drop-in class is a WebSocket to the compiler, too. Compiled, never run. */
import { HoldfastWebSocket, type Provided } from 'holdfast/websocket'
import { WebSocket as Ws } from 'ws'
import { same } from './contract.ts'

export const instance = new HoldfastWebSocket('wss://host') satisfies WebSocket
export const constructor: typeof WebSocket = HoldfastWebSocket
// What wants a drop-in takes no WebSocket: that one can do less.
// @ts-expect-error it cannot reconnect
export const lesser: HoldfastWebSocket = new WebSocket('wss://host')

export const events = (socket: HoldfastWebSocket): void => {
  socket.addEventListener('message', ({ origin }) => same<typeof origin, string>())
  socket.addEventListener('close', ({ code }) => same<typeof code, number>(), { once: true })
  socket.onclose = ({ wasClean }) => same<typeof wasClean, boolean>()
  socket.onopen = null
  // @ts-expect-error it is told, not set
  socket.readyState = 1
}

export const sources: Provided<string>[] = ['a', Promise.resolve('a'), () => 'a', async () => 'a']
export const options = [
  new HoldfastWebSocket(
    async () => new URL('wss://host'),
    () => ['v1'],
    { WebSocket: Ws },
  ),
  new HoldfastWebSocket('wss://host', null, { heartbeat: { message: () => 'ping', interval: 1_000 } }),
  // @ts-expect-error no such option
  new HoldfastWebSocket('wss://host', [], { maxRetry: 3 }),
  // @ts-expect-error a heartbeat needs a message
  new HoldfastWebSocket('wss://host', [], { heartbeat: { interval: 1_000 } }),
]
