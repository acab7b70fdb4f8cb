import type { Contract, Untyped } from '../contract.ts'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { systemClock } from '../platform/clock.ts'
import { reportError } from '../platform/report.ts'
import type { ServerSession } from '../server/contract.ts'
import { createAnswers, createEverywhere } from './answers.ts'
import { createInbox, createWaiting } from './inbox.ts'
import { createPageEvents, install } from './install.ts'
import { virtualMemory } from './memory.ts'
import { virtualNetwork } from './network.ts'
import { openPage } from './page.ts'
import { createPageFetch } from './page-fetch.ts'
import { createPageWebSockets, webSocketUrl } from './page-websocket.ts'
import { startProcess } from './process.ts'
import { seededRandom } from './random.ts'
import type { TestServer, TestServerOptions } from './test-server.ts'
import { timelineOf } from './view.ts'

/** One of the many that a server answers at which was not told where. */
const ANYWHERE = 'wss://server.test/live'
/** What is told whose server is closed: the application's own code, and final. */
const CLOSED = 4499
const REASON = 'The test server is closed'

/** Where two URLs lead to one socket. */
const placeOf = (url: string | URL): string => {
  const { host, pathname } = webSocketUrl(url)
  return host + pathname
}

/** No mistake of the application's here: networks break because they are told to, and what nobody listens to can be asked for. */
const EXPECTED: readonly ErrorCode[] = ['unresponsive', 'unreachable', 'unknown-event']
const report = (error: unknown): void => {
  // oxlint-disable-next-line no-console -- as a server does
  if (!(error instanceof HoldfastError && EXPECTED.includes(error.code))) console.error(error)
}

/**
 * A server in memory, for an application's tests: the real one, and to its clients as real, on a network that breaks when it is told to.
 * Time is the platform's, or what a test has put in its place.
 */
export const createTestServer = <C extends Contract = Untyped, Identity = unknown>(
  options: TestServerOptions<C, Identity> = {},
): TestServer<C, Identity> => {
  type Session = ServerSession<C, Identity>
  const { seed = 1, conditions } = options
  const url = options.url === undefined ? ANYWHERE : webSocketUrl(options.url).href
  const place = options.url === undefined ? undefined : placeOf(url)
  const clock = timelineOf(systemClock())
  const random = seededRandom(seed)
  const network = virtualNetwork({
    clock,
    random: random.fork(),
    conditions: { latency: 1, jitter: 0, ...conditions },
  })
  const waiting = createWaiting()
  const tell = (): string => {
    const count = process.core.sessions.size
    return count === 0 ? 'nobody is connected' : `sessions: ${count}`
  }
  const inbox = createInbox(waiting, tell)
  const everywhere = createEverywhere<Session>(() => process.core.sessions)

  const start = (): ReturnType<typeof startProcess<C, Identity>> =>
    startProcess<C, Identity>({
      network,
      clock,
      random: random.fork(),
      host: place === undefined ? '*' : new URL(url).host,
      server: { origins: '*', ...options.server },
      serve(core) {
        options.serve?.(core)
        core.on('session', (session) => {
          everywhere.add(session)
          waiting.look()
        })
      },
      report,
      witness: inbox.take,
    })
  let process = start()

  let uninstall: (() => void) | undefined
  const sockets = new Set<{ close(options: { timeout: number }): Promise<void> }>()
  const { dispose } = Symbol as Partial<Pick<SymbolConstructor, 'dispose'>>
  const places = new Set<string>()

  const takes = (of: string | URL, speaks: boolean): boolean => {
    if (!URL.canParse(String(of), globalThis.location?.href)) return false
    const asked = placeOf(of)
    if (place !== undefined) return asked === place
    // Clients of ours look there without our subprotocol, too, if nobody answers.
    if (speaks) places.add(asked)
    return places.has(asked)
  }

  const server = {
    url,
    network,
    get core() {
      return process.core
    },
    install: () => {
      if (uninstall) throw new HoldfastError('invalid-argument', 'This server is installed. Take that back first.')
      const view = clock.view()
      const lifecycle = createPageEvents()
      const origin = globalThis.location?.origin
      // Where a page has none, it says `null`.
      const page = network.client('page', { view, lifecycle, ...(origin && origin !== 'null' && { origin }) })
      const [sockets, requests] = [createPageWebSockets(page, view), createPageFetch(page)]
      const restore = install({ WebSocket: sockets.WebSocket, fetch: requests.fetch, takes })
      const back = (): void => {
        if (uninstall !== back) return
        uninstall = undefined
        lifecycle.end()
        restore.webSocket()
        sockets.endAll(CLOSED, REASON)
        const leaving = requests.endAll(CLOSED, REASON)
        if (leaving) void leaving.then(restore.fetch)
        else restore.fetch()
      }
      uninstall = back
      return dispose ? Object.assign(back, { [dispose]: back }) : back
    },
    connect: (of = {}) => {
      const name = `socket-${sockets.size + 1}`
      const { socket } = openPage<C>({
        network,
        name,
        view: clock.view(),
        random: random.fork(),
        memory: virtualMemory(),
        roundTrip: -1,
        url,
        options: of,
        report: reportError,
      })
      sockets.add(socket)
      return socket
    },
    on: (name: never, listener: (data: unknown, session: Session) => void) =>
      everywhere.register((session) => session.on(name, (data) => listener(data, session))),
    handle: createAnswers(everywhere, (session, name, handler: (...given: unknown[]) => never) =>
      session.handle(name as never, (input, context) => handler(input, context, session)),
    ),
    handleStream: createAnswers(everywhere, (session, name, handler: (...given: unknown[]) => never) =>
      session.handleStream(name as never, (input, context) => handler(input, context, session)),
    ),
    send: (name: never, ...rest: never) => {
      const { sessions } = process.core
      if (sessions.size === 0)
        throw new HoldfastError('closed', 'Nobody is connected. Wait for `session()` before you send.')
      for (const session of sessions) session.send(name, ...rest)
    },
    session: (patience) =>
      waiting.until(
        () => {
          const session = [...process.core.sessions].at(-1)
          return session && { value: session }
        },
        () => 'Nobody connected. It was waited for',
        patience,
      ),
    received: inbox.received,
    next: inbox.next,
    restart: () => {
      process.kill()
      process = start()
    },
    close: () => {
      uninstall?.()
      for (const socket of sockets) void socket.close({ timeout: 0 })
      process.kill()
      clock.stop()
      waiting.end()
    },
    ...(dispose && { [dispose]: () => server.close() }),
  } as TestServer<C, Identity>
  return server
}
