/** The benchmark's server, in a process of its own: a bare `ws` endpoint and a Holdfast one. Told by its parent when to profile. */
import { createServer as createHttpServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'
import { type Bench, type Move, type RawMessage, burst, dripPause, moveOf } from './contract.ts'
import { type Talk, createLoopServer } from './loop-server.ts'
import { peerServers } from './peer-servers.ts'

/** Sends in bursts, with a pause for what else there is to do. */
function pour(count: number, send: (move: Move) => void): void {
  let sent = 0
  const pourOn = (): void => {
    for (const end = Math.min(count, sent + burst); sent < end; sent++) send(moveOf(sent))
    if (sent < count) setImmediate(pourOn)
  }
  setImmediate(pourOn)
}

/** Sends one by one. */
function drip(count: number, send: (move: Move) => void): void {
  let sent = 0
  const timer = setInterval(() => {
    send(moveOf(sent))
    if (++sent === count) clearInterval(timer)
  }, dripPause)
}

/** Lines that were given a name: what sends a move over them. */
const named = new Map<string, () => void>()

/** The server's side of a line by hand. */
const converse = (say: (message: RawMessage) => void): Talk => {
  let moves = 0
  return ({ event, data, id }) => {
    const answer = (value: RawMessage['data']): void => say({ event, data: value, id: id! })
    if (event === 'move') moves++
    else if (event === 'echo') answer(data)
    else if (event === 'count') answer(moves)
    else if (event === 'nudge') named.get(data as string)?.()
    else if (event === 'name') {
      named.set(data as string, () => say({ event: 'move', data: moveOf(0) }))
      answer(null)
    } else {
      answer(null)
      const send = event === 'pour' ? pour : drip
      send(data as number, (move) => say({ event: 'move', data: move }))
    }
  }
}
const loop = createLoopServer(converse)

/** The page's. */
let script = ''
const http = createHttpServer((request, response) => {
  if (request.url?.startsWith('/loop')) return void loop(request, response)
  response.writeHead(200, {
    'content-type': 'text/html',
    // A page that is isolated has a clock that tells microseconds.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  })
  response.end(`<!doctype html><title>Benchmark</title><script type="module">${script}</script>`)
})

const raw = new WebSocketServer({ noServer: true, perMessageDeflate: false })
raw.on('connection', (socket) => {
  const talk = converse((message) => socket.send(JSON.stringify(message)))
  socket.on('message', (text: Buffer) => talk(JSON.parse(text.toString()) as RawMessage))
})
const live = createServer<Bench>({
  path: '/live',
  // It is the speed that is measured: nothing is refused for being too much, on either side.
  limits: { rate: Infinity, bufferedMessages: 1e7, bufferedBytes: 1e10, totalBytes: Infinity },
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
  session.handle('drip', (count) => {
    drip(count, (move) => session.send('move', move))
    return null
  })
  session.handle('name', (name) => {
    named.set(name, () => session.send('move', moveOf(0)))
    return null
  })
})
const inspector = new Session()
inspector.connect()
process.on('message', (command) => {
  void (async () => {
    if (command === 'profile') {
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.start')
      process.send?.('profiling')
    } else if (command === 'report') process.send?.(await inspector.post('Profiler.stop'))
    else script = command as string
  })()
})
process.on('disconnect', () => process.exit())
// First: SockJS hides the listeners that it finds.
await peerServers[process.argv[2] ?? '']?.(http, converse)
http.on('upgrade', (request, socket, head) => {
  if (request.url === '/raw') raw.handleUpgrade(request, socket, head, (websocket) => raw.emit('connection', websocket))
})
live.attach(http)
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port))
