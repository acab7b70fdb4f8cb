import { describe, expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'

describe('virtual time', () => {
  test('stands still until it is moved, and then moves exactly', async () => {
    const clock = virtualClock(1000)
    expect(clock.now()).toBe(1000)
    await clock.advance(250.5)
    expect(clock.now()).toBe(1250.5)
  })

  test('tasks run by time, equal times in the order they were armed', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    clock.after(20, () => ran.push(`late ${clock.now()}`))
    clock.after(10, () => ran.push(`first ${clock.now()}`))
    clock.after(10, () => ran.push(`second ${clock.now()}`))
    clock.after(-5, () => ran.push(`at once ${clock.now()}`))
    await clock.advance(15)
    expect(ran).toEqual(['at once 0', 'first 10', 'second 10'])
    await clock.advance(5)
    expect(ran.at(-1)).toBe('late 20')
  })

  test('ten thousand timers at random times come in order', async () => {
    const clock = virtualClock()
    const at: number[] = []
    for (let index = 0; index < 10_000; index++) clock.after((index * 7919) % 1013, () => at.push(clock.now()))
    await clock.advance(1013)
    expect(at).toHaveLength(10_000)
    expect(at).toEqual([...at].sort((one, other) => one - other))
  })

  test('a task may arm another for the same instant', async () => {
    const clock = virtualClock()
    const ran: number[] = []
    clock.after(5, () => clock.after(0, () => ran.push(clock.now())))
    await clock.advance(5)
    expect(ran).toEqual([5])
  })

  test('soon runs at the same instant, after the task and its promises, before the timers', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    clock.after(5, () => {
      clock.after(0, () => ran.push('timer'))
      clock.soon(() => ran.push('soon'))
      clock.soon(() => ran.push('soon too'))
      void Promise.resolve().then(() => ran.push('promise'))
      ran.push('task')
    })
    await clock.advance(5)
    expect(ran).toEqual(['task', 'promise', 'soon', 'soon too', 'timer'])
  })

  test('promises settle between two tasks, however long their chain', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    const handle = async (): Promise<void> => {
      for (let step = 0; step < 100; step++) await Promise.resolve()
      ran.push('handler done')
    }
    clock.after(1, () => void handle())
    clock.after(1, () => ran.push('next task'))
    await clock.advance(1)
    expect(ran).toEqual(['handler done', 'next task'])
  })

  test('what the caller began runs before the first task', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    clock.after(0, () => ran.push('task'))
    void Promise.resolve().then(() => ran.push('promise'))
    await clock.advance(0)
    expect(ran).toEqual(['promise', 'task'])
  })

  test('a cancelled timer never runs; cancelling again, or after it ran, does nothing', async () => {
    const clock = virtualClock()
    let runs = 0
    const cancel = clock.after(5, () => runs++)
    const cancelLate = clock.after(5, () => runs++)
    expect(clock.pending).toBe(2)
    cancel()
    cancel()
    expect(clock.pending).toBe(1)
    await clock.advance(10)
    cancelLate()
    expect([runs, clock.pending]).toEqual([1, 0])
  })

  test('delays may be far longer than setTimeout can keep, but not endless', async () => {
    const clock = virtualClock()
    let ran = false
    clock.after(2 ** 40, () => (ran = true))
    await clock.advance(2 ** 40 - 1)
    expect(ran).toBe(false)
    await clock.advance(1)
    expect(ran).toBe(true)
    expect(() => clock.after(Infinity, () => {})).toThrow('finite')
    expect(() => clock.after(NaN, () => {})).toThrow('finite')
  })

  test('what a task throws rejects the call that ran it; the rest stays armed', async () => {
    const clock = virtualClock()
    let ran = false
    clock.after(1, () => {
      throw new Error('broken handler')
    })
    clock.after(2, () => (ran = true))
    await expect(clock.advance(5)).rejects.toThrow('broken handler')
    await clock.advance(5)
    expect(ran).toBe(true)
  })

  test('running it twice at once is a mistake that is told', async () => {
    const clock = virtualClock()
    const first = clock.advance(5)
    await expect(clock.advance(5)).rejects.toThrow('already running')
    await first
  })
})

describe('runUntil', () => {
  test('an instant', async () => {
    const clock = virtualClock(10)
    expect(await clock.runUntil(50)).toBe(true)
    expect(clock.now()).toBe(50)
  })

  test('a predicate: stops at the task that made it true', async () => {
    const clock = virtualClock()
    let count = 0
    const tick = (): void => {
      count++
      clock.after(10, tick)
    }
    tick()
    expect(await clock.runUntil(() => count === 4)).toBe(true)
    expect(clock.now()).toBe(30)
    expect(await clock.runUntil(() => count === 100, 55)).toBe(false)
    expect(clock.now()).toBe(85)
  })

  test('a predicate: gives up when nothing is left to run', async () => {
    const clock = virtualClock()
    clock.after(7, () => {})
    expect(await clock.runUntil(() => false)).toBe(false)
    expect(clock.now()).toBe(7)
  })
})

describe('late timers', () => {
  test('jump: time passes with no timer firing, then all that fell due fires late, in order', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    clock.after(30, () => ran.push(`b ${clock.now()}`))
    clock.after(20, () => ran.push(`a ${clock.now()}`))
    clock.after(1001, () => ran.push('later'))
    await clock.jump(1000)
    expect(ran).toEqual(['a 1000', 'b 1000'])
  })

  test('jump lets what was already under way finish first', async () => {
    const clock = virtualClock()
    const ran: number[] = []
    clock.soon(() => ran.push(clock.now()))
    await clock.jump(1000)
    expect(ran).toEqual([0])
  })

  test('a view frozen alone: its timers are held, the others go on', async () => {
    const clock = virtualClock()
    const [sleeper, awake] = [clock.view(), clock.view()]
    const ran: string[] = []
    sleeper.after(20, () => ran.push(`late ${clock.now()}`))
    sleeper.after(10, () => ran.push(`late too ${clock.now()}`))
    awake.after(10, () => ran.push('in time'))
    sleeper.freeze('timers')
    await clock.advance(100)
    expect(ran).toEqual(['in time'])
    expect(sleeper.pending).toBe(2)
    sleeper.thaw()
    await clock.advance(0)
    expect(ran).toEqual(['in time', 'late too 100', 'late 100'])
    expect(sleeper.pending).toBe(0)
  })

  test('a held timer can still be cancelled', async () => {
    const clock = virtualClock()
    const view = clock.view()
    let ran = false
    const cancel = view.after(10, () => (ran = true))
    view.freeze()
    await clock.advance(50)
    cancel()
    view.thaw()
    await clock.advance(50)
    expect([ran, view.pending]).toEqual([false, 0])
  })

  test('throttled timers let events in; a frozen view takes them late, in order, after its timers', async () => {
    const clock = virtualClock()
    const view = clock.view()
    const ran: string[] = []
    view.freeze('timers')
    view.enter(() => ran.push('event while throttled'))
    expect(ran).toEqual(['event while throttled'])
    view.freeze()
    view.after(10, () => ran.push('timer'))
    view.enter(() => ran.push('one'))
    view.enter(() => ran.push('two'))
    view.soon(() => ran.push('three'))
    await clock.advance(50)
    expect(ran).toHaveLength(1)
    view.thaw()
    // Arrives before what waited is worked off: must not overtake it.
    view.enter(() => ran.push('four'))
    await clock.advance(0)
    expect(ran.slice(1)).toEqual(['timer', 'one', 'two', 'three', 'four'])
  })

  test('frozen again while what waited is being worked off: the rest waits for the next thaw', async () => {
    const clock = virtualClock()
    const view = clock.view()
    const ran: string[] = []
    view.freeze()
    view.enter(() => {
      ran.push('one')
      view.freeze()
    })
    view.enter(() => ran.push('two'))
    view.thaw()
    await clock.advance(10)
    expect(ran).toEqual(['one'])
    view.thaw()
    await clock.advance(0)
    expect(ran).toEqual(['one', 'two'])
  })

  test('from asleep to throttled: what arrived is let in, the timers are not', async () => {
    const clock = virtualClock()
    const view = clock.view()
    const ran: string[] = []
    view.freeze()
    view.after(10, () => ran.push('timer'))
    view.enter(() => ran.push('one'))
    view.freeze('timers')
    view.enter(() => ran.push('two'))
    await clock.advance(50)
    expect(ran).toEqual(['one', 'two'])
  })

  test('a stopped view never runs anything again', async () => {
    const clock = virtualClock()
    const view = clock.view()
    let ran = false
    const run = (): boolean => (ran = true)
    view.after(10, run)
    view.soon(run)
    view.stop()
    view.after(10, run)
    view.enter(run)
    expect(view.pending).toBe(0)
    await clock.advance(50)
    expect(ran).toBe(false)
  })

  test('nor does one that was stopped in its sleep, when it is thawed', async () => {
    const clock = virtualClock()
    const view = clock.view()
    const ran: string[] = []
    view.freeze()
    view.after(10, () => ran.push('timer'))
    view.enter(() => ran.push('arrived'))
    view.stop()
    view.thaw()
    await clock.advance(50)
    expect(ran).toEqual([])
  })

  test('a view counts its own timers', () => {
    const clock = virtualClock()
    const [one, other] = [clock.view(), clock.view()]
    one.after(1, () => {})
    one.after(1, () => {})
    other.after(1, () => {})
    expect([one.pending, other.pending, clock.pending]).toEqual([2, 1, 0])
  })
})

test('it is fast: two million tasks a minute with room to spare', async () => {
  const clock = virtualClock()
  let left = 100_000
  const tick = (): void => {
    if (--left > 0) clock.after(1, tick)
  }
  tick()
  const started = performance.now()
  await clock.advance(100_000)
  expect(left).toBe(0)
  expect(performance.now() - started).toBeLessThan(3000)
})
