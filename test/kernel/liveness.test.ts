import { describe, expect, test } from 'vitest'
import { type Liveness, createLiveness } from '../../src/kernel/liveness.ts'

const IDLE = 25_000
const TIMEOUT = 10_000

/** A line at time 0, with a round trip that was measured if one is given. */
const create = (roundTrip?: number): Liveness => {
  const liveness = createLiveness({ idle: IDLE, timeout: TIMEOUT })
  liveness.start(0)
  if (roundTrip !== undefined)
    for (let pong = 0; pong < 50; pong++) {
      liveness.asked(-roundTrip)
      liveness.answered(0)
    }
  return liveness
}

/** A dead line is looked at twice: what arrived while the process slept is heard in between. */
const judgeTwice = (liveness: Liveness, now: number): string[] => [liveness.judge(now), liveness.judge(now + 100)]

describe('silence', () => {
  test('is worth a question after `idle`, and not before', () => {
    const liveness = create()
    expect(liveness.deadline()).toBe(IDLE)
    expect([liveness.judge(IDLE - 1), liveness.judge(IDLE)]).toEqual(['alive', 'ask'])
  })

  test('is measured from the last thing heard', () => {
    const liveness = create()
    liveness.heard(20_000)
    expect([liveness.deadline(), liveness.judge(IDLE)]).toEqual([45_000, 'alive'])
  })

  test('after the question is death, once the timeout is over', () => {
    const liveness = create()
    liveness.asked(IDLE)
    expect(liveness.deadline()).toBe(IDLE + TIMEOUT)
    expect(liveness.judge(34_999)).toBe('alive')
    expect(judgeTwice(liveness, 35_000)).toEqual(['alive', 'dead'])
  })

  test('is not death if the answer was only waiting to be read', () => {
    const liveness = create()
    liveness.asked(IDLE)
    expect(liveness.judge(35_050)).toBe('alive')
    expect(liveness.deadline()).toBe(35_150)
    liveness.heard(35_051)
    expect(liveness.judge(35_150)).toBe('alive')
  })

  test('is broken by anything, not only by the answer', () => {
    const liveness = create()
    liveness.asked(IDLE)
    liveness.heard(30_000)
    expect([liveness.judge(35_000), liveness.deadline()]).toEqual(['alive', 55_000])
  })

  test('of the carrier before is not held against a new one', () => {
    const liveness = create()
    liveness.out(100, false, 0)
    liveness.asked(IDLE)
    liveness.start(34_000)
    expect([liveness.judge(35_000), liveness.deadline()]).toEqual(['alive', 34_000 + IDLE])
  })
})

describe('the timeout', () => {
  /** How long an answer is waited for. */
  const patience = (liveness: Liveness): number => {
    now += 1_000_000
    liveness.asked(now)
    return liveness.deadline() - now
  }
  let now = 0

  test('is the longest until a round trip is measured', () => {
    expect([create().roundTrip, patience(create())]).toEqual([-1, TIMEOUT])
  })

  test('follows measured round trips, between 2 s and the longest', () => {
    expect(patience(create(20))).toBe(2_000)
    expect(patience(create(3_000))).toBeCloseTo(3_000, -1)
    expect(patience(create(60_000))).toBe(TIMEOUT)
  })

  test('leaves room for round trips that vary: srtt + 4 · rttvar', () => {
    const liveness = create()
    liveness.asked(0)
    liveness.answered(1_000)
    expect([liveness.roundTrip, patience(liveness)]).toEqual([1_000, 1_000 + 4 * 500])
    liveness.asked(0)
    liveness.answered(3_000)
    expect([liveness.roundTrip, patience(liveness)]).toEqual([1_500, 1_500 + 4 * 875])
  })

  test('is never more than asked for, even below 2 s', () => {
    const liveness = createLiveness({ idle: IDLE, timeout: 500 })
    liveness.answered(1, 0)
    expect(patience(liveness)).toBe(500)
  })

  test('grows with what is out, as the slowest line drains it, up to 30 s', () => {
    const liveness = create(20)
    liveness.out(16_000, false, 0)
    expect(patience(liveness)).toBe(3_000)
    liveness.out(100_000_000, false, 0)
    expect(patience(liveness)).toBe(32_000)
  })

  test('and no longer than three times what an answer may take at most', () => {
    const liveness = createLiveness({ idle: IDLE, timeout: 500 })
    liveness.out(16_000, false, 0)
    expect(patience(liveness)).toBe(1_500)
    liveness.out(100_000_000, false, 0)
    expect(patience(liveness)).toBe(2_000)
  })

  test('is shorter where the line is known to be faster: it is given twice the time', () => {
    const liveness = create(20)
    liveness.start(0)
    for (let now = 0; now < 10_000; now += 100) {
      liveness.out(40_000, false, now)
      liveness.out(0, true, now + 100)
    }
    liveness.out(40_000, false, 10_000)
    expect(patience(liveness)).toBeCloseTo(2_200, -1)
    // What is known of one carrier is not known of the next.
    liveness.start(10_000)
    liveness.out(40_000, false, 10_000)
    expect(patience(liveness)).toBe(4_500)
  })

  test('learns nothing of speed from the first acknowledgement of a carrier, which can be of what an earlier one delivered', () => {
    const liveness = create(20)
    liveness.start(0)
    liveness.out(10_000_000, false, 0)
    liveness.out(16_000, true, 1)
    expect(patience(liveness)).toBe(3_000)
  })

  test('does not grow with what is sent after the question, and stands behind it', () => {
    const liveness = create(20)
    liveness.out(8_000, false, 0)
    liveness.out(16_000, false, 1_000)
    liveness.asked(2_000)
    liveness.out(100_000_000, false, 2_001)
    expect(liveness.deadline()).toBe(2_000 + 3_000)
  })
})

describe('a measurement', () => {
  test('is from the last question to its answer', () => {
    const liveness = create()
    liveness.asked(1_000)
    liveness.answered(1_040)
    expect(liveness.roundTrip).toBe(40)
  })

  test('of the opening stands until the first pong, which knows better', () => {
    const liveness = create()
    liveness.answered(400, 0, true)
    expect(liveness.roundTrip).toBe(400)
    liveness.asked(1_000)
    liveness.answered(1_040)
    expect(liveness.roundTrip).toBe(40)
  })

  test('is not made behind much data: that would be measured along with the line', () => {
    const liveness = create(20)
    liveness.out(100_000, false, 0)
    expect([liveness.judge(2_000), liveness.asked(2_000)]).toEqual(['ask', true])
    liveness.answered(7_000)
    expect(liveness.roundTrip).toBeCloseTo(20)
    // The next carrier's opening has nothing before it.
    const unknown = create()
    unknown.out(100_000, false, 0)
    unknown.asked(2_000)
    unknown.start(3_000)
    unknown.answered(3_040, 3_000)
    expect(unknown.roundTrip).toBe(40)
  })

  test('is not made where nothing was asked', () => {
    const liveness = create()
    liveness.answered(1_040)
    expect(liveness.roundTrip).toBe(-1)
  })
})

describe('messages that are out', () => {
  test('and not acknowledged within the timeout are a reason to ask, long before `idle`', () => {
    const liveness = create(20)
    liveness.out(16, false, 1_000)
    expect(liveness.deadline()).toBe(3_000)
    expect([liveness.judge(2_999), liveness.judge(3_000)]).toEqual(['alive', 'ask'])
  })

  test('however many: asking costs nothing, and their time is given to the answer', () => {
    const liveness = create(20)
    liveness.out(16_000, false, 1_000)
    expect([liveness.deadline(), liveness.judge(3_000), liveness.asked(3_000)]).toEqual([3_000, 'ask', true])
    expect(liveness.deadline()).toBe(3_000 + 3_000)
  })

  test('more of them do not put the question off', () => {
    const liveness = create(20)
    for (let now = 1_000; now < 3_000; now += 100) liveness.out(16, false, now)
    expect(liveness.deadline()).toBe(3_000)
  })

  test('are waited for anew after each acknowledgement', () => {
    const liveness = create(20)
    liveness.out(32, false, 1_000)
    liveness.out(16, true, 2_500)
    expect(liveness.deadline()).toBe(4_500)
    liveness.out(0, true, 4_000)
    liveness.heard(4_000)
    expect(liveness.deadline()).toBe(4_000 + IDLE)
  })

  /** A line that goes on talking, and has been asked about data that it doesn't acknowledge. */
  const deafLine = (): Liveness => {
    const liveness = create(20)
    liveness.out(16, false, 0)
    liveness.heard(2_001)
    expect(liveness.judge(2_001)).toBe('ask')
    liveness.asked(2_001)
    liveness.heard(3_000)
    return liveness
  }

  test('other traffic does not answer for them, because a line can be dead one way, but buys time: it stands before the answer', () => {
    const liveness = deafLine()
    expect(liveness.deadline()).toBe(2_001 + TIMEOUT + 30_000)
    expect(judgeTwice(liveness, liveness.deadline())).toEqual(['alive', 'dead'])
  })

  test('an acknowledgement does', () => {
    const liveness = deafLine()
    liveness.out(8, true, 3_500)
    expect(liveness.judge(4_002)).toBe('alive')
  })

  test('so does the pong, which starts the wait anew', () => {
    const liveness = deafLine()
    liveness.answered(3_500)
    expect([liveness.judge(4_002), liveness.deadline()]).toEqual(['alive', 5_500])
  })

  test('a question for idleness’ sake is answered by anything, though something is out meanwhile', () => {
    const liveness = create()
    expect(liveness.judge(IDLE)).toBe('ask')
    liveness.asked(IDLE)
    liveness.out(16, false, IDLE + 1)
    liveness.heard(IDLE + 100)
    expect(liveness.deadline()).toBe(IDLE + 1 + TIMEOUT)
  })
})

describe('what arrives within 100 ms of a question', () => {
  test('was on its way before, and says nothing of a line that may have died in our sleep', () => {
    const liveness = create(20)
    liveness.asked(1_000)
    liveness.heard(1_099)
    expect(judgeTwice(liveness, 3_001)).toEqual(['alive', 'dead'])
  })

  test('nor does an acknowledgement', () => {
    const liveness = create(20)
    liveness.out(32, false, 500)
    liveness.asked(1_000)
    liveness.out(0, true, 1_099)
    expect(judgeTwice(liveness, 3_002)).toEqual(['alive', 'dead'])
  })

  test('buys no time where data is out', () => {
    const liveness = create(20)
    liveness.out(16, false, 0)
    expect(liveness.judge(2_001)).toBe('ask')
    liveness.asked(2_001)
    liveness.heard(2_100)
    expect(judgeTwice(liveness, 4_003)).toEqual(['alive', 'dead'])
  })

  test('is a sign of life all the same where it is the answer', () => {
    const liveness = create(20)
    liveness.asked(1_000)
    liveness.heard(1_020)
    liveness.answered(1_020)
    expect(liveness.deadline()).toBe(1_020 + IDLE)
  })
})

describe('another question', () => {
  test('within a second need not be asked, and does not put the end off', () => {
    const liveness = create(20)
    expect([liveness.asked(1_000), liveness.asked(1_500), liveness.asked(2_000)]).toEqual([true, false, false])
    expect(judgeTwice(liveness, 3_001)).toEqual(['alive', 'dead'])
  })

  test('later is one: whoever asks may have slept in between', () => {
    const liveness = create(20)
    expect([liveness.asked(1_000), liveness.asked(2_001)]).toEqual([true, true])
    expect(judgeTwice(liveness, 3_001)).toEqual(['alive', 'alive'])
    expect(judgeTwice(liveness, 4_002)).toEqual(['alive', 'dead'])
  })

  test('after an answer is one', () => {
    const liveness = create()
    liveness.asked(1_000)
    liveness.answered(1_020)
    expect(liveness.asked(1_040)).toBe(true)
  })
})

describe('a timer that fires late', () => {
  test('by up to a second is as good as one in time', () => {
    const liveness = create()
    liveness.asked(0)
    expect(judgeTwice(liveness, TIMEOUT + 1_000)).toEqual(['alive', 'dead'])
  })

  test('by more proves nothing: it asks again', () => {
    const liveness = create()
    liveness.asked(0)
    expect(liveness.judge(TIMEOUT + 1_001)).toBe('ask')
  })

  test('again and again, after two questions unanswered, is death after all: a hidden tab must not wait for ever', () => {
    const liveness = create()
    const verdicts = [60_000, 120_000, 180_000, 240_000, 300_000].map((now) => {
      const verdict = liveness.judge(now)
      if (verdict === 'ask') liveness.asked(now)
      return verdict
    })
    expect(verdicts).toEqual(['ask', 'ask', 'ask', 'alive', 'dead'])
  })

  test('is forgotten once something is heard', () => {
    const liveness = create()
    for (let now = 60_000; now <= 600_000; now += 60_000) {
      expect(liveness.judge(now)).toBe('ask')
      liveness.asked(now)
      liveness.heard(now + 100)
    }
  })
})
