/** The server that browser tests talk to: one HTTP server, everything under test attached to it. */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { type ServerSession, createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'
import { chatBack } from '../chaos/chatter.ts'
import { noise, sumOf } from './noise.ts'
import type { App } from './app.ts'
import { type KillableServer, startHttpServer } from './http-server.ts'

/** On the port it had before, if it had one, as a server that was started again. */
export async function startAppServer(port?: number): Promise<KillableServer> {
  const book: Book = { heard: [], heardAt: [] }
  // Pages under test come from a server of their own.
  const live = createServer<App>({ path: '/live', origins: '*', limits: { blobBytes: 2 ** 27 } })
  live.on('session', (session) => talk(session, book))
  const members = createServer<App, string>({
    path: '/members',
    origins: '*',
    authenticate: ({ auth, request }) =>
      auth === 'password' ? 'bob' : /\blogin=(\w+)/.exec(String(request.headers['cookie']))?.[1],
  })
  members.on('session', (session) => talk(session, book))
  const guarded = createServer<App>({ path: '/same-origin' })
  // Clients whose connections die make no errors; pages from elsewhere are turned away, and that is one.
  guarded.on('error', () => {})
  const http = await startHttpServer((to) => {
    live.attach(to)
    members.attach(to)
    guarded.attach(to)
    attachPages(to)
    attachEcho(to)
  }, port)
  return {
    port: http.port,
    async kill() {
      await http.kill()
      // A dead process has no timers left; nor does it wait for clients on HTTP to fetch their last words.
      void Promise.all([live.close(), members.close(), guarded.close()])
    },
  }
}

interface Book {
  readonly heard: string[]
  readonly heardAt: number[]
}

function talk(session: ServerSession<App>, { heard, heardAt }: Book): void {
  session.on('say', (text) => {
    heard.push(text)
    heardAt.push(Date.now())
    session.send('said', text)
  })
  session.on('bytes', (bytes) => session.send('bytes', bytes.toReversed()))
  session.handle('add', ([left, right]) => left + right)
  session.handle('heard', () => heard)
  session.handle('heardAt', () => heardAt)
  session.handle('whoAmI', () => (typeof session.identity === 'string' ? session.identity : null))
  session.handle('ask', (question) => session.request('confirm', question))
  session.handle('hang', () => new Promise<never>(() => {}))
  session.handle('upload', sumOf)
  session.handle('download', async (bytes) => {
    const photo = noise(bytes)
    return { photo, sum: await sumOf(photo) }
  })
  session.handleStream('numbers', async function* (to) {
    for (let number = 1; number <= to; number++) yield await Promise.resolve(number)
  })
  chatBack(session)
}

/**
 * A bare WebSocket that answers with what it gets, on `/echo`, and speaks no subprotocol; `/chat` does the same and speaks `chat`, and
 * both close with what follows `close `, a code. `/refused` is refused.
 */
function attachEcho(http: Server): void {
  const echo = new WebSocketServer({ noServer: true, handleProtocols: () => false })
  const chat = new WebSocketServer({ noServer: true, handleProtocols: (protocols) => protocols.has('chat') && 'chat' })
  http.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const server = { '/echo': echo, '/chat': chat }[pathname]
    if (server) {
      server.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on('message', (data, isBinary) => {
          const code = /^close (\d+)$/.exec((data as Buffer).toString())?.[1]
          if (code === undefined) websocket.send(data, { binary: isBinary })
          else websocket.close(Number(code), 'as you like')
        })
      })
    } else if (pathname === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
  })
}

/**
 * A page of this server's, at `/page`, with the built file in it, that does what its parent tells it (see page.ts): the whole of
 * it comes in one answer. `?login=ann` logs in with a cookie; `?last` ends the connection that brought it; with
 * `?store` it has the store as well.
 */
function attachPages(http: Server): void {
  http.removeAllListeners('request').on('request', ({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (pathname !== '/page') return response.writeHead(404).end()
    const name = searchParams.get('login')
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...(name !== null && { 'set-cookie': `login=${name}; HttpOnly; SameSite=Lax; Path=/` }),
      ...(searchParams.has('last') && { connection: 'close' }),
    })
    return response.end(page(...(searchParams.has('store') ? ['holdfast', 'store'] : ['holdfast'])))
  })
}

const root = `${import.meta.dirname}/../..`

/** With the script in it, because a page that has to fetch it says nothing of its network. */
function page(...scripts: readonly string[]): string {
  const script = scripts.map((name) => readFileSync(`${root}/dist/${name}.iife.min.js`, 'utf8')).join('\n')
  return readFileSync(`${root}/test/browser/page.html`, 'utf8').replace('/* holdfast */', () => script)
}
