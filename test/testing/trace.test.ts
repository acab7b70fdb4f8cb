import { expect, test } from 'vitest'
import { createTrace, virtualClock } from 'holdfast/testing'

test('a trace keeps time, who, what and what was in it, and prints one event a line', async () => {
  const clock = virtualClock()
  const trace = createTrace(clock)
  trace.add('a', 'dials')
  await clock.advance(12.25)
  trace.add('a#1', 'sends', '["say",1]\n{"ack":3}')
  trace.add('a#1', 'sends', new Uint8Array(3))
  trace.add('a', 'fails', { code: 'timeout' })
  expect(trace.events).toEqual([
    [0, 'a', 'dials'],
    [12.25, 'a#1', 'sends', '["say",1]\n{"ack":3}'],
    [12.25, 'a#1', 'sends', new Uint8Array(3)],
    [12.25, 'a', 'fails', { code: 'timeout' }],
  ])
  expect(trace.format().split('\n')).toEqual([
    '       0.0  a        dials',
    '      12.3  a#1      sends ["say",1]⏎{"ack":3}',
    '      12.3  a#1      sends <3 bytes>',
    '      12.3  a        fails {"code":"timeout"}',
  ])
  expect(trace.format(1)).toContain('timeout')
  expect(trace.format(0)).toBe('')
})

test('a long detail is cut', () => {
  const trace = createTrace(virtualClock())
  trace.add('a', 'sends', 'x'.repeat(5000))
  expect(trace.format().length).toBeLessThan(500)
})

test('a trace that is told how much it keeps forgets the oldest', () => {
  const trace = createTrace(virtualClock(), 10)
  for (let n = 1; n <= 1_000; n++) trace.add('a', String(n))
  expect(trace.events.length).toBeLessThanOrEqual(20)
  expect(trace.events.slice(-10).map(([, , what]) => what)).toEqual(
    Array.from({ length: 10 }, (_, index) => String(991 + index)),
  )
})
