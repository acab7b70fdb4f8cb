import type { Contract, Untyped } from '../contract.ts'
import { type ErrorCode, HoldfastError } from '../kernel/errors.ts'
import { reportError } from '../platform/report.ts'
import type { ServerSession } from '../server/contract.ts'
import { createAnswers, createEverywhere } from './answers.ts'
import { createInbox, createWaiting } from './inbox.ts'
import type { Asking } from './install.ts'
import { installNetwork } from './install-network.ts'
import { virtualMemory } from './memory.ts'
import { virtualNetwork } from './network.ts'
import { openPage } from './page.ts'
import { webSocketUrl } from './page-websocket.ts'
import { type VirtualServer, virtualServer } from './process.ts'
import { seededRandom } from './random.ts'
import type { TestServer, TestServerOptions } from './test-server.ts'
import { realClock } from './view.ts'

/** One of the many that a server answers at which was not told where. */
const ANYWHERE = 'wss://server.test/live'
/** What is told whose server is closed. */
const REASON = 'The test server is closed'

/** Where two URLs lead to one socket. */
const placeOf = ({ host, pathname }: URL): string => host + pathname

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
  const place = options.url === undefined ? undefined : placeOf(new URL(url))
  const clock = realClock()
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

  const start = (): VirtualServer<C, Identity> => {
    const started = virtualServer<C, Identity>({
      clock,
      random: random.fork(),
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
    started.listen(network, place === undefined ? '*' : new URL(url).host)
    return started
  }
  let process = start()

  let uninstall: (() => void) | undefined
  const sockets = new Set<{ close(options: { timeout: number }): Promise<void> }>()
  const { dispose } = Symbol as Partial<Pick<SymbolConstructor, 'dispose'>>
  const places = new Set<string>()

  const takes = (of: URL, { protocol, speaks }: Asking): boolean => {
    const asked = placeOf(of)
    if (protocol === 'http' && !speaks) return false
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
      const leave = installNetwork(network, { clock, takes, reason: REASON })
      const back = (): void => {
        if (uninstall !== back) return
        uninstall = undefined
        leave()
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
