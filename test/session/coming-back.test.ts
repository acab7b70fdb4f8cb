/** Within what time a socket finds out what became of its line. */
import { describe, expect, test } from 'vitest'
import { carriers, talkingPage as stage, type WorldOptions } from '../tools/talking-page.ts'

const HOUR = 3_600_000

type Stage = Awaited<ReturnType<typeof stage>>

/** When the socket saw that its line is dead. */
const noticed = async ({ here, socket }: Stage): Promise<number> => {
  expect(await here.clock.runUntil(() => socket.status.get().state !== 'open', HOUR)).toBe(true)
  expect(socket.status.get().cause?.code).toBe('unresponsive')
  return here.clock.now()
}

describe.each(carriers)('a line that died, by %s, is found', (transport) => {
  const happenings: Record<string, (stage: Stage) => void | Promise<void>> = {
    'a page that is shown again': ({ lifecycle }) => lifecycle.happen('wake'),
    'another network': ({ lifecycle }) => lifecycle.happen('network'),
    'a network that is back': ({ lifecycle }) => lifecycle.happen('online'),
    'no network': ({ lifecycle }) => lifecycle.happen('offline'),
    'all of that at once': async ({ lifecycle, pass }) => {
      for (const event of ['wake', 'network', 'wake', 'offline', 'online'] as const) {
        lifecycle.happen(event)
        await pass(240)
      }
    },
    'sleep that nobody told of': async ({ view, pass }) => {
      view.freeze()
      await pass(HOUR)
      view.thaw()
    },
    'sleep into which something had come just before': async ({ here, lifecycle, session, view, pass }) => {
      here.network.heal()
      view.freeze()
      session.send('said', 'good night')
      await pass(100)
      here.network.stall()
      await pass(HOUR)
      lifecycle.happen('wake')
      view.thaw()
    },
  }
  test.each(Object.keys(happenings))('within three seconds of %s', async (name) => {
    // With a heartbeat that would not find it for days.
    const heartbeat = { idle: 100 * HOUR }
    const on = await stage({ transport, heartbeat, isUntold: name === 'sleep that nobody told of' })
    on.here.network.stall()
    // Whoever sleeps comes back at the end of that.
    const start = on.here.clock.now()
    await happenings[name]!(on)
    const back = name.startsWith('sleep') ? on.here.clock.now() : start
    expect((await noticed(on)) - back).toBeLessThanOrEqual(3_000)
  })

  test('within the heartbeat’s `idle` and `timeout` where nothing happens', async () => {
    const on = await stage({ transport })
    on.here.network.stall()
    const start = on.here.clock.now()
    expect((await noticed(on)) - start).toBeLessThanOrEqual(25_000 + 10_000)
  })

  test('within twice the time of an acknowledgement where something is out', async () => {
    const on = await stage({ transport })
    on.here.network.stall()
    const start = on.here.clock.now()
    on.socket.send('say', 'into the void')
    expect((await noticed(on)) - start).toBeLessThanOrEqual(2 * 2_000 + 500)
  })

  test('and the session goes on over another one', async () => {
    const on = await stage({ transport })
    on.here.network.stall()
    on.lifecycle.happen('network')
    on.socket.send('say', 1)
    await noticed(on)
    on.here.network.heal()
    await on.pass(10_000)
    expect([on.said, on.losses, on.socket.status.get().state]).toEqual([[1], [], 'open'])
  })
})

describe('a line that lives is kept, whatever happens to the page', () => {
  const lines: Record<string, WorldOptions> = {
    'far away': { conditions: { latency: 1_500 } },
    'with little bandwidth': { conditions: { bandwidth: 16_000 } },
  }
  test.each(Object.keys(lines))('%s', async (name) => {
    const on = await stage({ transport: 'websocket' }, lines[name])
    // Larger than what goes along in three seconds.
    for (let part = 0; part < 20; part++) on.socket.send('say', 'x'.repeat(4_000))
    for (let time = 0; time < 20; time++) {
      on.lifecycle.happen((['wake', 'network', 'offline', 'online'] as const)[time % 4]!)
      await on.pass(700)
    }
    await on.pass(30_000)
    expect([on.said.length, on.browser.dials, on.socket.status.get().attempt]).toEqual([20, 1, 1])
  })

  test('for two minutes in a hidden tab whose timers fire once in each, and when it is shown again', async () => {
    const on = await stage()
    for (let minute = 0; minute < 2; minute++) {
      on.view.freeze('timers')
      for (let second = 0; second < 60; second++) {
        if (second % 20 === 0) on.session.send('said', second)
        await on.pass(1_000)
      }
      on.view.thaw()
      await on.pass(0)
    }
    on.lifecycle.happen('wake')
    await on.pass(5_000)
    expect([on.heard, on.browser.dials, on.browser.held]).toEqual([[0, 20, 40, 0, 20, 40], 1, 1])
  })
})
