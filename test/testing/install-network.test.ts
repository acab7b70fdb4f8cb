import { connect } from 'holdfast'
import {
  type VirtualNetwork,
  createTrace,
  installNetwork,
  realClock,
  seededRandom,
  virtualNetwork,
  virtualServer,
} from 'holdfast/testing'
import { expect, onTestFinished, test, vi } from 'vitest'

interface Echo {
  requests: { echo(text: string): string }
}

/** Networks in this page, each with its own line to one server, and to one of another kind. */
const setUp = (...lines: readonly string[]) => {
  const clock = realClock()
  const random = seededRandom(1)
  const errors: unknown[] = []
  const start = () =>
    virtualServer<Echo>({
      clock,
      random: random.fork(),
      server: { origins: '*' },
      serve: (core) => core.on('session', (session) => session.handle('echo', (text) => text)),
      report: (error) => errors.push(error),
    })
  let server = start()
  const networks = lines.map((line): VirtualNetwork => {
    const conditions = { latency: 1, jitter: 0 }
    const network = virtualNetwork({ clock, random: random.fork(), conditions, trace: createTrace(clock, 100) })
    network.listen('plain.test', {
      bare: true,
      accept: (carrier) => ({ message: carrier.send, close: () => {} }),
      exchange: (request, body, answer) => {
        answer.send(200, `${request.url} ${body}`)
        return () => {}
      },
    })
    server.listen(network, 'echo.test')
    const takes = ({ hostname, searchParams }: URL): boolean =>
      hostname.endsWith('.test') && searchParams.get('line') === line
    onTestFinished(installNetwork(network, { clock, name: line, takes }))
    return network
  })
  onTestFinished(() => {
    server.kill()
    clock.stop()
    expect(errors).toEqual([])
  })
  return {
    networks,
    restart: () => {
      server.kill()
      server = start()
      for (const network of networks) server.listen(network, 'echo.test')
    },
  }
}

const open = (line: string) => {
  const socket = connect<Echo>(`wss://echo.test/live?line=${line}`, { backoff: { base: 5, max: 10 } })
  onTestFinished(() => socket.close({ timeout: 0 }))
  return socket
}

test('two lines lead to one server, and only one of them breaks', async () => {
  const { networks } = setUp('a', 'b')
  const [a, b] = [open('a'), open('b')]
  expect(await Promise.all([a.request('echo', 'one'), b.request('echo', 'two')])).toEqual(['one', 'two'])
  networks[0]!.fate('refuse')
  networks[0]!.cut()
  await vi.waitFor(() => expect(a.status.get().state).not.toBe('open'), { interval: 1 })
  expect(await b.request('echo', 'three')).toBe('three')
  expect(b.status.get().state).toBe('open')
  networks[0]!.fate('open')
  expect(await a.request('echo', 'four')).toBe('four')
})

test('a server that dies is gone on all its lines, and the next one is there on all', async () => {
  const { restart } = setUp('a', 'b')
  const sockets = [open('a'), open('b')]
  const lost = vi.fn()
  for (const socket of sockets) socket.onLost(lost)
  await Promise.all(sockets.map((socket) => socket.request('echo', 'before')))
  restart()
  const again = sockets.map((socket) => socket.request('echo', 'after', { idempotent: true }))
  expect(await Promise.all(again)).toEqual(['after', 'after'])
  expect(lost).toHaveBeenCalledTimes(2)
})

test('a plain WebSocket and `fetch` find servers of other kinds, until the network is taken back', async () => {
  setUp('a')
  const socket = new WebSocket('wss://plain.test/?line=a')
  const heard = new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(data)
    socket.onopen = () => socket.send('hello')
  })
  expect(await heard).toBe('hello')
  expect(await (await fetch('https://plain.test/ask?line=a', { method: 'POST', body: 'how' })).text()).toBe(
    '/ask?line=a how',
  )
  expect(await (await fetch('https://plain.test/ask?line=a')).text()).toBe('/ask?line=a ')
  await expect(fetch('data:text/plain,elsewhere').then((answer) => answer.text())).resolves.toBe('elsewhere')
})

test('sockets over a network that is taken back are told, and do not come again', async () => {
  const clock = realClock()
  const network = virtualNetwork({ clock, random: seededRandom(1) })
  const server = virtualServer<Echo>({ clock, random: seededRandom(2), report: () => {} })
  onTestFinished(() => server.kill())
  server.listen(network, 'echo.test')
  const before = globalThis.WebSocket
  const back = installNetwork(network, { clock, takes: () => true })
  const socket = open('any')
  await vi.waitFor(() => expect(socket.status.get().state).toBe('open'), { interval: 1 })
  back()
  back()
  await vi.waitFor(() => expect(socket.status.get().state).toBe('closed'), { interval: 1 })
  expect(socket.status.get().cause?.message).toContain('The network is gone')
  expect(globalThis.WebSocket).toBe(before)
})
