import { describe, expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { createAlarm } from '../../src/session/alarm.ts'

const create = () => {
  const clock = virtualClock(1_000)
  const fired: number[] = []
  let armed = 0
  const counting = {
    ...clock,
    after: (delay: number, task: () => void) => {
      armed++
      return clock.after(delay, task)
    },
  }
  return {
    clock,
    fired,
    armed: () => armed,
    pending: () => clock.pending,
    alarm: createAlarm(counting, () => void fired.push(clock.now())),
  }
}

describe('an alarm', () => {
  test('goes off at its deadline, once', async () => {
    const { clock, alarm, fired } = create()
    alarm.set(1_500)
    await clock.advance(10_000)
    expect(fired).toEqual([1_500])
  })

  test('that is moved earlier goes off then, and not again', async () => {
    const { clock, alarm, fired } = create()
    alarm.set(5_000)
    alarm.set(2_000)
    await clock.advance(10_000)
    expect(fired).toEqual([2_000])
  })

  test('that is moved later, however often, arms no timer for it but the one that it has', async () => {
    const { clock, alarm, fired, armed } = create()
    for (let at = 2_000; at <= 3_000; at++) alarm.set(at)
    expect(armed()).toBe(1)
    await clock.advance(10_000)
    expect([fired, armed()]).toEqual([[3_000], 2])
  })

  test('that is disarmed leaves no timer behind, and can be set again', async () => {
    const { clock, alarm, fired, pending } = create()
    alarm.set(2_000)
    alarm.set(Infinity)
    expect(pending()).toBe(0)
    await clock.advance(5_000)
    alarm.set(7_000)
    await clock.advance(5_000)
    expect(fired).toEqual([7_000])
  })

  test('for an instant that has passed goes off at once, but not from inside `set`', async () => {
    const { clock, alarm, fired } = create()
    alarm.set(0)
    expect(fired).toEqual([])
    await clock.advance(0)
    expect(fired).toEqual([1_000])
  })

  test('may be set again while it goes off', async () => {
    const clock = virtualClock()
    const fired: number[] = []
    const alarm = createAlarm(clock, () => {
      fired.push(clock.now())
      if (fired.length < 3) alarm.set(clock.now() + 100)
    })
    alarm.set(100)
    await clock.advance(1_000)
    expect(fired).toEqual([100, 200, 300])
  })

  test('waits as often as it must for a deadline further away than a timer can be', async () => {
    const clock = virtualClock()
    const fired: number[] = []
    const short = { ...clock, after: (delay: number, task: () => void) => clock.after(Math.min(delay, 1_000), task) }
    createAlarm(short, () => fired.push(clock.now())).set(5_500)
    await clock.advance(10_000)
    expect(fired).toEqual([5_500])
  })
})
