/** What React components may write, and what they may not. Compiled, never run. */
import { type Socket, type Status, connect, share, shareBy } from 'holdfast'
import { type Answered, type Hooks, type Read, createHooks } from 'holdfast/react'
import { type WireSocket, type WireStatus, connect as connectWire, plain } from 'holdfast/wire'
import { type ReactElement, createElement, useEffect } from 'react'
import { type Chat, type OneWay, same } from './contract.ts'

declare const isOpen: boolean

export const Sockets = (): ReactElement => {
  const { SocketProvider, useSocket } = createHooks(share(() => connect<Chat>('wss://host')))
  same<ReturnType<typeof useSocket>, Socket<Chat>>()
  const socket = useSocket()
  useEffect(() => socket.handle('confirm', ({ what }) => what === 'yes'), [socket])
  useEffect(() => {
    socket.send('say', { room: 'r', text: 't' })
    // @ts-expect-error no such event
    socket.send('shout')
  }, [socket])
  // @ts-expect-error a socket of another contract
  createElement(SocketProvider, { socket: connect<OneWay>('wss://host') })
  // @ts-expect-error no socket
  createElement(SocketProvider, {})
  // @ts-expect-error nor is that
  createHooks('wss://host')
  const roomOf = shareBy((room: string) => connect<Chat>(`wss://host/${room}`))
  return createElement(SocketProvider, { socket: roomOf('r') }, createElement('p'), 'text', null)
}

export const useStatuses = (): void => {
  const { useStatus } = createHooks<Chat>()
  same<typeof whole, Status>()
  const whole = useStatus()
  same<typeof state, Status['state']>()
  const state = useStatus((now) => now.state)
  // @ts-expect-error it says nothing of the kind
  useStatus((now) => String(now.colour))
  // @ts-expect-error only read
  whole.state = 'open'
}

export const useEvents = (): void => {
  const { useEvent, useLatest } = createHooks<Chat>()
  useEvent('said', ({ from }) => same<typeof from, string>())
  useEvent('closing', (data) => same<typeof data, undefined>())
  // @ts-expect-error an event of the page's
  useEvent('say', () => {})
  // @ts-expect-error its data has another type
  useEvent('said', (text: string) => text)
  same<typeof last, { from: string; text: string } | undefined>()
  const last = useLatest('said')
  same<typeof all, readonly { from: string; text: string }[]>()
  const all = useLatest('said', { history: 50, filter: ({ from }) => from !== 'me' })
  same<typeof some, { from: string; text: string } | undefined>()
  const some = useLatest('said', { filter: ({ text }) => text !== '' })
  // @ts-expect-error no such event
  useLatest('shouted')
  // @ts-expect-error no part of the data
  useLatest('said', { filter: ({ colour }) => colour !== '' })
}

export const useRequests = (): void => {
  const { useRequest } = createHooks<Chat>()
  same<typeof history, Answered<string[] | undefined>>()
  const history = useRequest('history', { room: 'r' }, { enabled: isOpen, timeout: 1_000 })
  same<typeof history.data, string[] | undefined>()
  same<ReturnType<typeof history.refetch>, Promise<void>>()
  const { data, error, pending } = useRequest('lookup', 'name')
  same<typeof data, number | null | undefined>()
  same<typeof error, unknown>()
  same<typeof pending, boolean>()
  useRequest('rooms')
  useRequest('rename', isOpen ? 'name' : undefined)
  // @ts-expect-error its input is missing
  useRequest('history')
  // @ts-expect-error its input has the wrong type
  useRequest('history', { room: 1 })
  // @ts-expect-error React calls again: nothing is a function
  useRequest('history', () => ({ room: 'r' }))
  // @ts-expect-error no such request
  useRequest('future')
  // @ts-expect-error a request of the server's
  useRequest('confirm', { what: 'x' })
  // @ts-expect-error no such option
  useRequest('rooms', undefined, { enable: false })
  // @ts-expect-error the hook has its own
  useRequest('rooms', undefined, { signal: new AbortController().signal })
}

export const useStreams = (): void => {
  const { useStream } = createHooks<Chat>()
  same<typeof last, Read<{ price: number } | undefined>>()
  const last = useStream('ticks', { symbol: 's' }, { enabled: isOpen })
  same<typeof last.done, boolean>()
  same<typeof all, Read<readonly { price: number }[]>>()
  const all = useStream('ticks', { symbol: 's' }, { history: 10 })
  same<typeof all.data, readonly { price: number }[]>()
  useStream('all')
  useStream('all', undefined, { history: 2 })
  // @ts-expect-error its input is missing
  useStream('ticks')
  // @ts-expect-error and not to be left out for the options
  useStream('ticks', { history: 10 })
  // @ts-expect-error no such stream
  useStream('tocks')
  // @ts-expect-error a request is no stream
  useStream('rooms')
}

/** A socket that may be missing is given by a provider: the contract is the same. */
export const useMissing = (socket: Socket<Chat> | undefined): void => {
  const { useSocket } = createHooks(socket)
  same<ReturnType<typeof useSocket>, Socket<Chat>>()
}

export const useOthers = (): void => {
  const wire = createHooks(connectWire<OneWay>('wss://host', { wire: plain() }))
  same<ReturnType<typeof wire.useSocket>, WireSocket<OneWay>>()
  same<typeof status, WireStatus>()
  const status = wire.useStatus()
  same<typeof tick, number | undefined>()
  const tick = wire.useLatest('tick')
  // @ts-expect-error there are no streams
  wire.useStream('ticks')
  // @ts-expect-error nobody acknowledges
  void status.unacknowledged
  const untyped = createHooks()
  same<typeof anything, unknown>()
  const anything = untyped.useLatest('anything')
  untyped.useRequest('anything', { at: 'all' })
  untyped.useStream('anything')
}

/** Hooks are exported under names of the application's own. */
export const { useEvent: useChatEvent, SocketProvider: ChatProvider }: Hooks<Chat> = createHooks<Chat>()
