/** What a socket does when its page is frozen, and when its network is gone. */
import { describe, expect, test } from 'vitest'
import { carriers, talkingPage as stage } from '../tools/talking-page.ts'

const HOUR = 3_600_000

describe.each(carriers)('a page that is frozen, on %s,', (transport) => {
  test('holds no connection and no timer, says why, and keeps its session', async () => {
    const { socket, browser, view, lifecycle, here, session, pass } = await stage({ transport })
    lifecycle.happen('freeze')
    expect(socket.status.get()).toMatchObject({ state: 'paused', pausedBy: 'frozen', transport: null, cause: null })
    expect(view.pending).toBe(0)
    await pass(500)
    expect([browser.held, session.transport, here.server.core.sessions.size]).toEqual([0, null, 1])
    const { dials, posts } = browser
    await pass(60_000)
    expect([browser.dials, browser.posts, view.pending]).toEqual([dials, posts, 0])
  })

  test('has sent what it said last, and has not lost what it said and was told meanwhile', async () => {
    const { socket, view, lifecycle, said, heard, losses, session, pass } = await stage({ transport })
    session.send('said', 1)
    await pass(60)
    socket.send('say', 1)
    lifecycle.happen('freeze')
    socket.send('say', 2)
    view.freeze()
    await pass(1_000)
    expect([said, heard]).toEqual([[1], [1]])
    session.send('said', 2)
    await pass(30_000)
    view.thaw()
    lifecycle.happen('wake')
    await pass(1_000)
    expect(socket.status.get()).toMatchObject({ state: 'open', resumed: true, attempt: 1 })
    expect([said, heard, losses, socket.errors]).toEqual([[1, 2], [1, 2], [], {}])
  })

  test('is back within the time of an opening, however often it goes', async () => {
    const { socket, lifecycle, said, here, pass } = await stage({ transport })
    for (let time = 0; time < 20; time++) {
      socket.send('say', time)
      lifecycle.happen('freeze')
      await pass(time * 20)
      const start = here.clock.now()
      lifecycle.happen('wake')
      lifecycle.happen('wake')
      await here.clock.runUntil(() => socket.status.get().state === 'open')
      expect(here.clock.now() - start).toBeLessThanOrEqual(500)
    }
    await pass(1_000)
    expect([said, socket.errors]).toEqual([Array.from({ length: 20 }, (_, index) => index), {}])
  })
})

describe('a page that is frozen', () => {
  test('in the middle of a try has given it up, and makes one when it is back', async () => {
    const { socket, browser, lifecycle, pass } = await stage({ transport: 'websocket' })
    socket.reconnect()
    await pass(20)
    lifecycle.happen('freeze')
    await pass(1_000)
    expect([browser.held, browser.dials]).toEqual([0, 2])
    lifecycle.happen('wake')
    await pass(1_000)
    expect([socket.status.get().state, browser.dials, browser.mostHeld]).toEqual(['open', 3, 1])
  })

  test('for longer than the server keeps its session is told so, and goes on with another', async () => {
    const { socket, said, losses, lifecycle, pass } = await stage({}, { server: { keep: 60_000 } })
    lifecycle.happen('freeze')
    await pass(61_000)
    socket.send('say', 'hi')
    lifecycle.happen('wake')
    await pass(5_000)
    expect(losses).toMatchObject([{ cause: { code: 'session-lost' }, inDoubt: [] }])
    expect(said).toEqual(['hi'])
  })

  test('waits for its network if that is gone when it is back', async () => {
    const { socket, browser, lifecycle, pass } = await stage()
    lifecycle.happen('freeze')
    lifecycle.happen('offline')
    expect(socket.status.get().pausedBy).toBe('frozen')
    const { dials } = browser
    lifecycle.happen('wake')
    await pass(HOUR)
    expect([socket.status.get().pausedBy, browser.dials]).toEqual(['offline', dials])
    lifecycle.happen('online')
    await pass(1_000)
    expect(socket.status.get().state).toBe('open')
  })

  test('and closed is closed', async () => {
    const { socket, view, lifecycle, pass } = await stage()
    lifecycle.happen('freeze')
    const closing = socket.close()
    await Promise.all([closing, pass(0)])
    lifecycle.happen('wake')
    lifecycle.happen('freeze')
    await pass(1_000)
    expect([socket.status.get(), view.pending]).toEqual([
      expect.objectContaining({ state: 'closed', pausedBy: null }),
      0,
    ])
  })
})

describe('without a network', () => {
  test.each(['auto', ...carriers] as const)('nothing is tried until it is back, by %s', async (transport) => {
    const { socket, browser, lifecycle, pass } = await stage({ transport })
    browser.offline()
    await pass(5_000)
    expect(socket.status.get()).toMatchObject({ state: 'paused', pausedBy: 'offline' })
    const { dials, posts } = browser
    socket.send('say', 1)
    for (let time = 0; time < 10; time++) {
      lifecycle.happen((['wake', 'offline', 'leave', 'network'] as const)[time % 4]!)
      await pass(60_000)
    }
    expect([browser.dials, browser.posts]).toEqual([dials, posts])
  })

  test('a platform that says there is one is not believed: only what is heard is', async () => {
    const { socket, lifecycle, here, pass } = await stage({ transport: 'websocket' })
    here.network.fate('hang')
    here.network.stall()
    lifecycle.happen('online')
    await pass(3_000)
    expect(socket.status.get().state).not.toBe('open')
    await pass(60_000)
    expect(socket.status.get().state).not.toBe('open')
  })

  test('a network that comes back again and again, while a try is under way, is worth no other one', async () => {
    const { socket, browser, lifecycle, here, pass } = await stage({ transport: 'websocket' })
    here.network.fate('hang')
    here.network.cut()
    await pass(1_000)
    lifecycle.happen('offline')
    lifecycle.happen('online')
    const { dials } = browser
    for (let time = 0; time < 90; time++) {
      lifecycle.happen('online')
      await pass(100)
    }
    expect([socket.status.get().state, browser.dials, browser.held]).toEqual(['connecting', dials, 1])
  })
})
