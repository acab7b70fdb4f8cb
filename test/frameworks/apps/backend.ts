/** The server of a page: it brings the page, and talks to it over what was packed. */
import { EventEmitter, on } from 'node:events'
import { join } from 'node:path'
import type * as Holdfast from 'holdfast/server'
import sirv from 'sirv'
import { startHttpServer } from '../../tools/http-server.ts'
import type { Chat, Line } from './contract.ts'
import { builtAt, home } from './pages.ts'

const file = join(home, 'node_modules/holdfast/dist/server/index.js')
const { RequestError, createServer } = (await import(file)) as typeof Holdfast

export interface Backend {
  readonly url: string
  /** How many sessions began, one for each socket, and one more for each time that the server was started. */
  readonly begun: () => number
  /** How many sessions there are now. */
  readonly sessions: () => number
  /** What was said, oldest first. It outlives the process, as in a database. */
  readonly lines: () => readonly string[]
  /** Somebody else says something. */
  say(line: Line): void
  /** The price of rope changes; at `null` there is none left. */
  price(to: number | null): void
  /** The process dies: its connections are reset. */
  kill(): Promise<void>
  /** It is started again, on the same port. */
  start(): Promise<void>
}

export async function startBackend(page: string): Promise<Backend> {
  const lines: Line[] = [
    { room: 'lobby', from: 'ann', text: 'Hello?' },
    { room: 'attic', from: 'bob', text: 'It is dark here.' },
  ]
  const prices = new EventEmitter()
  let price = 10
  let begun = 0
  const run = async (port?: number) => {
    const live = createServer<Chat>({ path: '/live' })
    const say = (line: Line): void => {
      lines.push(line)
      live.to('everybody').send('said', line)
    }
    live.on('session', (session) => {
      begun++
      session.join('everybody')
      session.on('say', say)
      session.handle('history', ({ room }) => {
        if (room === 'cellar') throw new RequestError('locked', 'It is locked.')
        return lines.filter((line) => line.room === room)
      })
      session.handleStream('prices', async function* (_, { signal }) {
        const changes = on(prices, 'change', { signal, close: ['end'] }) as AsyncIterable<[number]>
        yield price
        for await (const [price] of changes) yield price
      })
    })
    const http = await startHttpServer((http) => {
      http.removeAllListeners('request').on('request', sirv(builtAt(page)))
      live.attach(http)
    }, port)
    return { live, http, say }
  }
  let running = await run()
  const { port } = running.http
  return {
    url: `http://127.0.0.1:${port}/`,
    begun: () => begun,
    sessions: () => running.live.sessions.size,
    lines: () => lines.map(({ text }) => text),
    say: (line) => running.say(line),
    price(to) {
      if (to === null) prices.emit('end')
      else prices.emit('change', (price = to))
    },
    async kill() {
      const { http, live } = running
      await http.kill()
      // A dead process has no timers left.
      void live.close()
    },
    async start() {
      running = await run(port)
    },
  }
}
