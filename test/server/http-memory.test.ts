/** What HTTP carriers keep when they are closed. */
import { expect, test } from 'vitest'
import { createBudgets } from '../../src/server/budget.ts'
import { desk } from './http-desk.ts'

test('closed carriers keep their last lines, as long as all of them together have room for them', async () => {
  const { clock, post, open } = desk({ budgets: createBudgets(8 * 100_000) })
  const names = Array.from({ length: 6 }, (_, index) => `carrier-number-${index}`)
  for (const name of names) {
    const { carrier } = await open(name)
    for (let line = 0; line < 10; line++) carrier.send('x'.repeat(3_000))
    carrier.send('{"bye":{}}')
    carrier.close(4410, 'over')
    await clock.advance(0)
  }
  const answers = names.map((carrier) => post({ carrier, poll: 9_000 }))
  await clock.advance(0)
  // The oldest have forgotten what they had to say, and why they closed: whoever comes back is told anew.
  expect(answers.map(({ status, lines }) => [status, lines.length])).toEqual([
    ...names.slice(0, 3).map(() => [410, 0]),
    ...names.slice(3).map(() => [200, 12]),
  ])
  // What was fetched makes room.
  for (const carrier of names.slice(3)) post({ carrier, got: 11 })
  const more = ['carrier-number-6', 'carrier-number-7', 'carrier-number-8']
  for (const name of more) {
    const { carrier } = await open(name)
    carrier.send('x'.repeat(30_000))
    carrier.close()
    await clock.advance(0)
  }
  const later = more.map((carrier) => post({ carrier, poll: 9_000 }))
  await clock.advance(0)
  expect(later.map(({ status, lines }) => [status, lines.length])).toEqual(more.map(() => [200, 2]))
  await clock.advance(20_000)
  expect(clock.pending).toBe(0)
})
