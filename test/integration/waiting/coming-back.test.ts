/** Pages that come back, and find that their connection died, or that they gave it up: at the fault proxy, by the wall clock. */
import { describe, expect, test } from 'vitest'
import { type Chat, isOpen, serve, status } from '../support/backend.ts'
import { type Finished, load } from '../support/page.ts'
import { Seen } from '../support/seen.ts'

const carriers = ['websocket', 'http', 'long-polling'] as const

/** A page that talks to a server. */
async function talking(transport: (typeof carriers)[number], finished: Finished) {
  const heard = new Seen<string>()
  const backend = await serve({ session: (session) => void session.on('say', heard.add) }, finished)
  const page = load<Chat>(backend.url, { transport, connectTimeout: 1_000 }, finished)
  page.socket.send('say', 'hello')
  await page.socket.flush()
  return { ...backend, ...page, heard }
}

describe.concurrent.each(carriers)('on %s', (transport) => {
  test.for(['wake', 'online', 'offline'] as const)(
    'a black hole is found within three seconds of `%s`, and the session goes on when it is gone',
    async (event, { annotate, onTestFinished }) => {
      const { proxy, socket, happen, heard, sessions } = await talking(transport, onTestFinished)
      proxy.blackHole('both', true)
      const start = performance.now()
      happen(event)
      const { cause } = await status(socket, (now) => !isOpen(now))
      const took = performance.now() - start
      await annotate(`${took.toFixed(0)} ms`)
      expect(cause).toMatchObject({ code: 'unresponsive' })
      expect(took).toBeLessThan(3_000)
      proxy.blackHole('both', false)
      socket.send('say', 'again')
      happen('online')
      await socket.flush()
      expect([heard.all, sessions.all.length]).toEqual([['hello', 'again'], 1])
    },
  )
})

describe.each(carriers)('on %s', (transport) => {
  test('a page that is frozen has no connection, and its session waits for it', async ({ onTestFinished }) => {
    const { proxy, socket, happen, heard, sessions } = await talking(transport, onTestFinished)
    const [session] = sessions.all
    const told = new Seen<string>()
    socket.on('said', told.add)
    socket.send('say', 'good night')
    happen('freeze')
    expect(socket.status.get()).toMatchObject({ state: 'paused', pausedBy: 'frozen' })
    socket.send('say', 'good morning')
    await expect.poll(() => session!.transport).toBe(null)
    // HTTP's connections are the browser's, and wait for whoever is next.
    await expect.poll(() => transport !== 'websocket' || proxy.open === 0).toBe(true)
    session!.send('said', 'it is late')
    expect(heard.all).toEqual(['hello', 'good night'])
    happen('wake')
    await told.first(1)
    await socket.flush()
    expect([heard.all, told.all]).toEqual([['hello', 'good night', 'good morning'], ['it is late']])
    expect(socket.status.get()).toMatchObject({ state: 'open', resumed: true })
  })
})
