/** What Svelte components may write, and what they may not. Compiled, never run. */
import { type Socket, type Status, connect, share } from 'holdfast'
import { type Live, createHooks } from 'holdfast/svelte'
import { type WireStatus, connect as connectWire, plain } from 'holdfast/wire'
import { type Readable, derived, get, writable } from 'svelte/store'
import { type Chat, type OneWay, same } from './contract.ts'

declare const isOpen: boolean

export const sockets = (): void => {
  const { setSocket, useSocket } = createHooks(share(() => connect<Chat>('wss://host')))
  same<ReturnType<typeof useSocket>, Live<Socket<Chat>>>()
  const socket: Socket<Chat> = useSocket().current
  socket.send('say', { room: 'r', text: 't' })
  // @ts-expect-error no such event
  socket.send('shout')
  setSocket(socket)
  setSocket(() => socket)
  setSocket(writable(socket))
  // @ts-expect-error a socket of another contract
  setSocket(connect<OneWay>('wss://host'))
  // @ts-expect-error no socket
  setSocket('wss://host')
  // @ts-expect-error nor is that
  createHooks('wss://host')
}

export const status = (): void => {
  const { useStatus } = createHooks<Chat>()
  const whole = useStatus()
  same<typeof whole, Live<Status>>()
  same<typeof whole.current, Status>()
  const store: Readable<Status> = whole
  derived(store, ({ state }) => state)
  const state = useStatus((now) => now.state)
  same<typeof state.current, Status['state']>()
  // @ts-expect-error it says nothing of the kind
  useStatus((now) => String(now.colour))
  // @ts-expect-error only read
  whole.current = store
}

export const events = (): void => {
  const { useEvent, useLatest } = createHooks<Chat>()
  useEvent('said', ({ from }) => same<typeof from, string>())
  useEvent('closing', (data) => same<typeof data, undefined>())
  // @ts-expect-error an event of the page's
  useEvent('say', () => {})
  same<typeof last, Live<{ from: string; text: string } | undefined>>()
  const last = useLatest('said')
  same<typeof all, Live<readonly { from: string; text: string }[]>>()
  const all = useLatest('said', { history: 50, filter: ({ from }) => from !== 'me' })
  same<typeof some, Live<{ from: string; text: string } | undefined>>()
  const some = useLatest('said', { filter: ({ text }) => text !== '' })
  // @ts-expect-error no such event
  useLatest('shouted')
  // @ts-expect-error no part of the data
  useLatest('said', { filter: ({ colour }) => colour !== '' })
}

export const requests = (): void => {
  const { useRequest } = createHooks<Chat>()
  const history = useRequest('history', () => ({ room: 'r' }), { enabled: () => isOpen, timeout: 1_000 })
  same<typeof history.current.data, string[] | undefined>()
  same<ReturnType<typeof history.current.refetch>, Promise<void>>()
  useRequest('history', { room: 'r' }, { enabled: isOpen })
  useRequest('history', writable({ room: 'r' }), { enabled: writable(true) })
  same<typeof lookup.current.data, number | null | undefined>()
  const lookup = useRequest('lookup', () => 'name')
  useRequest('rooms')
  useRequest('rename', () => (isOpen ? 'name' : undefined))
  get(history).pending satisfies boolean
  // @ts-expect-error its input is missing
  useRequest('history')
  // @ts-expect-error its input has the wrong type
  useRequest('history', { room: 1 })
  // @ts-expect-error and so has this
  useRequest('history', () => ({ room: 1 }))
  // @ts-expect-error nor can a store have it
  useRequest('history', writable({ room: 1 }))
  // @ts-expect-error no such request
  useRequest('future')
  // @ts-expect-error a request of the server's
  useRequest('confirm', { what: 'x' })
  // @ts-expect-error no such option
  useRequest('rooms', undefined, { enable: false })
}

export const streams = (): void => {
  const { useStream } = createHooks<Chat>()
  const last = useStream('ticks', () => ({ symbol: 's' }), { enabled: () => isOpen })
  same<typeof last.current.data, { price: number } | undefined>()
  same<typeof last.current.done, boolean>()
  const all = useStream('ticks', { symbol: 's' }, { history: 10 })
  same<typeof all.current.data, readonly { price: number }[]>()
  useStream('all')
  // @ts-expect-error its input is missing
  useStream('ticks')
  // @ts-expect-error no such stream
  useStream('tocks')
}

export const others = (): void => {
  const wire = createHooks(connectWire<OneWay>('wss://host', { wire: plain() }))
  same<typeof status, Live<WireStatus>>()
  const status = wire.useStatus()
  same<typeof tick, Live<number | undefined>>()
  const tick = wire.useLatest('tick')
  // @ts-expect-error there are no streams
  wire.useStream('ticks')
  // @ts-expect-error nobody acknowledges
  void wire.useStatus().current.unacknowledged
  const untyped = createHooks()
  same<typeof anything, Live<unknown>>()
  const anything = untyped.useLatest('anything')
  untyped.useRequest('anything', { at: 'all' })
}
