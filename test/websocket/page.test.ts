/** The real world, as far as a page has it, handed to the drop-in. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { page } from '../../src/websocket/page.ts'

let told: string[]
const watch = (delay: number): (() => void) => page.watch(performance.now() + delay, (type) => told.push(type))

beforeEach(() => {
  told = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a timeout', () => {
  test('comes at its time, and not after the watch has ended', () => {
    watch(1_000)
    const stop = watch(1_000)
    vi.advanceTimersByTime(999)
    expect(told).toEqual([])
    stop()
    vi.advanceTimersByTime(1)
    expect([told, vi.getTimerCount()]).toEqual([['timeout'], 0])
  })

  test('a time that is past comes at once, and is no reason for Node.js to warn', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    vi.useRealTimers()
    expect(await new Promise((tell) => onTestFinished(page.watch(0, tell)))).toBe('timeout')
    expect(warn).not.toHaveBeenCalled()
  })

  test.each([Infinity, 2 ** 40])('in %d ms is not one at once', (delay) => {
    watch(delay)
    vi.advanceTimersByTime(86_400_000)
    expect(told).toEqual([])
  })
})

describe('where there is a page', () => {
  const stub = (): { window: EventTarget; show: (visible: boolean) => void } => {
    const window = new EventTarget()
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
    return {
      window,
      show(visible) {
        vi.stubGlobal('document', { hidden: !visible })
        window.dispatchEvent(new Event('visibilitychange'))
      },
    }
  }

  test('it wakes with the network, hidden or not, and when it is shown, but not when it is hidden', () => {
    const { window, show } = stub()
    const stop = watch(1_000)
    show(false)
    expect(told).toEqual([])
    window.dispatchEvent(new Event('online'))
    show(true)
    expect(told).toEqual(['wake', 'wake'])
    stop()
    window.dispatchEvent(new Event('online'))
    show(true)
    expect([told.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  test('it is offline if the platform is sure', () => {
    vi.stubGlobal('navigator', { onLine: false })
    expect(page.look().online).toBe(false)
    vi.stubGlobal('navigator', {})
    expect(page.look().online).toBe(true)
    vi.stubGlobal('navigator', undefined)
    expect(page.look().online).toBe(true)
  })
})

test('chance is another one each time', () => {
  const chances = new Set(Array.from({ length: 8 }, () => page.look().chance))
  expect(chances.size).toBeGreaterThan(1)
})
