import { expect, test } from 'vitest'
import { type Counting, countBack, describeChaos, survive } from '../../tools/chaos.ts'
import { serve } from '../support/backend.ts'

test('20 s of killed connections at 50 messages a second each way: none lost, doubled or out of order', async ({
  annotate,
}) => {
  const backend = await serve<Counting>({ session: countBack })
  const socket = backend.connect({ backoff: { base: 50, factor: 2, max: 400, jitter: 1 } })
  const figures = await survive(socket, {
    cut: () => backend.proxy.cut(),
    duration: 20_000,
    rate: 50,
    pause: [300, 1500],
  })
  await annotate(describeChaos(figures))
  const unharmed = { lost: 0, doubled: 0, outOfOrder: 0 }
  expect(figures).toMatchObject({ up: unharmed, down: unharmed })
  // It was chaos, and there was something to lose.
  expect(figures.kills).toBeGreaterThanOrEqual(10)
  expect(Math.min(figures.up.sent, figures.down.sent)).toBeGreaterThan(700)
  expect([backend.sessions.all.length, socket.errors, backend.server.errors]).toEqual([1, {}, {}])
})
