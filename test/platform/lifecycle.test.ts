/** @vitest-environment happy-dom */
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Lifecycle,
  type LifecycleEvent,
  createPageLifecycle,
  pageLifecycle,
} from '../../src/platform/lifecycle.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const hide = (hidden: boolean): void => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
}

/** What is heard of the page, and the way to stop hearing. */
const listen = (lifecycle: Lifecycle = pageLifecycle): { heard: LifecycleEvent[]; stop: () => void } => {
  const heard: LifecycleEvent[] = []
  return { heard, stop: lifecycle.subscribe((event) => heard.push(event)) }
}

/** As browsers tell of pages that come and go. */
const transition = (type: string, persisted: boolean): Event => Object.assign(new Event(type), { persisted })

describe('a page', () => {
  test.each<[string, EventTarget, LifecycleEvent]>([
    ['offline', window, 'offline'],
    ['online', window, 'network'],
    ['pagehide', window, 'leave'],
    ['pageshow', window, 'wake'],
    ['freeze', document, 'freeze'],
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

  test.each<[boolean, LifecycleEvent]>([
    [true, 'freeze'],
    [false, 'leave'],
  ])('that goes, to be kept or not (%s)', (persisted, event) => {
    const { heard, stop } = listen()
    window.dispatchEvent(transition('pagehide', persisted))
    stop()
    expect(heard).toEqual([event])
  })

  test.each<[string, EventTarget, Event]>([
    ['pagehide', window, transition('pagehide', true)],
    ['freeze', document, new Event('freeze')],
  ])('may have last words on `%s`, and is frozen after them, once each time', (type, target, event) => {
    const { heard, stop } = listen()
    const before: number[] = []
    const lastWords = (): unknown => before.push(heard.length)
    target.addEventListener(type, lastWords)
    target.dispatchEvent(event)
    target.dispatchEvent(event)
    target.removeEventListener(type, lastWords)
    stop()
    expect([before, heard]).toEqual([
      [0, 1],
      ['freeze', 'freeze'],
    ])
  })

  test('that was kept once, and now goes for good, is not frozen by what is left of that', () => {
    const { heard, stop } = listen()
    // As in Chromium, where what is added to the window meanwhile hears of the next one only.
    window.addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { once: true })
    window.dispatchEvent(transition('pagehide', true))
    window.dispatchEvent(transition('pagehide', false))
    stop()
    expect(heard).toEqual(['leave'])
  })

  test('that asks whether one really wants to go has done nothing yet', () => {
    const { heard, stop } = listen()
    window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    stop()
    expect(heard).toEqual([])
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
    const signals: unknown[] = []
    vi.spyOn(globalThis, 'addEventListener').mockImplementation((...[, , options]: unknown[]) => {
      signals.push((options as AddEventListenerOptions).signal)
    })
    const { stop } = listen()
    expect(signals).toEqual(Array.from({ length: 7 }, () => expect.objectContaining({ aborted: false }) as unknown))
    stop()
    expect(signals).toEqual(Array.from({ length: 7 }, () => expect.objectContaining({ aborted: true }) as unknown))
  })
})

describe('sleep', () => {
  /** A page with clocks of its own. */
  const create = () => {
    let sum = 1_005_000
    const ticking = new Map<() => void, number>()
    const lifecycle = createPageLifecycle({
      now: () => sum,
      every(period, task) {
        ticking.set(task, period)
        return () => void ticking.delete(task)
      },
    })
    return {
      ...listen(lifecycle),
      ticking,
      /** Time passes by each clock, and then somebody looks. */
      pass(wall: number, monotonic: number) {
        sum += wall + monotonic
        for (const task of ticking.keys()) task()
      },
    }
  }

  test('is looked for more than once a second', () => {
    const { ticking, stop } = create()
    expect([...ticking.values()]).toEqual([800])
    stop()
    expect(ticking.size).toBe(0)
  })

  test.each([
    ['that all clocks saw', 3_600_000, 3_600_000],
    ['in which the monotonic clock stood still', 3_600_000, 800],
    ['in which the wall clock was set back', -3_600_000, 7_200_000],
  ])('%s is noticed, once', (_, wall, monotonic) => {
    const { heard, pass, stop } = create()
    pass(wall, monotonic)
    for (let time = 0; time < 10; time++) pass(800, 800)
    stop()
    expect(heard).toEqual(['wake'])
  })

  test('is not what keeps a page busy for a second', () => {
    const { heard, pass, stop } = create()
    pass(1_800, 1_800)
    stop()
    expect(heard).toEqual([])
  })

  test.each([
    ['forward', 86_400_000, 1],
    ['back', -86_400_000, 0],
  ])('a clock that somebody sets %s is worth no more than one question', (_, change, questions) => {
    const { heard, pass, stop } = create()
    pass(800 + change, 800)
    for (let time = 0; time < 100; time++) pass(800, 800)
    stop()
    expect(heard).toHaveLength(questions)
  })

  test('is not looked for in a hidden page, whose timers are always late', () => {
    const { heard, ticking, pass, stop } = create()
    hide(true)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    expect(ticking.size).toBe(0)
    pass(3_600_000, 3_600_000)
    hide(false)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    expect(ticking.size).toBe(1)
    pass(800, 800)
    expect(heard).toEqual(['wake'])
    stop()
  })

  test('nor in one that is frozen, which may look visible', () => {
    const { heard, ticking, stop } = create()
    for (const event of [transition('pagehide', true), new Event('freeze')]) {
      ;(event.type === 'freeze' ? document : window).dispatchEvent(event)
      expect(ticking.size).toBe(0)
      window.dispatchEvent(transition('pageshow', true))
      expect(ticking.size).toBe(1)
    }
    stop()
    expect([heard, ticking.size]).toEqual([['freeze', 'wake', 'freeze', 'wake'], 0])
  })

  test('is looked for where there is no page at all', () => {
    vi.stubGlobal('document', undefined)
    const { ticking, stop } = create()
    expect(ticking.size).toBe(1)
    stop()
    expect(ticking.size).toBe(0)
  })

  test('looks by timers that keep no process alive, at both clocks', () => {
    const unref = vi.fn<() => void>()
    const started = vi.spyOn(globalThis, 'setInterval').mockReturnValue({ unref } as never)
    const stopped = vi.spyOn(globalThis, 'clearInterval')
    const wall = vi.spyOn(Date, 'now').mockReturnValue(0)
    const { heard, stop } = listen()
    const [look] = started.mock.calls[0]!
    expect(unref).toHaveBeenCalledOnce()
    look()
    wall.mockReturnValue(4_000)
    look()
    vi.spyOn(performance, 'now').mockReturnValue(1e9)
    look()
    stop()
    expect([heard, stopped.mock.calls.length]).toEqual([['wake', 'wake'], 1])
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
