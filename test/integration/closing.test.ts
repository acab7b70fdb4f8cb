/** The end of a conversation, by whichever side: what was sent arrives first, and nothing is left. */
import { describe, expect, test } from 'vitest'
import { containing, errorWith, isClosed, isOpen, rejection, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

describe('closing', () => {
  test('by the client: what was sent arrives first, then both sides know', async () => {
    const heard = new Seen<string>()
    const ended = new Seen<string>()
    const backend = await serve({
      session(session) {
        session.on('say', heard.add)
        session.handle('hang', () => new Promise<never>(() => {}))
        session.onEnd(ended.add)
      },
    })
    const socket = backend.connect()
    socket.send('say', 'last words')
    const asked = rejection(socket.request('hang'))
    await socket.close()
    expect(heard.all).toEqual(['last words'])
    expect(await asked).toMatchObject({ code: 'closed' })
    expect(socket.status.get().state).toBe('closed')
    expect(() => socket.send('say', 'too late')).toThrow(errorWith('closed'))
    expect(await ended.first(1)).toEqual(['client-closed'])
    expect(backend.server.sessions.size).toBe(0)
    await expect.poll(() => backend.proxy.open).toBe(0)
  })

  test('by `await using`', async () => {
    const heard = new Seen<string>()
    const backend = await serve({ session: (session) => session.on('say', heard.add) })
    const told: string[] = []
    {
      await using socket = backend.connect()
      socket.status.subscribe(({ state }) => told.push(state))
      socket.send('say', 'in a block')
    }
    expect(heard.all).toEqual(['in a block'])
    expect(told.at(-1)).toBe('closed')
  })

  test('by a signal: at once, and nothing is left open', async () => {
    const backend = await serve()
    const controller = new AbortController()
    const socket = backend.connect({ signal: controller.signal })
    await status(socket, isOpen)
    controller.abort()
    await status(socket, isClosed)
    await expect.poll(() => backend.proxy.open).toBe(0)
  })

  test('by a signal that was aborted before: no connection is made', async () => {
    const backend = await serve()
    const socket = backend.connect({ signal: AbortSignal.abort() })
    await status(socket, isClosed)
    expect(backend.proxy.accepted).toBe(0)
  })

  test('by the server: what it sent arrives first, the code decides, and nothing comes back', async () => {
    const said = new Seen<string>()
    const ended = new Seen<string>()
    const backend = await serve({ session: (session) => session.onEnd(ended.add) })
    const socket = backend.connect()
    socket.on('said', said.add)
    const [session] = await backend.sessions.first(1)
    session!.send('said', 'you are banned')
    session!.close({ code: 4403, reason: 'Banned' })
    expect(await status(socket, isClosed)).toMatchObject({
      cause: { code: 'forbidden', message: containing('Banned') },
    })
    expect(said.all).toEqual(['you are banned'])
    expect(ended.all).toEqual(['closed'])
    expect(() => session!.send('said', 'too late')).toThrow(errorWith('closed'))
    await expect.poll(() => backend.proxy.open).toBe(0)
    expect(backend.proxy.accepted).toBe(1)
  })

  test('at a server that is gone: within the time given, and what was not delivered is told', async () => {
    const backend = await serve()
    const socket = backend.connect()
    await status(socket, isOpen)
    backend.proxy.blackHole('both', true)
    const lost = new Seen<unknown>()
    socket.onLost(lost.add)
    socket.send('say', 'into the void')
    await socket.close({ timeout: 50 })
    expect(lost.all).toMatchObject([
      { cause: { code: 'closed' }, inDoubt: [{ name: 'say', data: 'into the void', resent: false }], unsent: [] },
    ])
  })
})
