/** What an application's test may write, by its contract. Compiled, never run. */
import type { Socket } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import { createTestServer } from 'holdfast/testing'
import { type Chat, type OneWay, same } from './contract.ts'

interface User {
  readonly name: string
}

const server = createTestServer<Chat, User>({
  server: { authenticate: ({ auth }) => ({ name: String(auth) }) },
  serve: (core) => core.on('session', (session) => same<typeof session, ServerSession<Chat, User>>()),
})

export const ways = (): void => {
  const socket = server.connect({ auth: 'ann' })
  same<typeof socket, Socket<Chat>>()
  const back: () => void = server.install()
  back()
  // @ts-expect-error no such option
  server.connect({ authentication: 'ann' })
  // @ts-expect-error what the server makes of it has another type
  createTestServer<Chat, User>({ server: { authenticate: () => 'ann' } })
}

export const answers = (): void => {
  server.on('say', (message, session) =>
    same<[typeof message, typeof session], [{ room: string; text: string }, ServerSession<Chat, User>]>(),
  )
  server.handle('history', ({ room }, { signal }, { identity }) => {
    same<[typeof signal, typeof identity], [AbortSignal, User]>()
    return [room]
  })
  server.handleStream('ticks', async function* ({ symbol }) {
    yield await Promise.resolve({ price: symbol.length })
  })
  server.send('said', { from: 'f', text: 't' })
  server.send('closing')
  // @ts-expect-error an event that only the server sends
  server.on('said', () => {})
  // @ts-expect-error no such request
  server.handle('histories', () => [])
  // @ts-expect-error its answer has the wrong type
  server.handle('history', () => 'text')
  // @ts-expect-error a request is no stream
  server.handleStream('history', () => [])
  // @ts-expect-error its data is missing
  server.send('said')
  // @ts-expect-error an event that only the page sends
  server.send('say', { room: 'r', text: 't' })
}

export const assertions = async (): Promise<void> => {
  const said = server.received('say')
  same<typeof said, readonly { room: string; text: string }[]>()
  const asked = await server.next('history', { timeout: 5 })
  same<typeof asked, { room: string }>()
  const symbol = await server.next('ticks')
  same<typeof symbol, { symbol: string }>()
  const session = await server.session()
  same<typeof session, ServerSession<Chat, User>>()
  // @ts-expect-error an event that only the server sends
  server.received('said')
  // @ts-expect-error no such name
  await server.next('shout')
  // @ts-expect-error nobody says anything
  createTestServer<OneWay>().received('tick')
  const untyped = await createTestServer().next('anything')
  same<typeof untyped, unknown>()
}
