/** What the primitives of Solid take and give, and what they do not. Compiled, never run. */
import { type Socket, type Status, connect, share } from 'holdfast'
import { createHooks } from 'holdfast/solid'
import { type WireSocket, type WireStatus, connect as connectWire, plain } from 'holdfast/wire'
import { type Accessor, type JSX, createMemo, createSignal } from 'solid-js'
import { type Chat, type OneWay, same } from './contract.ts'

const live = share(() => connect<Chat>('/live'))
const { SocketProvider, useSocket, useStatus, useEvent, useLatest, useRequest, useStream } = createHooks(live)

/** What a primitive gives for a `T`. */
type Out<T> = Accessor<T>

export const sockets = (other: Socket<OneWay>, children: JSX.Element): void => {
  const used = useSocket()
  same<typeof used, Out<Socket<Chat>>>()
  used().send('say', { room: 'r', text: 't' })
  // @ts-expect-error no such event
  used().send('shout')
  same<ReturnType<typeof SocketProvider>, JSX.Element>()
  SocketProvider({ socket: live, children })
  // @ts-expect-error another contract
  SocketProvider({ socket: other, children })
  // @ts-expect-error no socket
  SocketProvider({ children })
}

export const statuses = (): void => {
  const status = useStatus()
  same<ReturnType<typeof status>['unacknowledged'], number>()
  const state = useStatus(({ state }) => state)
  same<ReturnType<typeof state>, Status['state']>()
  // @ts-expect-error nothing in the status
  useStatus(({ mood }) => mood === 1)
}

export const events = (): void => {
  useEvent('said', ({ from }) => same<typeof from, string>())
  useEvent('closing', () => {})
  // @ts-expect-error an event of the page's
  useEvent('say', () => {})
  // @ts-expect-error its data has another type
  useEvent('said', (count: number) => count)

  const last = useLatest('said')
  same<typeof last, Out<{ from: string; text: string } | undefined>>()
  const filtered = useLatest('said', { filter: ({ from }) => from === 'me' })
  same<typeof filtered, typeof last>()
  const lines = useLatest('said', { history: 50 })
  same<typeof lines, Out<readonly { from: string; text: string }[]>>()
  // @ts-expect-error no such event
  useLatest('shouted')
  // @ts-expect-error nothing in its data
  useLatest('said', { filter: ({ mood }) => mood === 1 })
}

export const requests = async (room: Accessor<string>): Promise<void> => {
  const { data, error, pending, refetch } = useRequest('history', { room: 'r' })
  same<typeof data, Out<string[] | undefined>>()
  same<typeof error, Out<unknown>>()
  same<typeof pending, Out<boolean>>()
  await refetch()
  useRequest('history', () => ({ room: room() }), { enabled: () => room() !== '', timeout: 1_000 })
  useRequest('history', createSignal({ room: 'r' })[0], { enabled: createSignal(true)[0] })
  useRequest(
    'history',
    createMemo(() => ({ room: room() })),
    { enabled: createMemo(() => true) },
  )
  const found = useRequest('lookup', room)
  same<ReturnType<typeof found.data>, number | null | undefined>()
  useRequest('rooms')
  useRequest('rooms', undefined, { enabled: false })
  useRequest('rename', () => undefined)
  // @ts-expect-error its input is missing
  useRequest('history')
  // @ts-expect-error its input is another one
  useRequest('history', () => ({ room: 1 }))
  // @ts-expect-error so it is of an accessor
  useRequest('lookup', () => 1)
  // @ts-expect-error no such request
  useRequest('future', { room: 'r' })
  // @ts-expect-error a stream
  useRequest('all')
  // @ts-expect-error no such option
  useRequest('rooms', undefined, { history: 3 })
  // @ts-expect-error nothing that ends
  void useRequest('rooms').done
}

export const streams = (symbol: Accessor<string>): void => {
  const { data, done, error, pending, refetch } = useStream('ticks', () => ({ symbol: symbol() }))
  same<typeof data, Out<{ price: number } | undefined>>()
  same<typeof done, Out<boolean>>()
  same<typeof error, Out<unknown>>()
  same<typeof pending, Out<boolean>>()
  same<typeof refetch, () => Promise<void>>()
  const all = useStream('all', undefined, { history: 10, enabled: () => true })
  same<typeof all.data, Out<readonly number[]>>()
  useStream('all')
  // @ts-expect-error its input is missing
  useStream('ticks')
  // @ts-expect-error its input is another one
  useStream('ticks', () => ({ symbol: 1 }), { history: 3 })
  // @ts-expect-error a request
  useStream('rooms')
}

/** A contract without a socket. */
export const provided = (): void => {
  const hooks = createHooks<OneWay>()
  const tick = hooks.useLatest('tick')
  same<typeof tick, Out<number | undefined>>()
  // @ts-expect-error it has no such event
  hooks.useLatest('said')
  // @ts-expect-error it can be asked nothing
  hooks.useRequest('rooms')
}

export const untyped = (): void => {
  const hooks = createHooks(connect('/live'))
  const last = hooks.useLatest('anything')
  same<typeof last, Out<unknown>>()
  const answer = hooks.useRequest('anything', () => 1)
  same<typeof answer.data, Out<unknown>>()
}

export const wires = (): void => {
  const feed = share(() => connectWire<Omit<Chat, 'streams'>>('/feed', { wire: plain() }))
  const hooks = createHooks(feed)
  const socket = hooks.useSocket()
  same<typeof socket, Out<WireSocket<Omit<Chat, 'streams'>>>>()
  const status = hooks.useStatus()
  same<typeof status, Out<WireStatus>>()
  hooks.useEvent('said', ({ text }) => same<typeof text, string>())
  const rooms = hooks.useRequest('rooms')
  same<typeof rooms.data, Out<string[] | undefined>>()
  // @ts-expect-error such servers have no streams
  hooks.useStream('all')
}
