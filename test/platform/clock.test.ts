import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // In this order: what spies on a timer that is not real would be restored to that one, in whatever file runs next.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const LONGEST = 2e9

describe('the real clock', () => {
  test('runs a task once, after its delay', () => {
    const task = vi.fn<() => void>()
    systemClock().after(1_000, task)
    vi.advanceTimersByTime(999)
    expect(task).not.toHaveBeenCalled()
    vi.advanceTimersByTime(100_000)
    expect(task).toHaveBeenCalledOnce()
  })

  test('doesn’t run what was cancelled, and cancelling twice or too late does nothing', () => {
    const task = vi.fn<() => void>()
    const clock = systemClock()
    const cancel = clock.after(10, task)
    cancel()
    cancel()
    const cancelLate = clock.after(5, () => {})
    vi.advanceTimersByTime(10)
    cancelLate()
    expect(task).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([LONGEST + 1, 2 ** 40, Infinity])('takes a delay of %s for the longest there is, not for none', (delay) => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    systemClock().after(delay, () => {})
    expect(set).toHaveBeenCalledExactlyOnceWith(expect.any(Function), LONGEST)
  })

  test('is comparable with Date.now(), and goes on when somebody sets the date', () => {
    vi.useRealTimers()
    const clock = systemClock()
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(10_000)
    const before = clock.now()
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  })

  test('goes on when timers are exchanged under it, with their clock or without', () => {
    vi.useRealTimers()
    const clock = systemClock()
    let last = clock.now()
    for (const toFake of [
      ['setTimeout', 'performance', 'Date'],
      ['setTimeout', 'performance'],
      ['setTimeout'],
    ] as const) {
      vi.useFakeTimers({ toFake: [...toFake], now: 0 })
      const started = clock.now()
      expect(started).toBeGreaterThanOrEqual(last)
      clock.after(60_000, () => (last = clock.now()))
      vi.advanceTimersByTime(60_000)
      expect(last).toBeGreaterThanOrEqual(started + 60_000)
      vi.useRealTimers()
    }
  })

  test('loses no time between readings, however close they are', () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    let reading = 0
    vi.stubGlobal('performance', { now: () => reading })
    const clock = systemClock()
    const start = clock.now()
    for (let times = 0; times < 100_000; times++) {
      reading += 0.0001
      clock.now()
    }
    expect(clock.now() - start).toBeCloseTo(10, 2)
  })

  test('goes on at once under a clock that begins anew', () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    let reading = 100_000
    vi.stubGlobal('performance', { now: () => reading })
    const clock = systemClock()
    const start = clock.now()
    reading += 500
    expect(clock.now()).toBe(start + 500)
    reading = 0
    expect(clock.now()).toBe(start + 500)
    reading = 200
    expect(clock.now()).toBe(start + 700)
  })

  test('needs no origin of its time', () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    vi.stubGlobal('performance', { now: () => 5 })
    expect(systemClock().now()).toBe(Date.now())
  })
})

describe('`soon`', () => {
  test('is a microtask: after this task, before any timer', async () => {
    vi.useRealTimers()
    const ran: string[] = []
    systemClock().soon(() => ran.push('soon'))
    ran.push('task')
    await Promise.resolve()
    expect(ran).toEqual(['task', 'soon'])
  })

  test('is what its maker says, for a server', () => {
    const tasks: (() => void)[] = []
    const task = (): void => {}
    systemClock((later) => void tasks.push(later)).soon(task)
    expect(tasks).toEqual([task])
  })
})
