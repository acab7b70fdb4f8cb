/** What may be written over other servers' protocols, and what may not. Compiled, never run. */
import { type Socket, connect as connectOurs } from 'holdfast'
import { type Wire, type WireSocket, connect, jsonRpc, plain } from 'holdfast/wire'
import { type Chat, type OneWay, same } from './contract.ts'

type Feed = Omit<Chat, 'streams'>

export const events = (socket: WireSocket<Feed>): void => {
  socket.send('say', { room: 'r', text: 't' })
  socket.send('cursor', { x: 1, y: 2 }, { latest: 'cursor', ttl: 500, signal: new AbortController().signal })
  socket.send('leave')
  const nothing = socket.send('leave')
  // Nobody learns whether it arrived.
  same<typeof nothing, void>()
  // @ts-expect-error no such event
  socket.send('shout')
  // @ts-expect-error its data has the wrong type
  socket.send('say', { room: 1 })
  // @ts-expect-error nothing is repeated here, so nothing need be exempt
  socket.send('leave', undefined, { volatile: true })
  socket.on('said', ({ from }) => same<typeof from, string>())
  // @ts-expect-error an event of the page's
  socket.on('say', () => {})
}

export const requests = async (socket: WireSocket<Feed>): Promise<void> => {
  const lines = await socket.request('history', { room: 'r' }, { timeout: 1_000, idempotent: true })
  same<typeof lines, string[]>()
  // @ts-expect-error its input is missing
  void socket.request('history')
  socket.handle('confirm', ({ what }, { signal }) => what === 'yes' && !signal.aborted)
  // @ts-expect-error it answers with something else
  socket.handle('confirm', () => 'yes')
}

/** What only sessions can promise is not there. */
export const lesser = (socket: WireSocket<Feed>): void => {
  // @ts-expect-error nobody acknowledges
  void socket.flush
  // @ts-expect-error there is no session to lose
  void socket.onLost
  // @ts-expect-error there are no streams
  void socket.stream
  // @ts-expect-error nor in what it shows
  void socket.status.get().resumed
  // @ts-expect-error so it does for no socket of ours
  const ours: Socket<Feed> = socket
  void ours
}

export const connecting = (): void => {
  same<ReturnType<typeof connect<OneWay>>, WireSocket<OneWay>>()
  // @ts-expect-error a contract with streams
  connect<Chat>('wss://host', { wire: plain() })
  // @ts-expect-error no wire
  connect('wss://host', {})
  // @ts-expect-error no option of this one
  connect('wss://host', { wire: plain(), fastStart: true })
  // @ts-expect-error nor of the other
  connectOurs('wss://host', { wire: plain() })
  connect<Feed>(({ attempt }) => `wss://host/?try=${attempt}`, {
    wire: jsonRpc({ batch: true }),
    async onOpen({ request, send, signal, attempt }) {
      same<typeof attempt, number>()
      const rooms = await request('rooms', undefined, { signal })
      for (const room of rooms) send('say', { room, text: 'hi' })
      // @ts-expect-error no such request
      await request('login')
    },
    shouldReconnect: ({ code, reason }) => code !== 4000 || reason !== 'bye',
  })
  void connect('wss://host', { wire: plain() }).request('anything', 5)
}

export const wires: Wire[] = [
  // What `parse` gives is what the others get.
  plain({ parse: (data) => ({ op: String(data).length }), type: ({ op }) => `${op}`, isPong: ({ op }) => op === 1 }),
  plain({ type: (message) => message['kind'] as string, data: 'body' }),
  // @ts-expect-error it is unknown what is there
  plain({ type: (message) => message['kind'] }),
  // @ts-expect-error no such field
  plain({ parse: () => ({ op: 1 }), type: ({ kind }) => kind as string }),
  // @ts-expect-error no such option
  jsonRpc({ version: 1 }),
]
