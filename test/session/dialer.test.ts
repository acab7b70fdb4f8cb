/** What the client does with what the ladder wants: addresses, credentials, memory, and what it tells of all that. */
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/server/exchange.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import { type World, world } from 'holdfast/testing'
import { rawServer, welcome } from '../tools/raw.ts'
import { type PageOptions, openPage, virtualMemory } from '../tools/virtual-page.ts'

const MINUTES = 60_000

/** A server that knows by which URLs it was asked. */
const stage = (options: ServerOptions = {}): { here: World; urls: string[] } => {
  const urls: string[] = []
  const here = world({
    clients: 0,
    server: {
      authenticate: ({ request, auth }) => {
        urls.push(String(request.url))
        return auth ?? 'anybody'
      },
      ...options,
    },
  })
  return { here, urls }
}
const opened = (here: World, what: () => boolean): Promise<boolean> => here.clock.runUntil(what, MINUTES)

describe('addresses', () => {
  test('one route for all carriers of a socket, another one for another', async () => {
    const { here, urls } = stage()
    openPage(here, { fastStart: true })
    await here.clock.advance(1_000)
    openPage(here)
    await here.clock.advance(1_000)
    expect(urls).toHaveLength(3)
    const [http, websocket, other] = urls
    expect(http).toMatch(/^\/live\?route=[\w-]{8}$/)
    expect(websocket).toBe(http)
    expect(other).not.toBe(http)
  })

  test.each([
    ['ws://server.test/live?route=mine', /^\/live\?route=mine$/],
    ['ws://server.test/live?token=a%20b+c', /^\/live\?token=a%20b\+c&route=[\w-]{8}$/],
  ])('%s is left as it is', async (url, expected) => {
    const { here, urls } = stage()
    openPage(here, { url, fastStart: true })
    await here.clock.advance(1_000)
    expect(urls).toEqual([expect.stringMatching(expected), expect.stringMatching(expected)])
  })

  test('what waits for one never goes to another: each socket has a queue of its own', async () => {
    const heard: unknown[] = []
    const here: World = world({
      clients: 0,
      server: {
        authenticate: ({ request }): unknown =>
          new URL(String(request.url), 'ws://server.test').searchParams.get('room'),
      },
      serve: (core) =>
        void core.on('session', (session) => void session.on('say', (text) => heard.push([session.identity, text]))),
    })
    here.network.fate('refuse')
    const rooms = ['a', 'b'].map((room) => openPage(here, { url: `ws://server.test/live?room=${room}` }))
    for (const [index, { socket }] of rooms.entries()) socket.send('say', `for ${'ab'[index]}`)
    await here.clock.advance(2_000)
    // The first leaves its room: nobody is to hear it elsewhere.
    void rooms[0]!.socket.close({ timeout: 0 })
    here.network.fate('open')
    await here.clock.advance(MINUTES)
    expect(heard).toEqual([['b', 'for b']])
  })

  test('no secret is in any', async () => {
    const { here, urls } = stage()
    here.network.block('websocket')
    const { socket } = openPage(here, { auth: 'the-token' })
    await here.clock.advance(1_000)
    socket.send('say', 'something')
    await here.clock.advance(1_000)
    const posted = here.trace.events.map(([, , , detail]) => String(detail)).join('\n')
    const secrets = [...posted.matchAll(/"(?:carrier|session|nonce|auth|life)":"([\w-]+)"/g)].map(
      ([, secret]) => secret!,
    )
    expect(new Set(secrets).size).toBeGreaterThanOrEqual(4)
    expect(secrets.filter((secret) => urls.some((url) => url.includes(secret)))).toEqual([])
  })
})

describe('providers', () => {
  test('are asked once a try, whatever is tried in it', async () => {
    const { here } = stage()
    here.network.block('websocket')
    const asked: string[] = []
    openPage(here, {
      url: () => (asked.push('url'), 'ws://server.test/live'),
      auth: () => (asked.push('auth'), 'ann'),
    })
    await here.clock.advance(1_000)
    expect(asked).toEqual(['auth', 'url'])
  })

  test('and again for a return: by then a token, or a signed URL, may have run out', async () => {
    const { here, urls } = stage({ sameIdentity: () => true })
    here.network.block('websocket')
    let time = 0
    const { socket } = openPage(here, {
      url: () => Promise.resolve(`ws://server.test/live?signed=${++time}`),
      auth: () => `token ${time}`,
    })
    await here.clock.advance(1_000)
    here.network.unblock()
    await here.clock.advance(MINUTES)
    expect(urls.map((url) => url.split('&')[0])).toEqual(['/live?signed=1', '/live?signed=2'])
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'websocket' })
  })

  test.each<[string, () => unknown]>([
    [
      'throw',
      () => {
        throw new Error('logged out')
      },
    ],
    ['reject', () => Promise.reject(new Error('logged out'))],
  ])('that %s at a return: HTTP goes on, and no WebSocket is left', async (_, fail) => {
    const { here } = stage()
    here.network.block('websocket')
    let isFine = true
    const { socket, browser, steps } = openPage(here, { auth: () => (isFine ? 'ann' : fail()) })
    await here.clock.advance(1_000)
    here.network.unblock()
    isFine = false
    steps.length = 0
    const { dials } = browser
    await here.clock.advance(MINUTES)
    expect(steps).toEqual(['dial websocket', 'failed websocket: provider-failed'])
    // HTTP may have opened one more connection for a push.
    expect(browser.dials - dials).toBeLessThanOrEqual(1)
    expect(here.network.links.filter(({ protocol }) => protocol === 'websocket')).toEqual([])
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'http-stream' })
    isFine = true
    await here.clock.advance(3 * MINUTES)
    expect(socket.status.get().transport).toBe('websocket')
  })

  test('that answer when the return was given up are not heard', async () => {
    const { here } = stage()
    here.network.block('websocket', 'hang-upgrade')
    let isSlow = false
    const { steps } = openPage(here, {
      roundTrip: 40,
      auth: () =>
        isSlow ? new Promise((_, reject) => void here.clock.after(15_000, () => reject(new Error('too late')))) : 'ann',
    })
    await here.clock.advance(15_000)
    isSlow = true
    steps.length = 0
    await here.clock.advance(3 * MINUTES)
    expect(steps).toEqual(['dial websocket', 'drop websocket'])
  })
})

describe('memory', () => {
  /** A page on a network that blocks WebSockets, which are not blocked any more when it is gone. */
  const visited = async () => {
    const { here } = stage()
    here.network.block('websocket')
    const memory = virtualMemory()
    const { socket } = openPage(here, { memory })
    await here.clock.advance(5_000)
    await Promise.all([socket.close(), here.clock.advance(1_000)])
    here.network.unblock()
    return { here, memory, first: () => openPage(here, { memory }).steps }
  }

  test('HTTP first for ten minutes, and no longer', async () => {
    const { here, memory, first } = await visited()
    expect([...memory.kept.keys()]).toEqual(['holdfast:server.test'])
    await here.clock.advance(9 * MINUTES)
    expect(first()[0]).toBe('dial http')
    await here.clock.advance(MINUTES)
    memory.set('holdfast:server.test', '{"httpUntil":0,"roundTrip":40}')
    expect(first()[0]).toBe('dial websocket')
  })

  test('expires by itself', async () => {
    const { here, first } = await visited()
    await here.clock.advance(10 * MINUTES)
    expect(first()[0]).toBe('dial websocket')
  })

  test('goes when the network changes, for the next page, too', async () => {
    const { here, memory, first } = await visited()
    here.network.block('websocket')
    const { lifecycle, socket } = openPage(here, { memory })
    await here.clock.advance(1_000)
    lifecycle.happen('network')
    await Promise.all([socket.close(), here.clock.advance(100)])
    expect(first()[0]).toBe('dial websocket')
  })

  test('of one server says nothing of another', async () => {
    const { here, memory } = await visited()
    const { steps } = openPage(here, { memory, url: 'ws://other.test/live' })
    expect(steps).toEqual(['dial websocket'])
  })

  test.each(['nonsense', 'null', '{"httpUntil":1e999,"roundTrip":"x"}', '{"httpUntil":-1,"roundTrip":-1e999}'])(
    'that is corrupt (%s) is none',
    async (value) => {
      const { here } = stage()
      const memory = virtualMemory()
      memory.set('holdfast:server.test', value)
      const { steps, socket } = openPage(here, { memory })
      await here.clock.advance(1_000)
      expect([steps, socket.status.get().state]).toEqual([
        ['dial websocket', 'claim websocket', 'heard websocket'],
        'open',
      ])
    },
  )

  test('of a round trip that was measured: HTTP is there long before the two seconds of those who know nothing', async () => {
    const { here } = stage()
    const memory = virtualMemory()
    const { socket } = openPage(here, { memory })
    await here.clock.advance(1_000)
    await Promise.all([socket.close(), here.clock.advance(100)])
    here.network.block('websocket', 'hang-upgrade')
    const next = openPage(here, { memory })
    await here.clock.advance(500)
    expect(next.socket.status.get()).toMatchObject({ state: 'open', transport: 'http-stream' })
  })
})

test.each([
  [30, 30],
  [-1, 80],
  [200, 80],
])('over HTTP, a connection is opened within a round trip: of %i ms, %i ms are remembered', async (known, kept) => {
  const here = world({ clients: 0, conditions: { latency: 20, jitter: 0 } })
  here.network.block('websocket')
  const memory = virtualMemory()
  memory.set('holdfast:server.test', `{"httpUntil":0,"roundTrip":${known}}`)
  openPage(here, { memory })
  await here.clock.advance(1_000)
  expect(JSON.parse(memory.get('holdfast:server.test')!)).toMatchObject({ roundTrip: kept })
})

describe('an answer that asks for patience', () => {
  test('is obeyed', async () => {
    const { here } = stage()
    here.network.block('websocket')
    here.network.block('http', { status: 503, retryAfter: 20_000 })
    const { socket, browser } = openPage(here)
    await here.clock.advance(1_000)
    expect(socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'try-later' } })
    const { posts } = browser
    await here.clock.advance(18_000)
    expect(browser.posts).toBe(posts)
    here.network.unblock('http')
    expect(await opened(here, () => socket.status.get().state === 'open')).toBe(true)
    expect(here.clock.now()).toBeLessThan(22_500)
  })
})

describe('a captive portal', () => {
  test('is nobody, and the session opens when one has paid', async () => {
    const { here } = stage()
    here.network.fate('captive-portal')
    const { socket, reported } = openPage(here)
    await here.clock.advance(30_000)
    expect(socket.status.get()).toMatchObject({ transport: null, cause: { code: 'unreachable' } })
    here.network.fate('open')
    expect(await opened(here, () => socket.status.get().state === 'open')).toBe(true)
    expect([reported, socket.errors]).toEqual([[], {}])
  })
})

describe('a server of another kind', () => {
  interface Other {
    readonly here: World
    /** What happened to each WebSocket that it took, in order. */
    readonly took: string[]
  }
  /** Takes WebSockets without our subprotocol, and answers POSTs with 404, or not at all. */
  const other = (isMute = false): Other => {
    const { here } = stage()
    const took: string[] = []
    const exchange: Exchange | undefined = isMute ? () => () => {} : undefined
    here.network.listen('other.test', {
      bare: true,
      accept: () => {
        took.push('open')
        return { message: (packet) => took.push(String(packet)), close: (code) => took.push(`close ${code}`) }
      },
      ...(exchange && { exchange }),
    })
    return { here, took }
  }
  const url = 'ws://other.test/feed'
  const final = {
    state: 'closed',
    cause: {
      code: 'protocol',
      message: expect.stringMatching(/holdfast\.v1.*`holdfast\/wire` or `holdfast\/websocket`/) as unknown,
    },
  }

  test.each<[string, PageOptions, boolean]>([
    ['that answers POSTs with 404', {}, false],
    ['that answers no POSTs', {}, true],
    ['met with HTTP first', { fastStart: true }, false],
    ['met without HTTP', { transport: 'websocket' }, false],
  ])('%s: one error, soon, and the socket closes for good', async (_, options, isMute) => {
    const { here, took } = other(isMute)
    const { socket, browser, view } = openPage(here, { url, roundTrip: 40, ...options })
    const causes = new Set<string | undefined>()
    socket.status.subscribe(({ cause }) => causes.add(cause?.code))
    socket.send('say', 'never said')
    await here.clock.advance(2_500)
    expect(socket.status.get()).toMatchObject(final)
    await here.clock.advance(10 * MINUTES)
    // The one that asked was closed cleanly, and nothing was said on it.
    expect(took).toEqual(['open', 'close 1005'])
    expect([[...causes], browser.held, view.pending]).toEqual([[undefined, 'protocol'], 0, 0])
  })

  test('that comes where nobody was before: asked once, and not again', async () => {
    const { here, took } = other()
    here.network.fate('refuse')
    const { socket, steps } = openPage(here, { url })
    await here.clock.advance(5_000)
    here.network.fate('open')
    await here.clock.advance(MINUTES)
    expect([took, socket.status.get().cause?.code]).toEqual([[], 'unreachable'])
    expect(steps.slice(0, 7)).toEqual([
      'dial websocket',
      'failed websocket: unreachable',
      'dial http',
      'claim http',
      'failed http: unreachable',
      'dial websocket',
      'failed websocket: unreachable',
    ])
    const count = (step: string): number => steps.slice(7).filter((other) => other === step).length
    expect(count('dial websocket')).toBe(count('dial http'))
  })

  test('in whose place ours is deployed meanwhile, or that answers POSTs as ours: no error, only another try', async () => {
    const { here } = stage()
    here.network.block('websocket')
    here.network.block('http', { status: 404 })
    const { socket } = openPage(here)
    await here.clock.runUntil(() => socket.status.get().state === 'waiting', 5_000)
    // What was asked in vain says less than what failed before.
    expect(socket.status.get().cause).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('HTTP 404') as unknown,
    })
    here.network.unblock()
    expect(await opened(here, () => socket.status.get().state === 'open')).toBe(true)
  })

  test.each<[string, number, number | undefined]>([
    ['asks for patience', 503, 20_000],
    ['finds it too large', 413, undefined],
  ])('is not looked for behind one that %s', async (_, status, retryAfter) => {
    const { here } = stage()
    here.network.block('websocket')
    here.network.block('http', { status, ...(retryAfter !== undefined && { retryAfter }) })
    const { steps } = openPage(here)
    await here.clock.advance(900)
    expect(steps.filter((step) => step === 'dial websocket')).toHaveLength(1)
  })

  test('is not looked for where HTTP works', async () => {
    const { here } = stage()
    here.network.block('websocket')
    const { steps, socket } = openPage(here)
    await here.clock.advance(20_000)
    expect([steps.filter((step) => step === 'dial websocket').length, socket.status.get().state]).toEqual([1, 'open'])
  })

  test('is given up with its try', async () => {
    const { here, took } = other()
    const { socket, browser } = openPage(here, { url })
    await here.clock.runUntil(() => browser.dials === 3, 5_000)
    await Promise.all([socket.close({ timeout: 0 }), here.clock.advance(MINUTES)])
    expect([socket.status.get().cause, browser.held, took.filter((what) => what === 'open').length]).toEqual([
      null,
      0,
      0,
    ])
  })

  test.each([
    ['greets with text', 'hello'],
    ['greets with JSON', '{"type":"hello","id":7}'],
    ['repeats what it hears', undefined],
    ['says what is no JSON', '{'],
  ])('that takes our subprotocol and %s: one error, too', async (_, greeting) => {
    const { here } = stage()
    const connections = rawServer(here.network, (one) => one.send(greeting ?? one.packets[0]!))
    const { socket } = openPage(here)
    await here.clock.advance(MINUTES)
    expect([socket.status.get(), connections.length]).toEqual([expect.objectContaining({ state: 'closed' }), 1])
    expect(socket.status.get()).toMatchObject(final)
  })

  test('is none that is thinking, or speaks of later versions once it has welcomed', async () => {
    const { here } = stage()
    rawServer(here.network, (one) => one.say('{}', welcome(), { later: 1 }))
    const { socket } = openPage(here)
    await here.clock.advance(1_000)
    expect([socket.status.get().state, socket.errors]).toEqual(['open', { 'unknown-control': 1 }])
  })
})

describe('the trace', () => {
  test('tells each step of the way, when, how far it had come, and why it failed', async () => {
    const { here } = stage()
    here.network.block('websocket')
    const start = here.clock.now()
    const { traced } = openPage(here)
    await here.clock.advance(1_000)
    expect(traced.map(({ event, carrier, phase }) => [event, carrier, phase])).toEqual([
      ['dial', 'websocket', 'out'],
      ['failed', 'websocket', 'dialing'],
      ['dial', 'http', 'out'],
      ['claim', 'http', 'dialing'],
      ['heard', 'http', 'claimed'],
    ])
    expect(traced.map(({ at }) => at)).toEqual(traced.map(({ at }) => at).toSorted((a, b) => a - b))
    expect([traced[0]?.at, traced[1]?.cause?.code, traced[0]?.cause]).toEqual([start, 'unreachable', undefined])
  })
})
