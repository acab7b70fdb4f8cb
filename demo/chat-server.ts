/**
 * The chat itself: everything that an application writes to talk over Holdfast. It runs in a process of its own, so that
 * the page's "Kill the server" can mean just that; server.ts starts it, tells it when to drain, and starts it again.
 */
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { createServer } from '../src/server/index.ts'
import type { Chat, Person } from './contract.ts'
import { openMessages } from './messages.ts'

const ROOM = 'everybody'

const id = v.pipe(v.string(), v.minLength(8), v.maxLength(64))
const person = v.strictObject({
  id,
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(40)),
  hue: v.pipe(v.number(), v.minValue(0), v.maxValue(360)),
})

const [, , file = ':memory:'] = process.argv
const messages = openMessages(file)

const chat = createServer<Chat, Person>({
  path: '/live',
  // A closed tab says no goodbye, since a reloaded one comes back: so soon, the others see who has left.
  keep: 15_000,
  authenticate: ({ auth }) => v.is(person, auth) && auth,
  schema: {
    say: v.object({ id, text: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)) }),
    history: v.object({ after: v.pipe(v.number(), v.minValue(0)) }),
  },
})

const whoIsHere = (): Person[] => [
  ...new Map([...chat.sessions].map(({ identity }) => [identity.id, identity])).values(),
]
const tellWhoIsHere = (): void => chat.to(ROOM).send('people', whoIsHere(), { latest: 'people' })

chat.on('session', (session) => {
  session.join(ROOM)
  session.on('say', ({ id, text }) => {
    // Kept before this returns, and acknowledged only after: an acknowledged message is on disk.
    const { message, isNew } = messages.add({ id, text, from: session.identity, at: Date.now() })
    // A message that was here before has been told to everybody; whoever sent it again still waits to hear of it.
    const audience = isNew ? chat.to(ROOM) : session
    audience.send('said', message)
  })
  session.on('typing', () => chat.to(ROOM).send('typing', session.identity, { volatile: true }))
  session.handle('history', ({ after }) => messages.after(after))
  session.handle('people', whoIsHere)
  session.onEnd(tellWhoIsHere)
  tellWhoIsHere()
})

const http = createHttpServer((_request, response) => response.writeHead(404).end())
chat.attach(http)
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))

const drain = async (): Promise<void> => {
  await chat.close({ retry: { after: 1_000, spread: 1_000 } })
  messages.close()
  process.exit()
}
process.once('message', () => void drain())
process.once('SIGTERM', () => void drain())
// Ctrl-C reaches every process of the terminal; server.ts then says when to drain.
process.on('SIGINT', () => {})
// Without server.ts nobody can reach this process: it must not outlive it.
process.on('disconnect', () => process.exit())
