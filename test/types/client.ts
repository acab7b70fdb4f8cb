/** What a page may write, and what it may not. Compiled, never run. */
import {
  type Cell,
  connect,
  type ErrorCode,
  HoldfastError,
  type Receipt,
  RequestError,
  type Socket,
  type Status,
} from 'holdfast'
import { type Chat, type OneWay, same } from './contract.ts'

export const events = (socket: Socket<Chat>): void => {
  socket.send('say', { room: 'r', text: 't' })
  socket.send('cursor', { x: 1, y: 2 }, { volatile: true })
  socket.send('cursor', { x: 1, y: 2 }, { latest: 'cursor', ttl: 5_000 })

  const receipt = socket.send('leave', undefined, { signal: new AbortController().signal })
  same<typeof receipt, Receipt>()
  void receipt.delivered.then((nothing) => same<typeof nothing, void>())
  // @ts-expect-error what travels is nobody's business
  void receipt.frame
  same<typeof socket.bufferedAmount, number>()
  // @ts-expect-error it is counted, not set
  socket.bufferedAmount = 0
  connect('/', { outbox: { maxMessages: 1, overflow: 'drop-oldest' } })
  // @ts-expect-error no such policy
  connect('/', { outbox: { overflow: 'drop-all' } })

  // @ts-expect-error no such event
  socket.send('shout', { room: 'r', text: 't' })
  // @ts-expect-error an event that only the server sends
  socket.send('said', { from: 'f', text: 't' })
  // @ts-expect-error a request is no event
  socket.send('history', { room: 'r' })
  // @ts-expect-error its data is missing
  socket.send('say')
  // @ts-expect-error a part of its data is missing
  socket.send('say', { room: 'r' })
  // @ts-expect-error its data has a part too many
  socket.send('say', { room: 'r', text: 't', loud: true })
  // @ts-expect-error its data has the wrong type
  socket.send('cursor', { x: '1', y: 2 })
  // @ts-expect-error no such option
  socket.send('cursor', { x: 1, y: 2 }, { urgent: true })

  // Data may be left out exactly where it may be undefined.
  socket.send('leave')
  socket.send('leave', undefined, { ttl: 1 })
  socket.send('mood')
  socket.send('mood', 'good')
  // @ts-expect-error it has none
  socket.send('leave', 'now')

  const off = socket.on('said', (message) => {
    same<typeof message, { from: string; text: string }>()
    // @ts-expect-error no such part
    void message.room
  })
  same<typeof off, () => void>()
  socket.once('closing', (nothing) => same<typeof nothing, undefined>())
  socket.on('closing', () => {})
  // @ts-expect-error an event that only the page sends
  socket.on('say', () => {})
  // @ts-expect-error its data has another type
  socket.on('said', (message: string) => message)
}

export const requests = async (socket: Socket<Chat>, { signal }: AbortController): Promise<void> => {
  const history = await socket.request('history', { room: 'r' }, { timeout: 5_000, signal, idempotent: true })
  same<typeof history, string[]>()
  const rooms = await socket.request('rooms')
  same<typeof rooms, string[]>()
  await socket.request('rooms', undefined, { timeout: 1 })
  const found = await socket.request('lookup', 'key')
  same<typeof found, number | null>()
  await socket.request('rename')
  await socket.request('rename', 'name')

  // @ts-expect-error no such request
  await socket.request('histories', { room: 'r' })
  // @ts-expect-error a request that only the server makes
  await socket.request('confirm', { what: 'w' })
  // @ts-expect-error its input is missing
  await socket.request('history')
  // @ts-expect-error its input has the wrong type
  await socket.request('history', { room: 1 })
  // @ts-expect-error it takes none
  await socket.request('rooms', 1)
  // @ts-expect-error no such option
  await socket.request('history', { room: 'r' }, { retries: 3 })
}

export const streams = async (socket: Socket<Chat>): Promise<void> => {
  for await (const tick of socket.stream('ticks', { symbol: 's' }, { signal: AbortSignal.timeout(1) }))
    same<typeof tick, { price: number }>()
  for await (const number of socket.stream('all')) same<typeof number, number>()
  // @ts-expect-error its input is missing
  socket.stream('ticks')
  // @ts-expect-error a request is no stream
  socket.stream('history', { room: 'r' })
  // @ts-expect-error streams have no timeout
  socket.stream('all', undefined, { timeout: 1 })
}

export const handlers = (socket: Socket<Chat>): void => {
  const off = socket.handle('confirm', ({ what }, { signal }) => {
    same<typeof what, string>()
    same<typeof signal, AbortSignal>()
    return true
  })
  same<typeof off, () => void>()
  socket.handle('confirm', async ({ what }) => Promise.resolve(what === ''))
  socket.handle('where', () => ({ x: 1 }))
  socket.handle('where', () => {
    throw new RequestError('unknown', 'Nobody knows.')
  })
  // @ts-expect-error its answer has the wrong type
  socket.handle('confirm', () => 'yes')
  // @ts-expect-error so has this one, later
  socket.handle('where', () => Promise.resolve(1))
  // @ts-expect-error a request that only the page makes
  socket.handle('history', () => [])
}

export const without = (socket: Socket<OneWay>): void => {
  socket.on('tick', (number) => same<typeof number, number>())
  // @ts-expect-error the contract says nothing of events to the server
  socket.send('say')
  // @ts-expect-error nor of requests
  void socket.request('history')
  // @ts-expect-error nor of streams
  socket.stream('ticks')
  // @ts-expect-error nor of the server's requests
  socket.handle('confirm', () => true)
}

export const untyped = async (): Promise<void> => {
  const socket = connect('/live')
  same<typeof socket, Socket>()
  socket.send('anything')
  socket.send('anything', { a: 1 }, { latest: 'a' })
  socket.on('anything', (data) => same<typeof data, unknown>())
  const answer = await socket.request('anything', 1)
  same<typeof answer, unknown>()
  for await (const item of socket.stream('anything')) same<typeof item, unknown>()
  socket.handle('anything', (input) => {
    same<typeof input, unknown>()
    return input
  })
  // @ts-expect-error a name is a text
  socket.send(7)
}

export const whole = async (): Promise<void> => {
  await using socket = connect<Chat>('/live', { auth: () => 'token' })
  same<typeof socket.status, Cell<Status>>()
  const status = socket.status.get()
  same<typeof status.state, 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed'>()
  same<typeof status.cause, HoldfastError | null>()
  // @ts-expect-error a snapshot is nobody's to change
  status.queued = 0
  // @ts-expect-error only its owner sets it
  void socket.status.set
  const off = socket.onLost(({ cause, inDoubt, unsent }) => {
    same<typeof cause.code, ErrorCode>()
    for (const { name, data, request, resent } of inDoubt) {
      same<[typeof name, typeof data, typeof request, typeof resent], [string, unknown, boolean, boolean]>()
    }
    // @ts-expect-error what was never sent is not sent again
    void unsent[0]?.resent
  })
  off()
  const times: number | undefined = socket.errors.timeout
  // @ts-expect-error no such error
  same<typeof socket.errors.hiccup, typeof times>()
  await socket.flush()
  await socket.close({ timeout: 1 })
}

export const options = (): void => {
  connect('/live', {})
  connect(({ attempt, lastClose, signal }) => `/live?${attempt}${lastClose?.code}${signal.aborted}`)
  connect(() => Promise.resolve('/live'), { auth: async ({ attempt }) => Promise.resolve({ attempt }) })
  connect('/live', { backoff: { max: 1 }, heartbeat: { idle: 1 }, outbox: { maxBytes: 1 }, inDoubt: 'reject' })
  connect('/live', { auth: undefined, codec: undefined, schema: undefined, signal: undefined })
  // @ts-expect-error no such option
  connect('/live', { retries: 3 })
  // @ts-expect-error no such part of an option
  connect('/live', { backoff: { maximum: 1 } })
  // @ts-expect-error a number is a number
  connect('/live', { connectTimeout: '5000' })
  // @ts-expect-error one of two words
  connect('/live', { inDoubt: 'ask' })
  // @ts-expect-error a URL is a text
  connect(() => Promise.resolve(7))
  // @ts-expect-error no list of subprotocols, as a WebSocket takes
  connect('/live', ['protocol'])
  // @ts-expect-error every error has a code of the family
  void new HoldfastError('oops', 'message')
}
