import { afterEach, expect, test, vi } from 'vitest'
import { beforePaint } from '../../src/hooks/frame.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('what waits for a frame of faked timers is not waited for when those are gone', async () => {
  vi.useFakeTimers()
  const tasks = [vi.fn(), vi.fn()] as const
  beforePaint(tasks[0])
  vi.useRealTimers()
  beforePaint(tasks[1])
  await vi.waitFor(() => expect(tasks[1]).toHaveBeenCalledOnce())
  expect(tasks[0]).toHaveBeenCalledOnce()
})

test('all tasks of a frame run before it is painted, once, and those of the next before the next', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const request = vi.fn((task: () => void) => setTimeout(task, 16))
  vi.stubGlobal('requestAnimationFrame', request)
  const order: string[] = []
  const again = (): void => void order.push('again')
  const first = (): void => {
    order.push('first')
    beforePaint(again)
  }
  beforePaint(first)
  beforePaint(again)
  beforePaint(first)
  expect([order, request.mock.calls.length]).toEqual([[], 1])
  vi.advanceTimersByTime(16)
  expect([order, request.mock.calls.length]).toEqual([['first', 'again'], 2])
  vi.advanceTimersByTime(16)
  expect(order).toEqual(['first', 'again', 'again'])
  // Nothing is armed any more.
  expect(vi.getTimerCount()).toBe(0)
})

test.each<[string, unknown]>([
  ['paints nothing, because it is hidden', () => 0],
  ['has no frames, as outside of browsers', undefined],
])('a page that %s is told all the same, after a tenth of a second', (_, requestAnimationFrame) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('requestAnimationFrame', requestAnimationFrame)
  const task = vi.fn()
  beforePaint(task)
  vi.advanceTimersByTime(99)
  expect(task).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  beforePaint(task)
  vi.advanceTimersByTime(100)
  expect(task).toHaveBeenCalledTimes(2)
})

test('a task that throws keeps no other from running', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const report = vi.fn()
  vi.stubGlobal('reportError', report)
  const [thrown, other] = [new Error('in a task'), vi.fn()]
  beforePaint(() => {
    throw thrown
  })
  beforePaint(other)
  vi.advanceTimersByTime(100)
  expect([report.mock.calls, other.mock.calls.length]).toEqual([[[thrown]], 1])
})
