import { expect, onTestFinished, test, vi } from 'vitest'
import { beforePaint } from '../../src/hooks/frame.ts'

test('what waits for a frame of faked timers is not waited for when those are gone', async () => {
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers()
  const tasks = [vi.fn(), vi.fn()] as const
  beforePaint(tasks[0])
  vi.useRealTimers()
  beforePaint(tasks[1])
  await vi.waitFor(() => expect(tasks[1]).toHaveBeenCalledOnce())
  expect(tasks[0]).toHaveBeenCalledOnce()
})
