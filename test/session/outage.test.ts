/** A server that is not there: requests of the HTTP carrier reach nobody, and nobody can tell that from an answer that was lost. */
import { expect, test } from 'vitest'
import type { Lost } from 'holdfast'
import { world } from 'holdfast/testing'

test.each([{ fastStart: false }, { fastStart: true }])(
  'what is sent while it is down is not in doubt, however often it is tried (%o)',
  async (client) => {
    const said: unknown[] = []
    const here = world({
      client: () => client,
      serve: (core) =>
        core.on('session', (session) => {
          session.on('say', (data) => said.push(data))
          session.handle('sum', (input) => input)
        }),
    })
    const { socket } = here.tabs[0]!
    const losses: Lost[] = []
    socket.onLost((lost) => losses.push(lost))
    await here.clock.advance(1_000)
    here.server.kill()
    await here.clock.advance(100)
    socket.send('say', 'hi')
    const answer = socket.request('sum', 3, { timeout: 90_000 })
    await here.clock.advance(15_000)
    expect(socket.status.get()).toMatchObject({ queued: 2, unacknowledged: 0 })
    here.restart()
    await here.clock.advance(60_000)
    await expect(answer).resolves.toBe(3)
    expect(said).toEqual(['hi'])
    expect(losses.map(({ inDoubt }) => inDoubt)).toEqual([[]])
  },
)
