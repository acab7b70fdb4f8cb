/** Sessions through nginx and HAProxy, as people configure them. A fault proxy in front of each keeps the books. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectOptions, Socket, TransportName } from 'holdfast'
import { expect, test } from 'vitest'
import { type Chatter, chatBack } from '../../chaos/chatter.ts'
import { unharmed } from '../../chaos/ledger.ts'
import { describeSurvival, survive } from '../../chaos/survive.ts'
import { FaultProxy } from '../../tools/fault-proxy.ts'
import { type NginxOptions, startHaproxy, startNginx } from '../../tools/proxies.ts'
import { type Backend, type Chat, type Setup, isOpen, open, serve, status } from '../support/backend.ts'

type Kind = NginxOptions['kind'] | 'haproxy'
type Finished = NonNullable<Parameters<typeof serve>[1]>

interface Stage {
  readonly backend: Backend<Chatter, unknown>
  readonly socket: Socket<Chatter>
  /** What carried the session, each change of it. */
  readonly transports: readonly (TransportName | null)[]
}

/** A client, the fault proxy, a real one, and the server. */
async function behind(kind: Kind, options: ConnectOptions, finished: Finished): Promise<Stage> {
  const backend = await serve<Chatter>({ session: chatBack }, finished)
  const between =
    kind === 'haproxy'
      ? await startHaproxy({ target: backend.port })
      : await startNginx({ kind, targets: [backend.port] })
  finished(() => between.close())
  backend.proxy.retarget({ port: between.port })
  const socket = backend.connect(options)
  const transports: (TransportName | null)[] = []
  socket.status.subscribe(({ transport }) => {
    if (transport !== transports.at(-1)) transports.push(transport)
  })
  return { backend, socket, transports }
}

/** Messages a second, each way. */
const rate = 50

const byHttp = /^(http-stream|long-polling)$/

/** How many polls were cut for having hung five seconds: another follows when the client sees it. */
function cuts({ exchanges }: FaultProxy): number {
  const posts = exchanges.filter(({ request }) => !request.isUpgrade)
  return posts.filter(({ at, answer }, index) => {
    const isCut = answer?.status !== 200 || !answer.isComplete
    return isCut && (posts[index + 1]?.at ?? at) - at > 4_500
  }).length
}

// The long ones first: so many run side by side, and then the others in the place of each that is over.
test.concurrent.for([
  ['haproxy', 'auto', 27_500, { upgrades: 3, breaks: 3 }],
  ['haproxy', 'http', 19_000, { upgrades: 0, breaks: 0 }],
  ['buffering', 'auto', 19_000, { upgrades: 1, breaks: 0 }],
  ['buffering-always', 'auto', 19_000, { upgrades: 1, breaks: 0 }],
] as const)(
  '%s (%s): the patience of five seconds is learnt by an idle session, once',
  async ([kind, transport, time, expected], { annotate, onTestFinished }) => {
    const { backend, socket, transports } = await behind(kind, { transport }, onTestFinished)
    const { proxy, sessions } = backend
    for (const name of ['text', 'blob'] as const) socket.on(name, () => {})
    socket.handle('quiz', () => '')
    await status(socket, isOpen)
    await sleep(time)
    const posts = proxy.requests('POST')
    await annotate(`${proxy.requests('UPGRADE')} Upgrades, ${posts} POSTs, ${cuts(proxy)} cut; ${transports.join()}`)
    const breaks = transports.slice(1).filter((carrier) => carrier === null).length
    expect({ upgrades: proxy.requests('UPGRADE'), breaks }).toEqual(expected)
    expect(transports.at(-1)).toMatch(byHttp)
    expect(cuts(proxy)).toBe(1)
    expect(posts).toBeLessThanOrEqual(10)
    // It still works, and it is the same session.
    const before = performance.now()
    await socket.request('begin', { rate: 1, sizes: 'small' })
    expect(performance.now() - before).toBeLessThan(1_000)
    expect([sessions.all.length, socket.errors]).toEqual([1, {}])
  },
)

// HAProxy holds each piece back for some 200 ms, so a busy machine may find that answers do not stream.
test.concurrent.for([
  ['http-1.0', 'auto', 'http-stream'],
  ['no-upgrade', 'auto', 'http-stream'],
  ['buffering', 'auto', 'http-stream'],
  ['buffering-always', 'auto', 'long-polling'],
  ['websocket', 'auto', 'websocket'],
  ['websocket', 'http', 'http-stream'],
  ['haproxy', 'auto', 'websocket'],
  ['haproxy', 'http', 'http'],
] as const)(
  '%s (%s): opens at once, and 50 messages a second each way arrive, by %s',
  async ([kind, transport, expected], { annotate, onTestFinished }) => {
    const { backend, socket, transports } = await behind(kind, { transport }, onTestFinished)
    const { proxy, sessions, server } = backend
    const start = performance.now()
    await status(socket, isOpen)
    const opened = performance.now() - start
    const figures = await survive(socket, { cut: () => 0, duration: 4_000, rate, pause: [500, 500] })
    const { up, down } = figures
    const posts = proxy.requests('POST')
    await annotate(
      `open after ${opened.toFixed()} ms; ${describeSurvival(figures)}; ${posts} POSTs, ${proxy.accepted} connections; ${transports.join()}`,
    )
    expect(opened).toBeLessThan(1_000)
    expect({ up, down }).toMatchObject({ up: unharmed, down: unharmed })
    expect(Math.max(up.longestGap, down.longestGap)).toBeLessThan(2_000)
    expect(transports.slice(1)).not.toContain(null)
    expect(transports.at(-1)).toMatch(expected === 'http' ? byHttp : expected)
    // No more than a push for each message, and an answer where answers are not streamed.
    const most = up.sent + (transports.at(-1) === 'long-polling' ? down.sent : 0)
    expect(posts).toBeLessThanOrEqual(most + 20)
    expect(proxy.accepted).toBeLessThanOrEqual(12)
    expect([sessions.all.length, socket.errors, server.errors]).toEqual([1, {}, {}])
  },
)

test.concurrent(
  'two servers, by a hash of `route`: whatever carries a session comes to the same one',
  async ({ onTestFinished }) => {
    const chat: Setup<Chat, unknown> = { session: (session) => void session.handle('add', ([one, two]) => one + two) }
    const servers = [await serve(chat, onTestFinished), await serve(chat, onTestFinished)] as const
    const nginx = await startNginx({ kind: 'websocket', targets: servers.map(({ port }) => port) })
    onTestFinished(() => nginx.close())
    const proxy = await FaultProxy.start({ target: { port: nginx.port } })
    onTestFinished(() => proxy.close())
    const sockets = Array.from({ length: 20 }, () =>
      open(`ws://${proxy.host}/live`, { fastStart: true }, onTestFinished),
    )
    const lost: unknown[] = []
    for (const socket of sockets) socket.onLost((loss) => lost.push(loss))
    const add = async (): Promise<void> => {
      expect(await Promise.all(sockets.map((socket, index) => socket.request('add', [index, 1])))).toEqual(
        sockets.map((_, index) => index + 1),
      )
    }
    const carriedBy = async (...wanted: (TransportName | null)[]): Promise<void> => {
      await Promise.all(sockets.map((socket) => status(socket, ({ transport }) => wanted.includes(transport))))
    }

    // By HTTP first, and then by WebSocket.
    await add()
    await carriedBy('websocket')
    await add()
    // And by HTTP again.
    proxy.block('403')
    proxy.cut()
    await carriedBy('http-stream', 'long-polling')
    await add()

    expect(proxy.requests('POST')).toBeGreaterThan(2 * sockets.length)
    expect(sockets.map((socket) => socket.status.get().resumed)).toEqual(sockets.map(() => true))
    expect(lost).toEqual([])
    const [one, two] = servers.map(({ sessions }) => sessions.all.length) as [number, number]
    expect(one + two).toBe(sockets.length)
    expect(Math.min(one, two)).toBeGreaterThan(0)
  },
)
