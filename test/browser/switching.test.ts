/// <reference types="vite/client" />
/** From WebSocket to HTTP and back, once a second, while both sides count aloud. */
import { connect } from 'holdfast'
import { expect, onTestFinished, test } from 'vitest'
import type { Chatter } from '../chaos/chatter.ts'
import { unharmed } from '../chaos/ledger.ts'
import { describeSurvival, survive } from '../chaos/survive.ts'
import { openScenario } from './remote.ts'
import { changeNetwork, isOnHttp, isOnWebSocket, status } from './support.ts'

/** Half a minute in each engine is for the soak. */
const duration = Number(import.meta.env['SWITCHING_SECONDS'] || 6) * 1_000

test('WebSockets that come and go every second, at 50 messages a second each way: nothing is lost, and nothing stands still', async ({
  annotate,
}) => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const socket = connect<Chatter>(`ws://${scenario.host}/live`)
  onTestFinished(() => socket.close({ timeout: 0 }))
  const carriers: (string | null)[] = []
  socket.status.subscribe(({ transport }) => transport !== carriers.at(-1) && carriers.push(transport))
  await status(socket, isOnWebSocket)
  const figures = await survive(socket, {
    async cut() {
      if (isOnHttp(socket.status.get())) {
        await scenario.unblock()
        changeNetwork()
        await status(socket, isOnWebSocket)
        return 0
      }
      const down = status(socket, (now) => !isOnWebSocket(now))
      await scenario.block('403')
      await scenario.cut()
      await down
      changeNetwork()
      await status(socket, isOnHttp)
      return 1
    },
    duration,
    rate: 50,
    pause: [1000, 1000],
  })
  await annotate(`${describeSurvival(figures)}; ${carriers.join(' ')}`)
  expect(figures).toMatchObject({ up: unharmed, down: unharmed })
  expect(Math.max(figures.up.longestGap, figures.down.longestGap)).toBeLessThan(1000)
  // There was something to lose, and time for about one move a second.
  expect(Math.min(figures.up.sent, figures.down.sent)).toBeGreaterThan(duration / 30)
  expect(figures.kills).toBeGreaterThanOrEqual(duration / 1000 / 4)
  expect(socket.errors).toEqual({})
  expect((await scenario.exchanges()).filter(({ method }) => method === 'OPTIONS')).toEqual([])
})
