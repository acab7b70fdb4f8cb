/** The server that browser tests talk to: one HTTP server, everything under test attached to it. */
import type { Server } from 'node:http'
import { type ServerSession, createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'
import type { App } from './app.ts'
import { countBack } from './chaos.ts'
import { type KillableServer, startHttpServer } from './http-server.ts'

/** On the port it had before, if it had one, as a server that was started again. */
export async function startAppServer(port?: number): Promise<KillableServer> {
  const heard: string[] = []
  // Pages under test come from a server of their own.
  const live = createServer<App>({ path: '/live', origins: '*' })
  live.on('session', (session) => talk(session, heard))
  const guarded = createServer<App>({ path: '/same-origin' })
  // Clients whose connections die make no errors; pages from elsewhere are turned away, and that is one.
  guarded.on('error', () => {})
  const http = await startHttpServer((to) => {
    live.attach(to)
    guarded.attach(to)
    attachEcho(to)
  }, port)
  return {
    port: http.port,
    async kill() {
      await http.kill()
      // A dead process has no timers left.
      await Promise.all([live.close(), guarded.close()])
    },
  }
}

function talk(session: ServerSession<App>, heard: string[]): void {
  session.on('say', (text) => {
    heard.push(text)
    session.send('said', text)
  })
  session.on('bytes', (bytes) => session.send('bytes', bytes.toReversed()))
  session.handle('add', ([left, right]) => left + right)
  session.handle('heard', () => heard)
  session.handle('ask', (question) => session.request('confirm', question))
  session.handle('hang', () => new Promise<never>(() => {}))
  session.handleStream('numbers', async function* (to) {
    for (let number = 1; number <= to; number++) yield await Promise.resolve(number)
  })
  countBack(session)
}

/** A bare WebSocket that answers with what it gets, on `/echo`, and speaks no subprotocol; other upgrades are refused unless others take them. */
function attachEcho(http: Server): void {
  const echo = new WebSocketServer({ noServer: true, handleProtocols: () => false })
  http.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/echo') {
      echo.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on('message', (data, isBinary) => websocket.send(data, { binary: isBinary }))
      })
    } else if (pathname === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
  })
}
