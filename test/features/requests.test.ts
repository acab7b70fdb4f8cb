import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { type HoldfastError, RequestError, type RequestOptions } from 'holdfast'
import { type Tab, type World, world, type WorldOptions } from 'holdfast/testing'
import { watchedSignal } from '../tools/watched-signal.ts'

interface Life {
  readonly here: World
  readonly tab: Tab
  /** How the handler of `slow` was ended, oldest first. */
  readonly aborted: unknown[]
  /** What the handlers were asked. */
  readonly asked: unknown[]
}
const live = async (options: WorldOptions = {}): Promise<Life> => {
  const aborted: unknown[] = []
  const asked: unknown[] = []
  const here = world({
    serve: (core) =>
      void core.on('session', (session) => {
        session.handle('echo', (input) => (asked.push(input), input))
        session.handle('late', (input) => {
          asked.push(input)
          return new Promise((resolve) => here.clock.after(1_000, () => resolve(input)))
        })
        session.handle('slow', (input, { signal }) => {
          asked.push(input)
          signal.addEventListener('abort', () => aborted.push((signal.reason as HoldfastError).code))
          return new Promise(() => {})
        })
        session.handle('fails', () => {
          throw new Error('the password is 1234')
        })
        session.handle('refuses', () => Promise.reject(new RequestError('not-a-member', 'Join first.')))
        session.handle('checked', (input) => input)
      }),
    ...options,
  })
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, aborted, asked }
}
const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )

describe('request()', () => {
  test.each([
    [undefined, null],
    [null, null],
    [0, 0],
    ['', ''],
    [{ a: [1] }, { a: [1] }],
    [new Uint8Array([1]), new Uint8Array([1])],
  ])('of %o resolves with the answer', async (input, answer) => {
    const { here, tab } = await live()
    const [result] = await Promise.all([tab.socket.request('echo', input), here.clock.advance(500)])
    expect(result).toEqual(answer)
  })

  test('is asked once, whatever the connection does meanwhile, and answered in the end', async () => {
    const { here, tab, asked } = await live()
    const answers = Array.from({ length: 20 }, (_, index) => tab.socket.request('late', index))
    for (let time = 0; time < 10; time++) {
      await here.clock.advance(150)
      here.network.cut()
    }
    const [results] = await Promise.all([Promise.all(answers), here.clock.advance(60_000)])
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(asked).toEqual(results)
  })

  test('that was asked offline is asked when there is a connection', async () => {
    const { here, tab } = await live()
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(100)
    const asked = tab.socket.request('echo', 1)
    await here.clock.advance(5_000)
    here.network.fate('open')
    const [result] = await Promise.all([asked, here.clock.advance(20_000)])
    expect(result).toBe(1)
  })

  test('that has no handler says so at once', async () => {
    const { here, tab } = await live()
    const [error] = await Promise.all([caught(tab.socket.request('nobody')), here.clock.advance(500)])
    expect(error).toMatchObject({ code: 'unknown-request', message: expect.stringContaining('"nobody"') as unknown })
  })

  test('with what cannot be sent rejects, and asks nothing', async () => {
    const { here, tab, asked } = await live()
    expect(await caught(tab.socket.request('echo', 1n))).toMatchObject({ code: 'unserializable' })
    await here.clock.advance(500)
    expect([asked, tab.view.pending]).toEqual([[], 1])
  })
})

describe('a handler', () => {
  test('that throws a RequestError answers with it', async () => {
    const { here, tab } = await live()
    const [error] = await Promise.all([caught(tab.socket.request('refuses')), here.clock.advance(500)])
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'request-failed', reason: 'not-a-member', message: 'Join first.' })
    expect([here.server.core.errors, here.server.reported]).toEqual([{}, []])
  })

  test('that throws anything else keeps it to itself, and reports it', async () => {
    const { here, tab } = await live()
    const [error] = await Promise.all([caught(tab.socket.request('fails')), here.clock.advance(500)])
    expect(error).toMatchObject({ code: 'handler-failed', message: 'The handler of "fails" failed.' })
    expect(here.server.core.errors).toEqual({ 'handler-failed': 1 })
    expect(here.server.reported).toMatchObject([{ message: 'the password is 1234' }])
    expect(tab.socket.errors).toEqual({})
  })

  test('is not asked about input that its schema refuses', async () => {
    const { here, tab } = await live({ server: { schema: { checked: v.number() } } })
    const [error] = await Promise.all([caught(tab.socket.request('checked', 'x')), here.clock.advance(500)])
    expect(error).toMatchObject({ code: 'invalid-payload', message: expect.stringContaining('"checked"') as unknown })
  })

  test('whose schema throws answers all the same, and says nothing of what it threw', async () => {
    const broken = v.pipe(
      v.any(),
      v.transform(() => {
        throw new Error('the password is 1234')
      }),
    )
    const { here, tab } = await live({ server: { schema: { checked: broken } } })
    const [error] = await Promise.all([caught(tab.socket.request('checked', 'x')), here.clock.advance(500)])
    expect(error).toMatchObject({ code: 'invalid-payload', message: expect.not.stringContaining('1234') as unknown })
    expect(here.server.core.errors).toEqual({ 'invalid-payload': 1 })
  })

  test('is the only one of its name until it is taken back', async () => {
    const { here, tab } = await live()
    const off = tab.socket.handle('confirm', () => 1)
    expect(() => tab.socket.handle('confirm', () => 2)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
    off()
    tab.socket.handle('confirm', () => 3)
    off()
    const [session] = here.server.core.sessions
    const [answer] = await Promise.all([session!.request('confirm'), here.clock.advance(500)])
    expect(answer).toBe(3)
  })
})

describe('a timeout', () => {
  test('rejects, says how long it was, and the handler hears of it', async () => {
    const { here, tab, aborted } = await live()
    const error = caught(tab.socket.request('slow', 1, { timeout: 700 }))
    await here.clock.advance(699)
    expect(aborted).toEqual([])
    await here.clock.advance(100)
    expect(await error).toMatchObject({ code: 'timeout', message: expect.stringContaining('700 ms') as unknown })
    expect(aborted).toEqual(['aborted'])
  })

  test('is 30 s where nothing else is said, or what the socket was told', async () => {
    for (const [options, limit] of [[{}, 30_000] as const, [{ requestTimeout: 50 }, 50] as const]) {
      const { here, tab } = await live({ client: () => options })
      const before = here.clock.now()
      const at = caught(tab.socket.request('slow')).then(() => here.clock.now() - before)
      await here.clock.advance(40_000)
      expect(await at).toBe(limit)
    }
  })

  test('of Infinity waits for ever, and arms no timer', async () => {
    const { here, tab } = await live()
    await here.clock.advance(5_000)
    const armed = tab.view.pending
    let settled = false
    void caught(tab.socket.request('slow', 1, { timeout: Infinity })).then(() => (settled = true))
    await here.clock.advance(0)
    expect(tab.view.pending).toBe(armed)
    await here.clock.advance(600_000)
    expect(settled).toBe(false)
  })

  test('costs one timer for all requests, which is gone with the last timeout, or with the socket', async () => {
    const { here, tab } = await live()
    await here.clock.advance(5_000)
    const armed = tab.view.pending
    const ask = async (): Promise<void> => {
      for (let asked = 0; asked < 100; asked++) void tab.socket.request('echo', asked, { timeout: 10_000 + asked })
      await here.clock.advance(1_000)
    }
    await ask()
    expect(tab.view.pending).toBe(armed + 1)
    await here.clock.advance(10_000)
    expect(tab.view.pending).toBe(armed)
    await ask()
    await Promise.all([tab.socket.close(), here.clock.advance(1_000)])
    expect(tab.view.pending).toBe(0)
  })

  test('is each request’s own, whichever was asked first', async () => {
    const { here, tab } = await live()
    const late: string[] = []
    for (const timeout of [3_000, 1_000, 2_000])
      void caught(tab.socket.request('slow', timeout, { timeout })).then(() => late.push(`${timeout}`))
    const seen = []
    for (let second = 0; second < 4; second++) {
      await here.clock.advance(1_001)
      seen.push(late.splice(0).join())
    }
    expect(seen).toEqual(['1000', '2000', '3000', ''])
  })

  test('of a request that never left withdraws it: it is not asked after all', async () => {
    const { here, tab, asked } = await live()
    here.network.fate('refuse')
    here.network.cut()
    await here.clock.advance(100)
    const error = caught(tab.socket.request('slow', 'never', { timeout: 500 }))
    await here.clock.advance(1_000)
    expect(await error).toMatchObject({ code: 'timeout' })
    expect(tab.socket.status.get().queued).toBe(0)
    here.network.fate('open')
    await here.clock.advance(60_000)
    expect(asked).toEqual([])
  })
})

describe('a signal', () => {
  test('that is aborted rejects with its reason, and the handler hears of it', async () => {
    const { here, tab, aborted } = await live()
    const controller = new AbortController()
    const error = caught(tab.socket.request('slow', 1, { signal: controller.signal }))
    await here.clock.advance(100)
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expect(await error).toBe(reason)
    await here.clock.advance(100)
    expect(aborted).toEqual(['aborted'])
  })

  test('that was aborted before asks nothing', async () => {
    const { here, tab, asked } = await live()
    expect(await caught(tab.socket.request('echo', 1, { signal: AbortSignal.abort() }))).toBeInstanceOf(DOMException)
    await here.clock.advance(500)
    expect(asked).toEqual([])
  })

  test('aborted after the answer changes nothing, and is not listened to any more', async () => {
    const { here, tab } = await live()
    const { controller, listeners } = watchedSignal()
    const { signal } = controller
    const [answer] = await Promise.all([tab.socket.request('echo', 1, { signal }), here.clock.advance(500)])
    controller.abort()
    expect([answer, listeners]).toEqual([1, []])
  })

  test('and a lost connection: the handler hears of it once there is another', async () => {
    const { here, tab, aborted } = await live()
    const controller = new AbortController()
    void caught(tab.socket.request('slow', 1, { signal: controller.signal }))
    await here.clock.advance(100)
    here.network.cut()
    await here.clock.advance(50)
    controller.abort()
    await here.clock.advance(20_000)
    expect(aborted).toEqual(['aborted'])
  })
})

describe('the other way round', () => {
  const ask = async ({ here }: Life, options?: Omit<RequestOptions, 'idempotent'>): Promise<unknown> => {
    const [session] = here.server.core.sessions
    const [result] = await Promise.all([
      session!.request('confirm', 'sure?', options).catch(String),
      here.clock.advance(60_000),
    ])
    return result
  }

  test('the server asks and the page answers', async () => {
    const life = await live()
    life.tab.socket.handle('confirm', (input) => `${input as string} yes`)
    expect(await ask(life)).toBe('sure? yes')
  })

  test('a page that throws keeps it to itself, and reports it', async () => {
    const life = await live()
    const error = new Error('mine')
    life.tab.socket.handle('confirm', () => Promise.reject(error))
    expect(await ask(life)).toBe('HoldfastError: The handler of "confirm" failed.')
    expect(life.tab.reported).toEqual([error])
  })

  test('a page that never answers is waited for 30 s', async () => {
    const life = await live()
    life.tab.socket.handle('confirm', () => new Promise(() => {}))
    expect(await ask(life)).toContain('30000 ms')
  })

  test('a session that ends settles what it asked', async () => {
    const life = await live()
    life.tab.socket.handle('confirm', () => new Promise(() => {}))
    const [session] = life.here.server.core.sessions
    const asked = caught(session!.request('confirm'))
    session!.close()
    expect(await asked).toMatchObject({ code: 'closed' })
    expect(life.here.server.view.pending).toBe(0)
  })

  test('a request that overflows what the server keeps is settled by the end that it makes', async () => {
    const errors: unknown[] = []
    const life = await live({
      server: { limits: { bufferedMessages: 2 } },
      serve: (core) =>
        void core.on('session', (session) => {
          session.send('tick')
          session.send('tick')
          void session.request('confirm').catch((error: unknown) => errors.push((error as HoldfastError).code))
        }),
    })
    await life.here.clock.advance(100)
    expect(errors[0]).toBe('closed')
  })
})
