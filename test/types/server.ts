/** What a server may write, and what it may not, by the same contract. Compiled, never run. */
import { createServer, type EndReason, type HoldfastError, RequestError, type ServerSession } from 'holdfast/server'
import * as v from 'valibot'
import { type Chat, type OneWay, same } from './contract.ts'

interface User {
  readonly name: string
}

export const events = (session: ServerSession<Chat, User>): void => {
  session.send('said', { from: 'f', text: 't' })
  session.send('said', { from: 'f', text: 't' }, { latest: 'k', ttl: 1 })
  session.send('closing')
  // @ts-expect-error an event that only the page sends
  session.send('say', { room: 'r', text: 't' })
  // @ts-expect-error its data is missing
  session.send('said')
  session.on('say', (message) => same<typeof message, { room: string; text: string }>())
  session.once('mood', (mood) => same<typeof mood, string | undefined>())
  // @ts-expect-error an event that only the server sends
  session.on('said', () => {})
}

export const requests = async (session: ServerSession<Chat, User>): Promise<void> => {
  session.handle('history', ({ room }, { signal }) => {
    same<[typeof room, typeof signal], [string, AbortSignal]>()
    return [room]
  })
  session.handle('rooms', async (nothing) => {
    same<typeof nothing, undefined>()
    return Promise.resolve([])
  })
  session.handle('lookup', (key) => (key === '' ? null : Promise.resolve(1)))
  session.handle('history', () => {
    throw new RequestError('not-a-member')
  })
  // @ts-expect-error its answer has the wrong type
  session.handle('history', () => [1])
  // @ts-expect-error a request that only the server makes
  session.handle('confirm', () => true)
  const sure = await session.request('confirm', { what: 'w' }, { timeout: 1 })
  same<typeof sure, boolean>()
  const place = await session.request('where')
  same<typeof place, { x: number }>()
  // @ts-expect-error a page that lost its session is another one: nobody to ask again
  await session.request('where', undefined, { idempotent: true })
  // @ts-expect-error a request that only the page makes
  await session.request('history', { room: 'r' })
}

export const streams = (session: ServerSession<Chat, User>): void => {
  session.handleStream('ticks', async function* ({ symbol }, { signal }) {
    same<[typeof symbol, typeof signal], [string, AbortSignal]>()
    yield await Promise.resolve({ price: 1 })
  })
  session.handleStream('all', () => [1, 2, 3])
  // @ts-expect-error its items have the wrong type
  session.handleStream('all', () => ['1'])
  // @ts-expect-error a request is no stream
  session.handleStream('history', () => [])
  // @ts-expect-error a stream is no request
  session.handle('all', () => 1)
}

export const whole = async (): Promise<void> => {
  await using server = createServer<Chat, User>({
    path: '/live',
    authenticate: ({ auth, request }) => {
      same<typeof auth, unknown>()
      same<typeof request.url, string | undefined>()
      return typeof auth === 'string' ? Promise.resolve({ name: auth }) : null
    },
    sameIdentity: (previous, next) => previous.name === next.name,
    schema: { say: v.object({ room: v.string(), text: v.string() }) },
    limits: { messageBytes: 65_536 },
  })
  const off = server.on('session', (session) => {
    same<typeof session, ServerSession<Chat, User>>()
    same<typeof session.identity, User>()
    same<typeof session.transport, 'websocket' | 'http-stream' | 'long-polling' | null>()
    session.join('lobby')
    session.onEnd((reason) => same<typeof reason, EndReason>())
    session.close({ code: 4403, reason: 'no', retry: { after: 1 } })
    // @ts-expect-error the server says who somebody is, in `authenticate`
    session.identity = { name: 'root' }
    // @ts-expect-error join() and leave() keep them
    void session.rooms.add
  })
  off()
  server.on('error', (error, session) => {
    same<typeof error, HoldfastError>()
    same<typeof session, ServerSession<Chat, User> | undefined>()
  })
  server.to('lobby').send('said', { from: 'f', text: 't' })
  // @ts-expect-error an event that only the page sends
  server.to('lobby').send('say', { room: 'r', text: 't' })
  // @ts-expect-error no such event of a server
  server.on('connection', () => {})
  await server.close({ retry: { after: 1_000, spread: 30_000 } })
  // @ts-expect-error when to come back begins with `after`
  await server.close({ retry: { spread: 1 } })
}

export const options = (): void => {
  createServer()
  createServer<OneWay>({ origins: '*', keep: 1, heartbeat: { idle: 1 } })
  createServer({ origins: ['https://a.test'], limits: { rate: 1 } })
  // @ts-expect-error a list, or everybody
  createServer({ origins: 'https://a.test' })
  // @ts-expect-error no such option
  createServer({ port: 8080 })
  // @ts-expect-error no such limit
  createServer({ limits: { connections: 1 } })
  // @ts-expect-error it gives another identity than it was said to
  createServer<Chat, User>({ authenticate: () => ({ id: 1 }) })
}

export const untyped = (): void => {
  createServer().on('session', (session) => {
    session.on('anything', (data) => same<typeof data, unknown>())
    session.send('anything', 1)
    session.handle('anything', (input) => input)
    same<typeof session.identity, unknown>()
  })
}
