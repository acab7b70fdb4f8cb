import { describe, expect, test } from 'vitest'
import { type ErrorCode, HoldfastError } from '../../src/kernel/errors.ts'
import {
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionWorld,
  idleConnection,
  step,
} from '../../src/kernel/machine.ts'
import { usual } from '../tools/usual-world.ts'

type Ended = Extract<ConnectionInput, { type: 'ended' }>
type Change = Partial<Omit<Ended, 'type'>>

const broke = new HoldfastError('unreachable', 'It broke.')
const caused = (code: ErrorCode): HoldfastError => new HoldfastError(code, code)

/** A machine with its world; what it asked for since the last look is in `effects`. */
const create = (world: Partial<ConnectionWorld> = {}) => {
  const machine = {
    world: { ...usual, ...world },
    c: idleConnection,
    effects: [] as ConnectionEffect[],
    take(input: ConnectionInput): Connection {
      const [next, effect] = step(machine.c, input, machine.world)
      machine.c = next
      if (effect) machine.effects.push(effect)
      return next
    },
    start: () => machine.take({ type: 'start' }),
    welcomed: () => machine.take({ type: 'welcomed', epoch: machine.c.epoch }),
    ended: (code = 1006, change: Change = {}) =>
      machine.take({ type: 'ended', epoch: machine.c.epoch, code, cause: broke, ...change }),
    /** Time passes until the deadline, and it is told so. */
    due() {
      machine.world = { ...machine.world, now: machine.c.deadline }
      return machine.take({ type: 'due' })
    },
    pass(duration: number) {
      machine.world = { ...machine.world, now: machine.world.now + duration }
    },
    /** Milliseconds until the deadline. */
    wait: () => machine.c.deadline - machine.world.now,
    seen: () => machine.effects.splice(0),
  }
  return machine
}

describe('a connection', () => {
  test('is dialled, opens, breaks, waits and is dialled again', () => {
    const machine = create()
    expect(machine.start()).toMatchObject({ state: 'connecting', attempt: 1, deadline: 10_000 })
    expect(machine.welcomed()).toMatchObject({ state: 'open', deadline: Infinity, cause: null })
    expect(machine.ended()).toMatchObject({ state: 'waiting', cause: broke })
    expect(machine.due()).toMatchObject({ state: 'connecting', attempt: 2 })
    expect(machine.seen()).toEqual(['dial', 'dial'])
  })

  test('that is neither made nor refused is given up at its deadline, and why is told', () => {
    const machine = create()
    machine.start()
    machine.ended()
    machine.due()
    const { state, cause } = machine.due()
    expect([state, cause?.code, cause?.cause]).toEqual(['waiting', 'timeout', broke])
    expect(cause?.message).toContain('10000 ms')
  })

  test('a timer that fires too early changes nothing', () => {
    const machine = create()
    const before = machine.start()
    machine.pass(9_999)
    expect(machine.take({ type: 'due' })).toBe(before)
  })
})

describe('the backoff', () => {
  test('grows with every failed try', () => {
    const machine = create()
    machine.start()
    const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
      machine.ended()
      const wait = machine.wait()
      machine.due()
      return wait
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  test('grows for a server that accepts and closes, too', () => {
    const machine = create()
    machine.start()
    const waits = [1, 2, 3, 4].map(() => {
      machine.welcomed()
      machine.pass(4_999)
      machine.ended()
      const wait = machine.wait()
      machine.due()
      return wait
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000])
  })

  test('starts over once a connection has proved good', () => {
    const machine = create()
    machine.start()
    for (let failure = 0; failure < 5; failure++) {
      machine.ended()
      machine.due()
    }
    machine.welcomed()
    machine.pass(5_000)
    expect(machine.ended()).toMatchObject({ attempt: 0 })
    expect(machine.wait()).toBe(1_000)
  })

  test('goes back to the first range, and never below, for one that moved messages', () => {
    const machine = create()
    machine.start()
    for (let failure = 0; failure < 5; failure++) {
      machine.ended()
      machine.due()
    }
    for (let time = 0; time < 3; time++) {
      machine.welcomed()
      expect(machine.ended(1006, { progress: true })).toMatchObject({ attempt: 1 })
      expect(machine.wait()).toBe(1_000)
      machine.due()
    }
  })

  test('progress that was made before the welcome forgives nothing', () => {
    const machine = create()
    machine.start()
    machine.ended()
    machine.due()
    expect(machine.ended(1006, { progress: true })).toMatchObject({ attempt: 2 })
  })

  test('spares nobody who found the line dead: a server that falls silent does so to all, at the same time', () => {
    const machine = create({ chance: 0.25 })
    machine.start()
    machine.welcomed()
    machine.ended(4408, { cause: caused('unresponsive') })
    expect(machine.wait()).toBe(750)
  })

  test('leaves the whole range to chance', () => {
    const machine = create({ chance: 0.75 })
    machine.start()
    machine.ended()
    expect(machine.wait()).toBe(250)
  })
})

describe('at once, but not twice', () => {
  test('a session that the server cannot resume is followed by another', () => {
    const machine = create()
    machine.start()
    const lost = { cause: caused('session-lost') }
    machine.ended(4410, lost)
    expect([machine.wait(), machine.seen()]).toEqual([0, ['dial', 'lose']])
    machine.due()
    machine.ended(4410, lost)
    expect([machine.wait(), machine.seen()]).toEqual([2_000, ['dial', 'lose']])
  })

  test('and at once, however long the server was away', () => {
    const machine = create()
    machine.start()
    for (let tries = 0; tries < 5; tries++) {
      machine.ended(1006)
      machine.due()
    }
    machine.ended(4410, { cause: caused('session-lost') })
    expect(machine.wait()).toBe(0)
  })

  test('not a session that a server takes back as soon as it has given it', () => {
    const machine = create()
    machine.start()
    machine.welcomed()
    machine.ended(4410, { progress: true })
    expect([machine.wait(), machine.seen()]).toEqual([1_000, ['dial', 'lose']])
  })
})

describe('a server’s bye', () => {
  test.each([4400, 4403, 4404, 4409, 1009])('%i is an end', (code) => {
    const machine = create()
    machine.start()
    expect(machine.ended(code)).toMatchObject({ state: 'closed', deadline: Infinity, cause: broke })
    expect(machine.seen()).toEqual(['dial', 'finish'])
  })

  test('whatever its code, it is an end if it says so', () => {
    const machine = create()
    machine.start()
    expect(machine.ended(4503, { retry: false }).state).toBe('closed')
  })

  test.each([1000, 1001, 1012, 4408, 4425, 4429, 4503])('%i is none', (code) => {
    const machine = create()
    machine.start()
    expect(machine.ended(code).state).toBe('waiting')
  })

  test('says when to come back, spread by chance', () => {
    const machine = create({ chance: 0.5 })
    machine.start()
    machine.ended(4410, { retry: { after: 1_000, spread: 30_000 } })
    expect(machine.wait()).toBe(16_000)
  })

  test('a hint without a spread is taken as it stands', () => {
    const machine = create({ chance: 0.5 })
    machine.start()
    machine.ended(4429, { retry: { after: 250 } })
    expect(machine.wait()).toBe(250)
  })

  test.each([1e10, Infinity])('sends nobody away for good: %i is an hour', (after) => {
    const machine = create({ chance: 0.5 })
    machine.start()
    machine.ended(4503, { retry: { after } })
    expect(machine.wait()).toBe(3_600_000)
  })

  test('asks for no haste without end: who comes back in vain waits as after any failure, at least', () => {
    const machine = create({ chance: 0.5 })
    machine.start()
    const waits = Array.from({ length: 3 }, () => {
      machine.ended(4429, { retry: { after: 0 } })
      const wait = machine.wait()
      machine.due()
      return wait
    })
    expect(waits).toEqual([0, 500, 500])
  })
})

describe('4401', () => {
  test('asks `auth` once more, now, and is an end the second time', () => {
    const machine = create()
    machine.start()
    expect(machine.ended(4401)).toMatchObject({ state: 'connecting', deadline: 10_000 })
    expect(machine.ended(4401)).toMatchObject({ state: 'closed', cause: broke })
    expect(machine.seen()).toEqual(['dial', 'dial', 'finish'])
  })

  test('a line that broke in between doesn’t count as an answer', () => {
    const machine = create()
    machine.start()
    machine.ended(4401)
    machine.ended(1006)
    machine.due()
    expect(machine.ended(4401).state).toBe('closed')
  })

  test('neither does a welcome that is taken back', () => {
    const machine = create()
    machine.start()
    machine.ended(4401)
    machine.welcomed()
    machine.pass(100)
    expect(machine.ended(4401, { progress: true }).state).toBe('closed')
  })

  test('a connection that proved good forgives: the next token may run out, too', () => {
    const machine = create()
    machine.start()
    for (let hour = 0; hour < 3; hour++) {
      expect(machine.ended(4401).state).toBe('connecting')
      machine.welcomed()
      machine.pass(3_600_000)
    }
    machine.ended(1006)
    machine.due()
    expect(machine.ended(4401).state).toBe('connecting')
  })

  test('so does `reconnect()`', () => {
    const machine = create()
    machine.start()
    machine.ended(4401)
    machine.take({ type: 'reconnect' })
    expect(machine.ended(4401).state).toBe('connecting')
  })
})

describe('without a network', () => {
  test('nothing is tried until it is back', () => {
    const machine = create({ online: false })
    expect(machine.start()).toMatchObject({ state: 'paused', deadline: Infinity })
    machine.world = { ...machine.world, online: true }
    expect(machine.take({ type: 'wake' })).toMatchObject({ state: 'connecting', attempt: 1 })
  })

  test('a try, and a wait, are given up', () => {
    const machine = create()
    machine.start()
    expect(machine.take({ type: 'offline' })).toMatchObject({ state: 'paused', deadline: Infinity })
    machine.take({ type: 'wake' })
    machine.ended()
    expect(machine.take({ type: 'offline' })).toMatchObject({ state: 'paused', deadline: Infinity })
  })

  test('waking up proves no network', () => {
    const machine = create({ online: false })
    const before = machine.start()
    expect(machine.take({ type: 'wake' })).toBe(before)
  })

  test('that nobody told of, a wait does not end in a try', () => {
    const machine = create()
    machine.start()
    machine.ended()
    machine.world = { ...machine.world, online: false }
    expect(machine.due()).toMatchObject({ state: 'paused', pausedBy: 'offline', deadline: Infinity })
    expect(machine.seen()).toEqual(['dial'])
  })

  test('an open line is asked, and kept: the platform may be wrong', () => {
    const machine = create()
    machine.start()
    const open = machine.welcomed()
    machine.seen()
    machine.world = { ...machine.world, online: false }
    expect(machine.take({ type: 'offline' })).toBe(open)
    expect(machine.seen()).toEqual(['probe'])
  })

  test('one that breaks then pauses, and keeps its backoff', () => {
    const machine = create()
    machine.start()
    machine.world = { ...machine.world, online: false }
    expect(machine.ended()).toMatchObject({ state: 'paused', attempt: 1, cause: broke })
  })

  test('`reconnect()` tries all the same', () => {
    const machine = create({ online: false })
    machine.start()
    expect(machine.take({ type: 'reconnect' }).state).toBe('connecting')
  })
})

describe('a page that is frozen', () => {
  test('has no try, no wait and no deadline, and says why', () => {
    const machine = create()
    for (const prepare of [machine.start, machine.welcomed, machine.ended, () => machine.take({ type: 'offline' })]) {
      machine.take({ type: 'wake' })
      prepare()
      expect(machine.take({ type: 'freeze' })).toMatchObject({
        state: 'paused',
        pausedBy: 'frozen',
        deadline: Infinity,
      })
    }
  })

  test('is told so twice by some browsers, and loses its network asleep: nothing more comes of that', () => {
    const machine = create()
    machine.start()
    const frozen = machine.take({ type: 'freeze' })
    expect(machine.take({ type: 'freeze' })).toBe(frozen)
    machine.world = { ...machine.world, online: false }
    expect(machine.take({ type: 'offline' })).toBe(frozen)
  })

  test('dials at once when it is back', () => {
    const machine = create()
    machine.start()
    machine.welcomed()
    machine.take({ type: 'freeze' })
    expect(machine.take({ type: 'wake' })).toMatchObject({ state: 'connecting', pausedBy: null })
    expect(machine.seen()).toEqual(['dial', 'dial'])
  })

  test('and waits for its network, if that is gone', () => {
    const machine = create()
    machine.start()
    machine.take({ type: 'freeze' })
    machine.world = { ...machine.world, online: false }
    expect(machine.take({ type: 'wake' })).toMatchObject({ state: 'paused', pausedBy: 'offline' })
    machine.world = { ...machine.world, online: true }
    expect(machine.take({ type: 'wake' }).state).toBe('connecting')
  })

  test('however often: tries that were no failures are not counted as such', () => {
    const machine = create()
    machine.start()
    for (let time = 0; time < 10; time++) {
      machine.welcomed()
      machine.take({ type: 'freeze' })
      expect(machine.take({ type: 'wake' }).attempt).toBe(2)
    }
    machine.welcomed()
    machine.pass(5_000)
    machine.take({ type: 'freeze' })
    expect(machine.take({ type: 'wake' }).attempt).toBe(1)
  })

  test('but those that failed before are', () => {
    const machine = create()
    machine.start()
    for (let failure = 0; failure < 5; failure++) {
      machine.ended()
      machine.due()
    }
    machine.take({ type: 'freeze' })
    expect(machine.take({ type: 'wake' }).attempt).toBe(7)
  })

  test('may need another token afterwards, if the connection before had proved good', () => {
    const machine = create()
    machine.start()
    machine.ended(4401)
    machine.welcomed()
    machine.pass(5_000)
    machine.take({ type: 'freeze' })
    machine.take({ type: 'wake' })
    expect(machine.ended(4401).state).toBe('connecting')
  })
})

describe('waking up', () => {
  test('cuts a wait short, and leaves a try alone, however often', () => {
    const machine = create()
    machine.start()
    machine.ended()
    const { epoch } = machine.take({ type: 'wake' })
    for (let time = 0; time < 5; time++) expect(machine.take({ type: 'wake' }).epoch).toBe(epoch)
    expect(machine.seen()).toEqual(['dial', 'dial'])
  })

  test('asks an open line', () => {
    const machine = create()
    machine.start()
    machine.welcomed()
    machine.take({ type: 'wake' })
    expect(machine.seen()).toEqual(['dial', 'probe'])
  })
})

test('`reconnect()` works at once from anywhere but closed, and starts the backoff over', () => {
  const machine = create()
  machine.start()
  for (let failure = 0; failure < 5; failure++) {
    machine.ended()
    machine.due()
  }
  machine.ended()
  for (const prepare of [() => {}, machine.welcomed, machine.ended, () => machine.take({ type: 'offline' })]) {
    prepare()
    const { epoch } = machine.c
    expect(machine.take({ type: 'reconnect' })).toMatchObject({ state: 'connecting', attempt: 1, epoch: epoch + 1 })
  }
})

test('the same arguments give the same answer, and are left as they were', () => {
  const c = Object.freeze({ ...idleConnection })
  const world = Object.freeze({ ...usual, backoff: Object.freeze({ ...usual.backoff }) })
  expect(step(c, { type: 'start' }, world)).toEqual(step(c, { type: 'start' }, world))
})
