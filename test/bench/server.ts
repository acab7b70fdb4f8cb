/** The benchmark's server, in a process of its own: a bare `ws` endpoint and a Holdfast one. Told by its parent when to profile. */
import { createServer as createHttpServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'
import { type Bench, type Move, type RawMessage, burst, moveOf } from './contract.ts'

/** Sends in bursts, with a pause for what else there is to do. */
function pour(count: number, send: (move: Move) => void): void {
  let sent = 0
  const pourOn = (): void => {
    for (const end = Math.min(count, sent + burst); sent < end; sent++) send(moveOf(sent))
    if (sent < count) setImmediate(pourOn)
  }
  setImmediate(pourOn)
}

const http = createHttpServer((_request, response) => {
  response.writeHead(200, {
    'content-type': 'text/html',
    // A page that is isolated has a clock that tells microseconds.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  })
  response.end('<!doctype html><title>Benchmark</title>')
})

const raw = new WebSocketServer({ noServer: true, perMessageDeflate: false })
raw.on('connection', (socket) => {
  let moves = 0
  const say = (message: RawMessage): void => socket.send(JSON.stringify(message))
  socket.on('message', (text: Buffer) => {
    const { event, data, id } = JSON.parse(text.toString()) as RawMessage
    if (event === 'move') moves++
    else if (event === 'echo') say({ event, data, id: id! })
    else if (event === 'count') say({ event, data: moves, id: id! })
    else {
      say({ event, data: null, id: id! })
      pour(data as number, (move) => say({ event: 'move', data: move }))
    }
  })
})
http.on('upgrade', (request, socket, head) => {
  if (request.url === '/raw') raw.handleUpgrade(request, socket, head, (websocket) => raw.emit('connection', websocket))
})

const live = createServer<Bench>({
  path: '/live',
  // It is the speed that is measured: nothing is refused for being too much, on either side.
  limits: { rate: Infinity, bufferedMessages: 1e6, bufferedBytes: 1e9 },
})
live.on('session', (session) => {
  let moves = 0
  session.on('move', () => moves++)
  session.handle('echo', (move) => move)
  session.handle('count', () => moves)
  session.handle('pour', (count) => {
    pour(count, (move) => session.send('move', move))
    return null
  })
})
live.attach(http)

const inspector = new Session()
inspector.connect()
process.on('message', (command) => {
  void (async () => {
    if (command === 'profile') {
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.start')
      process.send?.('profiling')
    } else process.send?.(await inspector.post('Profiler.stop'))
  })()
})
process.on('disconnect', () => process.exit())
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port))
