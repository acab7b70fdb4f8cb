/** What becomes of an HTTP carrier's exchanges when answers get lost, break off or come too late, over real sockets. */
import type { ConnectOptions } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type Chatter, chatBack } from '../../chaos/chatter.ts'
import { unharmed } from '../../chaos/ledger.ts'
import { describeSurvival, survive } from '../../chaos/survive.ts'
import type { HttpExchange, HttpRequest } from '../../tools/http-faults.ts'
import { type Backend, type Chat, isOpen, open, serve, status } from '../support/backend.ts'
import { opened, serveHttp } from '../support/http-backend.ts'
import { Seen } from '../support/seen.ts'

const isStream = ({ text }: HttpRequest): boolean => text.includes('"stream":true')
/** Neither the opening nor the end. */
const isPush = ({ text }: HttpRequest): boolean => /"push":([2-9]|\d\d)/.test(text)
const isPoll = ({ text }: HttpRequest): boolean => text.includes('"poll"') && !text.includes('"push"')

const numberOf = ({ request }: HttpExchange): number => Number(/"push":(\d+)/.exec(request.text)?.[1])

interface Stage {
  readonly backend: Backend<Chat, unknown>
  /** What the server heard. */
  readonly heard: Seen<string>
  /** What it said, as it came. */
  readonly said: Seen<string>
  /** The client says it; resolves when it is back. */
  echo(text: string): Promise<void>
}

/** An open session on HTTP whose server says again what it hears; `before` happens before it is opened. */
async function stage(options: ConnectOptions, before: (backend: Stage['backend']) => void = () => {}): Promise<Stage> {
  const heard = new Seen<string>()
  const said = new Seen<string>()
  const backend = await serve({
    session(session) {
      session.on('say', (text) => {
        heard.add(text)
        session.send('said', text)
      })
    },
  })
  before(backend)
  const socket = open(backend.url, options)
  socket.on('said', said.add)
  await status(socket, isOpen)
  return {
    backend,
    heard,
    said,
    async echo(text) {
      socket.send('say', text)
      await said.find((answer) => answer === text)
    },
  }
}

/** Each came once, in order, and no other carrier was needed. */
function expectHealed({ backend, heard, said }: Stage, ...texts: string[]): void {
  expect({ heard: heard.all, said: said.all }).toEqual({ heard: texts, said: texts })
  const carriers = new Set(backend.proxy.exchanges.map(({ request }) => /"carrier":"([^"]+)"/.exec(request.text)?.[1]))
  expect([carriers.size, backend.sessions.all.length]).toEqual([1, 1])
}

describe('an answer that is lost', () => {
  test('to a push: it is sent again, and taken once', async () => {
    const there = await stage({ transport: 'http' })
    const { proxy } = there.backend
    const cut = proxy.cutAnswer('all', { of: isPush })
    await there.echo('one')
    await cut
    await there.echo('two')
    const pushes = proxy.exchanges.filter(({ request }) => isPush(request)).map(numberOf)
    // The third may have been needed for an acknowledgement.
    expect(pushes.slice(0, 3)).toEqual([2, 2, 3])
    expectHealed(there, 'one', 'two')
  })

  test('to a poll: what it said is said again', async () => {
    const there = await stage({ transport: 'long-polling' })
    const { proxy } = there.backend
    // The poll that hangs has come through already.
    const cut = proxy.cutAnswer('all', { of: isPoll })
    await there.echo('one')
    await there.echo('two')
    await cut
    await there.echo('three')
    expectHealed(there, 'one', 'two', 'three')
  })

  test('to a push and to a poll', async () => {
    const there = await stage({ transport: 'long-polling' })
    const { proxy } = there.backend
    const cuts = [proxy.cutAnswer('all', { of: isPoll }), proxy.cutAnswer('all', { of: isPush, nth: 2 })]
    await there.echo('one')
    await there.echo('two')
    await Promise.all(cuts)
    await there.echo('three')
    expectHealed(there, 'one', 'two', 'three')
  })
})

describe('a stream that breaks off', () => {
  test.each(['mid-line', 'mid-character'] as const)('%s: goes on where it was', async (point) => {
    let cut: Promise<HttpExchange> | undefined
    const there = await stage({ transport: 'http' }, ({ proxy }) => {
      cut = proxy.cutAnswer(point, { of: isStream })
    })
    await there.echo('ä long word: Donaudampfschiffahrtsgesellschaftskapitänsmütze')
    const { answer } = await cut!
    expect(answer).toMatchObject({ status: 200, isComplete: false })
    await there.echo('and another, ß')
    expectHealed(there, 'ä long word: Donaudampfschiffahrtsgesellschaftskapitänsmütze', 'and another, ß')
    expect(there.backend.proxy.exchanges.filter(({ request }) => isStream(request)).length).toBeGreaterThan(1)
  })
})

describe('exchanges that overtake each other', () => {
  test('a push that comes before the one before it waits for that', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    const [session] = backend.sessions.all
    const heard: unknown[] = []
    session!.on('say', (text) => heard.push(text))
    const second = post({ push: 3 }, ['say', 'two'])
    const poll = await post({ got: 1, poll: 20_000, stream: true })
    expect(await poll.lines.first(1)).toEqual(['{"push":1,"from":2}'])
    expect(heard).toEqual([])
    const first = await post({ push: 2 }, ['say', 'one'])
    expect((await second).status).toBe(200)
    expect(await first.body).toMatch(/^\{"push":[23],/)
    expect((await poll.lines.first(3)).slice(1)).toEqual(['["said","one"]', '["said","two"]'])
    expect(heard).toEqual(['one', 'two'])
  })

  test('a poll that comes late does not take the place of a newer one’s answers', async () => {
    const backend = await serveHttp()
    const { post } = await opened(backend)
    const newer = await post({ got: 1, poll: 20_000, stream: true })
    const [session] = backend.sessions.all
    session!.send('tick', 1)
    await newer.lines.first(2)
    // It asks for what the other one has told already; the client counts it once.
    const late = await post({ got: 1, poll: 20_000, stream: true })
    session!.send('tick', 2)
    expect(await late.lines.first(3)).toEqual(['{"push":1,"from":2}', '["tick",1]', '["tick",2]'])
  })
})

describe.concurrent('50 messages a second each way, through', () => {
  test.for(['http', 'long-polling'] as const)(
    'answers that are lost and broken off, resets, and delays that make exchanges overtake each other: %s',
    async (transport, { annotate, onTestFinished }) => {
      const backend = await serve<Chatter>({ session: chatBack }, onTestFinished)
      const { proxy } = backend
      const socket = backend.connect({ transport })
      let faults = 0
      const figures = await survive(socket, {
        cut() {
          const fault = faults++ % 6
          if (fault === 0) void proxy.cutAnswer('all', { of: isPush })
          if (fault === 1) void proxy.cutAnswer('all', { of: isPoll })
          if (fault === 2) void proxy.cutAnswer('mid-line', { of: isPoll })
          // What was sent with the longer delay is overtaken on other connections.
          if (fault === 3) proxy.latency(60)
          if (fault === 4) proxy.latency(0)
          return fault === 5 ? proxy.cut() : 0
        },
        duration: 10_000,
        rate: 50,
        pause: [100, 300],
      })
      await annotate(`${describeSurvival(figures)}; ${proxy.requests('POST')} POSTs, ${proxy.accepted} connections`)
      expect(figures).toMatchObject({ up: unharmed, down: unharmed })
      expect(figures.kills).toBeGreaterThanOrEqual(5)
      expect(Math.min(figures.up.sent, figures.down.sent)).toBeGreaterThan(250)
      expect([backend.sessions.all.length, socket.errors, backend.server.errors]).toEqual([1, {}, {}])
    },
  )
})
