/** Twenty seconds of it in one engine: the others run the same code through the same faults elsewhere. */
import { connect } from 'holdfast'
import { expect, onTestFinished, test } from 'vitest'
import { type Counting, describeChaos, survive } from '../tools/chaos.ts'
import { openScenario } from './remote.ts'

test('20 s of killed connections at 50 messages a second each way: none lost, doubled or out of order', async ({
  annotate,
}) => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const socket = connect<Counting>(`ws://${scenario.host}/live`, {
    backoff: { base: 50, factor: 2, max: 400, jitter: 1 },
  })
  const figures = await survive(socket, { cut: scenario.cut, duration: 20_000, rate: 50, pause: [300, 1500] })
  await annotate(describeChaos(figures))
  const unharmed = { lost: 0, doubled: 0, outOfOrder: 0 }
  expect(figures).toMatchObject({ up: unharmed, down: unharmed })
  // It was chaos, and there was something to lose.
  expect(figures.kills).toBeGreaterThanOrEqual(10)
  expect(Math.min(figures.up.sent, figures.down.sent)).toBeGreaterThan(700)
  expect(socket.errors).toEqual({})
  await socket.close()
})
