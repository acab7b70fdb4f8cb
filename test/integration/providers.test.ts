/** Tokens and addresses that come late, never, wrong or from the past. */
import type { ConnectOptions, ProviderContext } from 'holdfast'
import { RequestError } from 'holdfast/server'
import { describe, expect, test } from 'vitest'
import { type Chat, containing, isClosed, isOpen, open, serve, status } from './support/backend.ts'

const tokens = (accepted: string) =>
  serve<Chat, string>({
    authenticate({ auth }) {
      if (auth !== accepted) throw new RequestError('expired', 'This token has expired')
      return 'ann'
    },
  })

describe('a token that is not accepted', () => {
  test('is asked for once more', async () => {
    const backend = await tokens('new')
    const contexts: ProviderContext[] = []
    const socket = backend.connect({
      auth: (context: ProviderContext) => (contexts.push(context) === 1 ? 'old' : 'new'),
    })
    await status(socket, isOpen)
    expect(contexts).toMatchObject([
      { attempt: 1, lastClose: null },
      { lastClose: { code: 4401, reason: containing('This token has expired') } },
    ])
    expect(backend.sessions.all).toMatchObject([{ identity: 'ann' }])
  })

  test('twice is the end, and says why', async () => {
    const backend = await tokens('never')
    let asked = 0
    const socket = backend.connect({ auth: () => Promise.resolve(++asked) })
    socket.send('say', 'hello?')
    expect(await status(socket, isClosed)).toMatchObject({
      cause: { code: 'unauthorized', message: containing('This token has expired') },
    })
    expect([asked, backend.proxy.accepted]).toEqual([2, 2])
    expect(() => socket.send('say', 'hello??')).toThrow('This token has expired')
    expect(backend.sessions.all).toEqual([])
  })

  test('in the middle of a session: `close({ code: 4401 })` asks for another', async () => {
    const backend = await serve({ authenticate: ({ auth }) => auth })
    let asked = 0
    const socket = backend.connect({ auth: () => ++asked })
    await status(socket, isOpen)
    backend.sessions.all[0]!.close({ code: 4401, reason: 'Expired' })
    const [, next] = await backend.sessions.first(2)
    expect(next!.identity).toBeGreaterThan(1)
    expect(await status(socket, isOpen)).toMatchObject({ cause: null })
  })

  test('because `authenticate` itself failed: tried again, and the secret stays at home', async () => {
    let tries = 0
    const backend = await serve<Chat, string>({
      authenticate() {
        if (++tries < 3) throw new Error('the database is away')
        return 'ann'
      },
    })
    const causes: (string | undefined)[] = []
    const socket = backend.connect()
    socket.status.subscribe(({ cause }) => causes.push(cause?.message))
    await status(socket, isOpen)
    expect(backend.server.errors).toEqual({ 'handler-failed': 2 })
    expect(backend.errors.all[0]!.message).toContain('the database is away')
    expect(causes.join()).not.toContain('database')
  })
})

/** How a function that should provide something can fail, and what is told of it. */
const failures: [how: string, fail: () => Promise<never>, told: string][] = [
  ['throws', () => fail(new Error('no token today')), 'no token today'],
  ['rejects', () => Promise.reject(new Error('no token today')), 'no token today'],
  // eslint-disable-next-line typescript/prefer-promise-reject-errors -- applications do
  ['rejects with undefined', () => Promise.reject(undefined), 'failed'],
]
const fail = (error: Error): never => {
  throw error
}

describe.each(['auth', 'url'] as const)('an `%s` function', (option) => {
  const provide = async (
    answer: (context: ProviderContext) => string | Promise<string>,
    options: ConnectOptions = {},
  ) => {
    const backend = await serve({ authenticate: ({ auth }) => auth ?? 'nobody' })
    const socket =
      option === 'auth'
        ? backend.connect({ ...options, auth: answer })
        : open((context) => {
            const value = answer(context)
            return typeof value === 'string' ? backend.url : value.then(() => backend.url)
          }, options)
    return { backend, socket }
  }

  test.each(failures)('that %s is asked again', async (_how, refuse, told) => {
    let asked = 0
    const { backend, socket } = await provide(() => (++asked < 3 ? refuse() : 'fine'))
    expect(await status(socket, ({ state }) => state === 'waiting')).toMatchObject({
      cause: { code: 'provider-failed', message: containing(told) },
    })
    await status(socket, isOpen)
    expect([asked, backend.sessions.all.length]).toEqual([3, 1])
  })

  test('that hangs is given up after `connectTimeout`, told so, and asked again', async () => {
    const contexts: ProviderContext[] = []
    const { backend, socket } = await provide(
      (context) => (contexts.push(context) === 1 ? new Promise(() => {}) : 'fine'),
      // Long enough for the second try on a busy machine.
      { connectTimeout: 500 },
    )
    expect(await status(socket, ({ state }) => state === 'waiting')).toMatchObject({ cause: { code: 'timeout' } })
    await status(socket, isOpen)
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect(backend.sessions.all).toHaveLength(1)
  })

  test('that hangs is given up by `reconnect`, and its late answer is ignored', async () => {
    const answers: ((value: string) => void)[] = []
    const { backend, socket } = await provide(() => new Promise((resolve) => answers.push(resolve)))
    await status(socket, ({ attempt }) => attempt === 1)
    socket.reconnect()
    answers[1]!('second')
    await status(socket, isOpen)
    answers[0]!('first')
    await socket.flush()
    expect(backend.sessions.all).toMatchObject([{ identity: option === 'auth' ? 'second' : 'nobody' }])
    await expect.poll(() => backend.proxy.open).toBe(1)
  })

  test('that hangs is given up by `close`, and nothing is connected when it answers', async () => {
    const answers: ((value: string) => void)[] = []
    const signals: AbortSignal[] = []
    const { backend, socket } = await provide(({ signal }) => {
      signals.push(signal)
      return new Promise((resolve) => answers.push(resolve))
    })
    await status(socket, ({ attempt }) => attempt === 1)
    await socket.close()
    answers[0]!('too late')
    // Whatever that dialled would be accepted before this one.
    await status(open(backend.url, { auth: 'somebody else' }), isOpen)
    expect(backend.sessions.all).toMatchObject([{ identity: 'somebody else' }])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    await expect.poll(() => backend.proxy.open).toBe(1)
  })
})

test.each([
  ['at once', () => 1n],
  ['later', () => Promise.resolve(1n)],
])('an `auth` that gives %s what a hello cannot carry is told so, and asked again', async (_when, bad) => {
  const backend = await serve({ authenticate: ({ auth }) => auth })
  let asked = 0
  const socket = backend.connect({ auth: () => (++asked === 1 ? bad() : 'fine') })
  expect(await status(socket, ({ state }) => state === 'waiting')).toMatchObject({ cause: { code: 'provider-failed' } })
  await status(socket, isOpen)
  expect(backend.sessions.all).toMatchObject([{ identity: 'fine' }])
})

test('a late answer does not lead to the address of the past', async () => {
  const [past, present] = [await serve(), await serve()]
  const addresses: ((url: string) => void)[] = []
  const socket = open(() => new Promise<string>((resolve) => addresses.push(resolve)))
  await status(socket, ({ attempt }) => attempt === 1)
  socket.reconnect()
  addresses[1]!(present.url)
  await status(socket, isOpen)
  addresses[0]!(past.url)
  // Whatever the late answer dialled would be accepted before this one.
  await status(open(past.url), isOpen)
  socket.send('say', 'here')
  await socket.flush()
  expect([past.proxy.accepted, present.proxy.accepted]).toEqual([1, 1])
})

test('an address that can never work is an error at once, not a loop', async () => {
  let asked = 0
  const socket = open(() => {
    asked++
    return 'ws://['
  })
  expect(await status(socket, isClosed)).toMatchObject({
    cause: { code: 'invalid-option', message: containing('ws://[') },
  })
  expect(asked).toBe(1)
})
