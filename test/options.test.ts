import { describe, expect, test } from 'vitest'
import { type ConnectOptions, HoldfastError } from 'holdfast'
import { createServer, type ServerOptions } from 'holdfast/server'
import { world } from 'holdfast/testing'

/** What somebody wrote who has no TypeScript. */
const connect = (options: unknown): (() => unknown) => {
  const { open } = world({ clients: 0 })
  return () => open('a', options as ConnectOptions)
}
const serve = (options: unknown) => (): unknown => createServer(options as ServerOptions)
const refused = (message: string): unknown => expect.objectContaining({ code: 'invalid-option', message })

describe('an option that there is not is an error, which says what was meant', () => {
  test.each([
    [{ heartBeat: {} }, 'There is no option `heartBeat`. Did you mean `heartbeat`?'],
    [{ conectTimeout: 1 }, 'There is no option `conectTimeout`. Did you mean `connectTimeout`?'],
    [{ authh: 1 }, 'There is no option `authh`. Did you mean `auth`?'],
    [{ indoubt: 'resend' }, 'There is no option `indoubt`. Did you mean `inDoubt`?'],
    [{ backoff: { maximum: 1 } }, 'There is no option `backoff.maximum`. Did you mean `max`?'],
    [{ outbox: { maxMessage: 1 } }, 'There is no option `outbox.maxMessage`. Did you mean `maxMessages`?'],
    [{ heartbeat: { timout: 1 } }, 'There is no option `heartbeat.timout`. Did you mean `timeout`?'],
    [{ codec: undefined, schemas: {} }, 'There is no option `schemas`. Did you mean `schema`?'],
  ])('connect(url, %o)', (options, message) => {
    expect(connect(options)).toThrow(HoldfastError)
    expect(connect(options)).toThrow(refused(message))
  })

  test.each([
    [{ origin: '*' }, 'There is no option `origin`. Did you mean `origins`?'],
    [{ limits: { session: 1 } }, 'There is no option `limits.session`. Did you mean `sessions`?'],
    [{ limits: { messagesBytes: 1 } }, 'There is no option `limits.messagesBytes`. Did you mean `messageBytes`?'],
    [{ limits: { connectionRate: 1 } }, 'There is no option `limits.connectionRate`. Did you mean `connectRate`?'],
    [{ limits: { totalByte: 1 } }, 'There is no option `limits.totalByte`. Did you mean `totalBytes`?'],
  ])('createServer(%o)', (options, message) => {
    expect(serve(options)).toThrow(refused(message))
  })

  test.each(['__proto__', 'constructor', 'toString'])('not even %s, which every object has', (name) => {
    expect(connect(JSON.parse(`{"${name}":1}`))).toThrow(
      refused(expect.stringContaining(`no option \`${name}\``) as string),
    )
  })
})

describe('a value that cannot be meant is an error', () => {
  test.each([-1, NaN, '5000', true, null, [], {}, -Infinity])('connectTimeout: %o', (value) => {
    expect(connect({ connectTimeout: value })).toThrow(refused('`connectTimeout` must be a number, not negative.'))
  })

  test.each([
    [{ backoff: { jitter: -0.1 } }, '`backoff.jitter` must be a number, not negative.'],
    [{ outbox: { maxBytes: '16M' } }, '`outbox.maxBytes` must be a number, not negative.'],
    [{ inDoubt: 'ask' }, '`inDoubt` must be one of resend, reject.'],
    [{ inDoubt: 0 }, '`inDoubt` must be one of resend, reject.'],
    [{ backoff: 1_000 }, '`backoff` must be an object.'],
    [{ heartbeat: false }, '`heartbeat` must be an object.'],
    [{ trace: 'console' }, '`trace` must be a function or an object with `debug`.'],
    [{ signal: {} }, '`signal` must be an object with `throwIfAborted`.'],
    [{ signal: null }, '`signal` must be an object with `throwIfAborted`.'],
    [{ codec: { encode: String } }, '`codec` must be an object with `encode decode`.'],
    [{ outbox: { store: 'indexedDB' } }, '`outbox.store` must be an object with `create`.'],
    ['protocol', '`options` must be an object.'],
    [() => 'token', '`options` must be an object.'],
    [null, '`options` must be an object.'],
  ])('connect(url, %o)', (options, message) => {
    // A world adds to what `connect` is given, so what is no object at all is shown to the server.
    expect(options?.constructor === Object ? connect(options) : serve(options)).toThrow(refused(message))
  })

  test.each<[object, string]>([
    [{ limits: { messageBytes: 65_535 } }, '`limits.messageBytes` must be at least 65536: so much may come before'],
    [{ limits: { messageBytes: Infinity } }, '`limits.messageBytes` must be at most 268435456'],
    [{ limits: { sessions: 0 } }, '`limits.sessions` must be at least 1: or nobody could connect.'],
    [{ limits: { rate: 0 } }, '`limits.rate` must be at least 1: or nobody could say anything.'],
    [{ limits: { bufferedMessages: 0 } }, '`limits.bufferedMessages` must be at least 1: or nothing could be sent.'],
    [{ limits: { bufferedBytes: 10 } }, '`limits.bufferedBytes` must be at least 1024: or nothing could be sent.'],
    [{ limits: { totalBytes: 1e6 } }, '`limits.totalBytes` must be at least `limits.bufferedBytes`'],
    [{ limits: { bufferedBytes: 1e9 } }, '`limits.totalBytes` must be at least `limits.bufferedBytes`'],
    [{ limits: { connectRate: 0 } }, '`limits.connectRate` must be at least 0.001: or nobody could connect.'],
    [{ limits: { connecting: 0 } }, '`limits.connecting` must be at least 1: or nobody could connect.'],
    [{ limits: { helloTimeout: 0 } }, '`limits.helloTimeout` must be at least 1: or nobody could connect.'],
    [{ limits: { rate: NaN } }, '`limits.rate` must be a number, not negative.'],
    [{ limits: 7 }, '`limits` must be an object.'],
    [{ authenticate: 'token' }, '`authenticate` must be a function.'],
    [{ sameIdentity: true }, '`sameIdentity` must be a function.'],
    [{ origins: 'https://example.com' }, '`origins` must be an array of origins, such as'],
    [{ compression: 'gzip' }, '`compression` must be an object.'],
    [{ compression: { treshold: 1 } }, 'There is no option `compression.treshold`. Did you mean `threshold`?'],
    [{ compression: { windowBits: 8 } }, '`compression.windowBits` must be a whole number from 9 to 15.'],
    [{ compression: { level: 1.5 } }, '`compression.level` must be a whole number from 1 to 9.'],
    [{ compression: { concurrency: 0 } }, '`compression.concurrency` must be a whole number from 1 to Infinity.'],
    [{ path: 'live' }, '`path` must be a text that begins with `/`.'],
  ])('createServer(%o)', (options, message) => {
    expect(serve(options)).toThrow(refused(expect.stringContaining(message) as string))
  })

  test('what stands at a bound is meant', () => {
    const limits = { messageBytes: 65_536, sessions: Infinity, rate: Infinity, totalBytes: Infinity, connectRate: 0.5 }
    const compression = { threshold: 0, windowBits: 9, memLevel: 9, level: 1, concurrency: Infinity }
    expect(serve({ limits, compression, origins: [], path: '/' })).not.toThrow()
  })
})

describe('nobody needs an option', () => {
  test.each([
    {},
    Object.create(null) as object,
    { backoff: {} },
    { auth: undefined, backoff: undefined, inDoubt: undefined, signal: undefined },
  ])('%o is enough', (options) => {
    expect(connect(options)).not.toThrow()
  })

  test.each([{ connectTimeout: Infinity }, { backoff: { max: 0 } }, { inDoubt: 'reject' }, { requestTimeout: 0 }])(
    '%o is allowed',
    (options) => {
      expect(connect(options)).not.toThrow()
    },
  )

  test('one of a group leaves the others at their defaults', async () => {
    const { clock, network, open } = world({ clients: 0 })
    network.fate('refuse')
    const { socket } = open('a', { backoff: { jitter: 0 } })
    await clock.runUntil(() => socket.status.get().state === 'waiting', 1_000)
    expect(socket.status.get().retryAt! - clock.now()).toBe(1_000)
  })
})
