/** @vitest-environment happy-dom */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type LifecycleEvent, pageLifecycle } from '../../src/platform/lifecycle.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const hide = (hidden: boolean): void => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
}

/** What is heard of the page, and the way to stop hearing. */
const listen = (): { heard: LifecycleEvent[]; stop: () => void } => {
  const heard: LifecycleEvent[] = []
  return { heard, stop: pageLifecycle.subscribe((event) => heard.push(event)) }
}

describe('a page', () => {
  test.each<[string, EventTarget, LifecycleEvent]>([
    ['offline', window, 'offline'],
    ['online', window, 'network'],
    ['pagehide', window, 'leave'],
    ['pageshow', window, 'wake'],
    ['visibilitychange', document, 'wake'],
    ['resume', document, 'wake'],
  ])('on `%s`', (type, target, event) => {
    const { heard, stop } = listen()
    // As browsers send it: `resume` doesn't bubble.
    target.dispatchEvent(new Event(type, { bubbles: type === 'visibilitychange' }))
    stop()
    expect(heard).toEqual([event])
  })

  test('that is being hidden does not wake', () => {
    const { heard, stop } = listen()
    hide(true)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    hide(false)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    stop()
    expect(heard).toEqual(['wake'])
  })

  test('that is hidden hears of its network all the same: nobody may look for hours', () => {
    const { heard, stop } = listen()
    hide(true)
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('online'))
    stop()
    expect(heard).toEqual(['offline', 'network'])
  })

  test('is told nothing any more once it unsubscribed, twice or not, and others are', () => {
    const one = listen()
    const other = listen()
    one.stop()
    one.stop()
    window.dispatchEvent(new Event('online'))
    other.stop()
    expect([one.heard, other.heard]).toEqual([[], ['network']])
  })

  test('leaves no listener behind', () => {
    const added: unknown[][] = []
    const removed: unknown[][] = []
    vi.spyOn(globalThis, 'addEventListener').mockImplementation((...args: unknown[]) => void added.push(args))
    vi.spyOn(globalThis, 'removeEventListener').mockImplementation((...args: unknown[]) => void removed.push(args))
    listen().stop()
    expect(added).toHaveLength(6)
    expect(removed).toEqual(added)
  })
})

describe('the network', () => {
  test('is another one where its kind is, not where its estimates have changed', () => {
    const connection = Object.assign(new EventTarget(), { type: 'wifi' })
    vi.stubGlobal('navigator', { connection })
    const { heard, stop } = listen()
    const change = (type: string): LifecycleEvent[] => {
      connection.type = type
      connection.dispatchEvent(new Event('change'))
      return heard.splice(0)
    }
    expect(change('wifi')).toEqual([])
    expect([change('cellular'), change('cellular'), change('wifi')]).toEqual([['network'], [], ['network']])
    stop()
    expect(change('cellular')).toEqual([])
  })

  test.each([true, false])('is there if the platform says so: %s', (onLine) => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(onLine)
    expect(pageLifecycle.online()).toBe(onLine)
  })

  test.each([undefined, {}])('counts as there where the platform knows nothing: navigator is %o', (navigator) => {
    vi.stubGlobal('navigator', navigator)
    expect(pageLifecycle.online()).toBe(true)
  })
})

test('outside a page there is nothing to hear, and nothing fails', () => {
  vi.stubGlobal('addEventListener', undefined)
  vi.stubGlobal('removeEventListener', undefined)
  expect(() => listen().stop()).not.toThrow()
})
