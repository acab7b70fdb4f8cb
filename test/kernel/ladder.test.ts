import { describe, expect, test } from 'vitest'
import {
  type Ladder,
  type LadderInput,
  type LadderWorld,
  type Rung,
  climb,
  groundLadder,
} from '../../src/kernel/ladder.ts'

/** With a measured round trip, over TLS: a WebSocket has 6 · 50 ms to open. */
const usual: LadderWorld = {
  now: 1_000_000,
  chance: 0,
  transport: 'auto',
  fastStart: false,
  cautious: false,
  fallbackAfter: 2_000,
  roundTrip: 50,
  handshake: 4,
}

/** A ladder with its world. What it asked for since the last look is in `seen()`. */
const create = (change: Partial<LadderWorld> = {}, from: Partial<Ladder> = {}) => {
  const effects: string[] = []
  const climber = {
    world: { ...usual, ...change },
    l: { ...groundLadder, ...from } as Ladder,
    take(input: LadderInput) {
      const [next, ...asked] = climb(climber.l, input, climber.world)
      climber.l = next
      effects.push(...asked.map((effect) => (effect.type === 'fail' ? 'fail' : `${effect.type} ${effect.rung}`)))
      return climber
    },
    begin: () => climber.take({ type: 'begin' }),
    ready: (rung: Rung) => climber.take({ type: 'ready', rung }),
    heard: (rung: Rung) => climber.take({ type: 'heard', rung }),
    failed: (rung: Rung, told = false) => climber.take({ type: 'failed', rung, told }),
    drop: (died = false) => climber.take({ type: 'drop', died }),
    network: () => climber.take({ type: 'network' }),
    pass(duration: number) {
      climber.world = { ...climber.world, now: climber.world.now + duration }
      return climber
    },
    /** Time passes until the deadline, and it is told so. */
    due() {
      climber.world = { ...climber.world, now: climber.l.deadline }
      return climber.take({ type: 'due' })
    },
    /** Milliseconds until the deadline. */
    wait: () => climber.l.deadline - climber.world.now,
    seen: () => effects.splice(0).join(', '),
  }
  return climber
}
/** On HTTP, because WebSocket was refused. */
const onHttp = (change?: Partial<LadderWorld>, from?: Partial<Ladder>) => {
  const climber = create(change, from).begin().failed('websocket').ready('http').heard('http')
  climber.seen()
  return climber
}

describe('WebSocket first', () => {
  test('and nothing else, if all is well', () => {
    const climber = create().begin().ready('websocket').heard('websocket')
    expect([climber.seen(), climber.l.deadline]).toEqual(['dial websocket, claim websocket', Infinity])
  })

  test('HTTP at once if it fails, before it opened or after', () => {
    expect(create().begin().failed('websocket').seen()).toBe('dial websocket, dial http')
    expect(create().begin().ready('websocket').failed('websocket').ready('http').seen()).toBe(
      'dial websocket, claim websocket, dial http, claim http',
    )
  })

  test('HTTP once more if it failed at once and the WebSocket hangs', () => {
    const climber = create({ fastStart: true }).begin().failed('http')
    expect(climber.due().seen()).toBe('dial http, dial websocket, dial http')
    expect([climber.failed('http').seen(), climber.l.deadline]).toEqual(['', Infinity])
    const twice = create({ fastStart: true }).begin().failed('http').due().ready('http').failed('http')
    twice.seen()
    expect([twice.due().seen(), twice.l.deadline]).toEqual(['', Infinity])
    climber.drop().begin().failed('http')
    expect(climber.due().seen()).toBe('dial http, dial websocket, dial http')
    const swallowed = create({ fastStart: true }).begin().failed('http').pass(100).ready('websocket')
    expect(swallowed.due().ready('http').seen()).toMatch(/claim websocket, dial http, claim http, drop websocket$/)
  })

  test('the try is over when both have failed', () => {
    const known: Partial<Ladder> = { asked: true }
    expect(create({}, known).begin().failed('websocket').failed('http').seen()).toBe('dial websocket, dial http, fail')
    expect(create({}, known).begin().failed('websocket').ready('http').failed('http').seen()).toMatch(
      /claim http, fail$/,
    )
  })

  test('or when what was in use broke', () => {
    expect(create().begin().ready('websocket').heard('websocket').failed('websocket').seen()).toMatch(/, fail$/)
    expect(onHttp().failed('http').seen()).toBe('fail')
  })
})

describe('patience', () => {
  test.each([
    ['2 s without an estimate', { roundTrip: -1 }, 2_000],
    ['as the option says without an estimate', { roundTrip: -1, fallbackAfter: 700 }, 700],
    ['four round trips over TLS and two more', {}, 300],
    ['two round trips without TLS and two more', { handshake: 2 }, 200],
    ['never less than 150 ms', { roundTrip: 1 }, 150],
    ['never more than the option says', { roundTrip: 900 }, 2_000],
    ['whatever is remembered of the round trip', { roundTrip: Infinity }, 2_000],
  ])('with an opening: %s', (_, change, wait) => {
    const climber = create(change).begin()
    expect(climber.wait()).toBe(wait)
    expect([climber.due().seen(), climber.l.deadline]).toEqual(['dial websocket, dial http', Infinity])
  })

  test.each([
    [1_000, 900],
    [10, 150],
    [4_000, 3_600],
  ])('with an answer: 0.9 times the %i ms that opening took, and not too little', (took, wait) => {
    const climber = create({ roundTrip: -1, fallbackAfter: 2_000 }).begin().pass(took).ready('websocket')
    expect(climber.wait()).toBe(wait)
    climber.seen()
    expect(climber.due().seen()).toBe('dial http')
  })

  test('with HTTP, where WebSocket failed: as long as an opening', () => {
    expect(create().begin().pass(100).failed('websocket').wait()).toBe(300)
  })

  test('with the answer at a return: by how long that took, and not less than the option says', () => {
    const answered = (took: number) => onHttp().due().pass(took).ready('websocket').pass(1_000).heard('websocket')
    expect([answered(100).wait(), answered(3_000).wait()]).toEqual([2_000, 3_600])
  })

  test('a timer that fires too early changes nothing', () => {
    const climber = create().begin().pass(299)
    expect(climber.take({ type: 'due' }).seen()).toBe('dial websocket')
  })

  test('there is none where there is no other way', () => {
    for (const transport of ['websocket', 'http'] as const) {
      const climber = create({ transport }).begin()
      expect(climber.l.deadline).toBe(Infinity)
      expect(climber.ready(transport).l.deadline).toBe(Infinity)
      expect(climber.heard(transport).l.deadline).toBe(Infinity)
      expect(create({ transport }, { asked: true }).begin().failed(transport).seen()).toBe(`dial ${transport}, fail`)
    }
  })
})

describe('one hello at a time', () => {
  test('a carrier that opens while another is trusted waits, and takes over if that fails', () => {
    const climber = create().begin().due().ready('http').ready('websocket')
    expect([climber.l.websocket, climber.seen()]).toEqual(['ready', 'dial websocket, dial http, claim http'])
    expect(climber.failed('http').seen()).toBe('claim websocket')
  })

  test('it moves on from what is in doubt to what opens', () => {
    const climber = create().begin().ready('websocket').due().ready('http')
    expect(climber.seen()).toBe('dial websocket, claim websocket, dial http, claim http, drop websocket')
    expect(climber.failed('http').seen()).toBe('fail')
  })

  test('what is in doubt may still be heard, and what was tried beside it goes', () => {
    const climber = create().begin().ready('websocket').due().heard('websocket')
    expect([climber.seen(), climber.l]).toEqual([
      'dial websocket, claim websocket, dial http, drop http',
      expect.objectContaining({ websocket: 'heard', http: 'out', deadline: Infinity }),
    ])
  })

  test('what is in doubt stays if what was tried beside it fails', () => {
    const climber = create().begin().ready('websocket').due().failed('http').heard('websocket')
    expect([climber.l.websocket, climber.seen()]).toEqual(['heard', 'dial websocket, claim websocket, dial http'])
  })

  test.each<[Rung, Rung]>([
    ['websocket', 'http'],
    ['http', 'websocket'],
  ])('%s that waits takes over when %s comes into doubt', (waiting, holder) => {
    const climber = create().begin().due().ready(holder).ready(waiting)
    climber.seen()
    expect(climber.due().seen()).toBe(`claim ${waiting}, drop ${holder}`)
  })
})

describe('once something has failed', () => {
  test('HTTP is asked for a sign of life before it has the session', () => {
    const climber = create({ cautious: true }).begin().failed('websocket').ready('http')
    expect(climber.seen()).toBe('dial websocket, dial http, probe http')
    expect(climber.heard('http').seen()).toBe('claim http')
  })

  test('and then it is waited for: its answer may be gathered on the way', () => {
    const climber = create({ cautious: true }).begin().failed('websocket').ready('http').heard('http')
    expect(climber.wait()).toBe(2_000)
  })

  test('a WebSocket that opens meanwhile has it', () => {
    const climber = create({ cautious: true, fastStart: true }).begin().ready('http').ready('websocket').heard('http')
    expect(climber.seen()).toBe('dial http, dial websocket, probe http, claim websocket')
    expect(climber.heard('websocket').seen()).toBe('drop http')
    const unheard = create({ cautious: true, fastStart: true }).begin().ready('http').ready('websocket').heard('http')
    expect(unheard.failed('websocket').seen()).toMatch(/claim http$/)
  })

  test('and it is waited for when a WebSocket fails', () => {
    const climber = create({ cautious: true }, { asked: true }).begin().due().ready('http').failed('websocket')
    expect(climber.seen()).toBe('dial websocket, dial http, probe http')
    expect(climber.failed('http').seen()).toBe('fail')
  })
})

describe('an estimate that is much too short', () => {
  test('HTTP has as long as the WebSocket has taken so far, twice', () => {
    const climber = create({ roundTrip: 1 }).begin().due().ready('http')
    expect([climber.seen(), climber.wait()]).toEqual(['dial websocket, dial http, claim http', 300])
  })

  test('and has the session again, for good, where WebSocket took it in vain', () => {
    const climber = create({ roundTrip: 1 }).begin().due().ready('http').ready('websocket').due()
    // It took 450 ms until it was trusted with it.
    expect(climber.wait()).toBe(405)
    climber.due().ready('http')
    expect([climber.seen(), climber.wait()]).toEqual([
      'dial websocket, dial http, claim http, claim websocket, drop http, dial http, claim http, drop websocket',
      Infinity,
    ])
  })
})

describe('what was given up unheard, in vain', () => {
  const inVain = () => {
    const climber = create().begin().ready('websocket').due().ready('http').failed('http').drop()
    climber.seen()
    return climber
  }

  test('is waited for in the next try, for as long as that may take', () => {
    const climber = inVain().begin().ready('websocket')
    expect(climber.wait()).toBe(Infinity)
    expect([climber.heard('websocket').seen(), climber.l.wronged]).toEqual(['dial websocket, claim websocket', false])
  })

  test('and no longer in the one after', () => {
    const climber = inVain().begin().ready('websocket').drop().begin().ready('websocket')
    expect(climber.wait()).toBe(150)
  })

  test('is HTTP, if that was first', () => {
    const climber = create({}, { httpUntil: Infinity }).begin().ready('http').due().ready('websocket').due().drop()
    expect([climber.seen(), climber.l.wronged]).toEqual([
      'dial http, claim http, dial websocket, claim websocket, drop http, dial http',
      'http',
    ])
    expect(climber.begin().ready('http').wait()).toBe(Infinity)
  })

  test('is forgotten when anything was heard, or the network changed', () => {
    const climber = create().begin().ready('websocket').due().ready('http')
    expect([climber.l.wronged, climber.heard('http').l.wronged]).toEqual(['websocket', false])
    expect(inVain().network().l.wronged).toBe(false)
  })
})

describe('the return to WebSocket', () => {
  test('after 30 s, 2 min and then every 10 min', () => {
    const climber = onHttp()
    const waits: number[] = []
    for (let index = 0; index < 5; index++) {
      waits.push(climber.wait())
      expect(climber.due().seen()).toBe('dial websocket')
      climber.failed('websocket')
    }
    expect(waits).toEqual([30_000, 120_000, 600_000, 600_000, 600_000])
  })

  test('less up to a quarter', () => {
    expect(onHttp({ chance: 0.999_999 }).wait()).toBeCloseTo(22_500, 0)
  })

  test('asks first, then moves, and HTTP goes', () => {
    const climber = onHttp().due().ready('websocket')
    expect([climber.seen(), climber.l.http]).toEqual(['dial websocket, probe websocket', 'heard'])
    expect(climber.heard('websocket').seen()).toBe('claim websocket, drop http')
    expect(climber.heard('websocket').l).toMatchObject({ websocket: 'heard', http: 'out', httpUntil: 0 })
  })

  test.each(['dialing', 'probing'])('is given up after 10 s of %s', (phase) => {
    const climber = onHttp().due()
    if (phase === 'probing') climber.ready('websocket')
    climber.seen()
    expect(climber.wait()).toBe(10_000)
    expect([climber.due().seen(), climber.wait(), climber.l.http]).toEqual(['drop websocket', 120_000, 'heard'])
  })

  test('a WebSocket that opened beside HTTP is asked, and not for ever', () => {
    const climber = create({ fastStart: true }).begin().ready('http').ready('websocket').heard('http')
    expect(climber.seen()).toBe('dial http, dial websocket, claim http, probe websocket')
    expect([climber.wait(), climber.due().seen(), climber.wait()]).toEqual([10_000, 'drop websocket', 120_000])
  })

  test('where it was heard and then says no more, HTTP has the session again, and the next return is later', () => {
    const climber = onHttp().due().ready('websocket').heard('websocket')
    climber.seen()
    climber.due().ready('http').heard('http')
    expect([climber.seen(), climber.wait()]).toEqual(['dial http, claim http, drop websocket', 120_000])
  })

  test('at once where the network changes; what was being tried there goes', () => {
    const climber = onHttp().network()
    expect(climber.seen()).toBe('dial websocket')
    expect(climber.network().seen()).toBe('drop websocket, dial websocket')
    expect(climber.ready('websocket').network().seen()).toBe('probe websocket, drop websocket, dial websocket')
    expect([climber.wait(), climber.l.returns]).toEqual([10_000, 0])
  })

  test('not where the session is not on HTTP', () => {
    expect(create().begin().network().seen()).toBe('dial websocket')
    expect(create().begin().ready('websocket').heard('websocket').network().seen()).toBe(
      'dial websocket, claim websocket',
    )
  })

  test.each(['http', 'websocket'] as const)('never with the option `%s`', (transport) => {
    const climber = create({ transport }).begin().ready(transport).heard(transport).network()
    expect([climber.seen(), climber.l.deadline]).toEqual([`dial ${transport}, claim ${transport}`, Infinity])
  })
})

describe('young deaths', () => {
  const live = (climber: ReturnType<typeof create>, life: number) =>
    climber.begin().ready('websocket').heard('websocket').pass(life).failed('websocket').drop()

  test('after three running, HTTP comes first, and WebSocket is tried again later and later', () => {
    const climber = create()
    for (let index = 0; index < 3; index++) live(climber, 29_999)
    climber.seen()
    climber.begin().ready('http').heard('http')
    expect([climber.seen(), climber.wait()]).toEqual(['dial http, claim http', 30_000])
    climber.due().ready('websocket').heard('websocket').heard('websocket').pass(3_000).failed('websocket').drop()
    climber.begin().ready('http').heard('http')
    expect(climber.wait()).toBe(120_000)
  })

  test('young is who was heard a short time ago, however long it took to open', () => {
    const climber = create().begin().pass(29_000).ready('websocket').heard('websocket').pass(29_000)
    expect(climber.failed('websocket').l.deaths).toBe(1)
  })

  test('one that lived for 30 s forgives them', () => {
    const climber = create()
    live(climber, 1_000)
    live(climber, 1_000)
    live(climber, 30_000)
    live(climber, 1_000)
    climber.seen()
    expect(climber.begin().seen()).toBe('dial websocket')
  })

  test('one that fell silent died, one that was given up for other reasons did not', () => {
    const dropped = (died: boolean) => create().begin().ready('websocket').heard('websocket').pass(1_000).drop(died).l
    expect([dropped(true).deaths, dropped(false).deaths]).toEqual([1, 0])
  })

  test('one that never was in use did not die', () => {
    expect(create().begin().ready('websocket').failed('websocket').l.deaths).toBe(0)
  })
})

describe('memory', () => {
  test('of what worked where WebSocket did not, for 10 minutes', () => {
    expect(onHttp().l.httpUntil).toBe(1_600_000)
  })

  test('of what was sooner there than a WebSocket that hangs; not if both were dialled at once', () => {
    const httpUntil = (fastStart: boolean) =>
      create({ fastStart }).begin().due().ready('http').heard('http').l.httpUntil
    expect([httpUntil(false), httpUntil(true)]).toEqual([1_600_300, 0])
  })

  test('not before HTTP was heard', () => {
    expect(create().begin().failed('websocket').ready('http').l.httpUntil).toBe(0)
  })

  test('then HTTP comes first, WebSocket beside it if that takes long', () => {
    const climber = create({}, { httpUntil: 1_000_001 }).begin()
    expect([climber.seen(), climber.due().seen()]).toEqual(['dial http', 'dial websocket'])
  })

  test('until it is over', () => {
    expect(create({}, { httpUntil: 1_000_000 }).begin().seen()).toBe('dial websocket')
  })

  test('is gone when WebSocket works after all, and when the network changes', () => {
    const climber = create({}, { httpUntil: 1_000_001 }).begin().failed('http').ready('websocket').heard('websocket')
    expect(climber.l.httpUntil).toBe(0)
    expect(onHttp().network().l).toMatchObject({ httpUntil: 0, deaths: 0, returns: 0 })
  })
})

describe('the fast start', () => {
  test('dials both, and moves to WebSocket as soon as that was heard', () => {
    const climber = create({ fastStart: true }).begin().ready('http').heard('http').ready('websocket')
    expect(climber.seen()).toBe('dial http, dial websocket, claim http, probe websocket')
    expect([climber.heard('websocket').seen(), climber.l.httpUntil]).toEqual(['claim websocket, drop http', 0])
  })

  test('not where WebSocket is known not to work', () => {
    expect(create({ fastStart: true }, { httpUntil: 1_000_001 }).begin().seen()).toBe('dial http')
  })
})

describe('a server of another kind', () => {
  /** On whose first try everything failed. */
  const refused = (change: Partial<LadderWorld> = {}) => {
    const climber = create(change).begin().failed('websocket').ready('http').failed('http')
    climber.seen()
    return climber
  }

  test('is asked for what it takes when all has failed, and that it takes a bare WebSocket ends it', () => {
    const climber = create().begin().failed('websocket').ready('http').failed('http')
    expect([climber.seen(), climber.l.websocket, climber.l.deadline]).toEqual([
      'dial websocket, dial http, claim http, dial websocket',
      'asking',
      Infinity,
    ])
    expect(climber.failed('websocket', true).seen()).toBe('fail')
  })

  test('or when HTTP is not answered, and then nobody waits for that', () => {
    const climber = create().begin().failed('websocket').ready('http')
    climber.seen()
    expect(climber.due().seen()).toBe('dial websocket')
    expect(climber.failed('websocket', true).seen()).toBe('fail')
  })

  test('and HTTP has as long for that as anything is waited for: there is no other way to try', () => {
    expect(create().begin().failed('websocket').ready('http').wait()).toBe(2_000)
    expect(create({ fallbackAfter: 700 }).begin().failed('websocket').ready('http').wait()).toBe(700)
  })

  test('with HTTP first, or without it, too', () => {
    const climber = create({}, { httpUntil: Infinity }).begin().failed('http').failed('websocket')
    expect(climber.seen()).toBe('dial http, dial websocket, dial websocket')
    expect(create({ transport: 'websocket' }).begin().failed('websocket').seen()).toBe('dial websocket, dial websocket')
  })

  test('that takes none either ends the try, and is not asked again', () => {
    const climber = refused().failed('websocket')
    expect(climber.seen()).toBe('fail')
    expect(climber.drop().begin().failed('websocket').failed('http').seen()).toBe('dial websocket, dial http, fail')
  })

  test('HTTP that is slow goes on when it takes none', () => {
    const climber = create().begin().failed('websocket').ready('http').due()
    climber.seen()
    expect([climber.failed('websocket').seen(), climber.heard('http').l.http]).toEqual(['', 'heard'])
    const late = create().begin().failed('websocket').ready('http').due().failed('http')
    late.seen()
    expect(late.failed('websocket').seen()).toBe('fail')
  })

  test('is none if it is heard meanwhile, whatever takes a bare WebSocket there', () => {
    const climber = create().begin().failed('websocket').ready('http').due().heard('http')
    climber.seen()
    expect([climber.failed('websocket', true).seen(), climber.l]).toEqual([
      '',
      expect.objectContaining({ http: 'heard', websocket: 'failed', httpUntil: 1_602_000 }),
    ])
    const hanging = create().begin().failed('websocket').ready('http').due().heard('http')
    hanging.seen()
    expect([hanging.due().seen(), hanging.l.websocket]).toEqual(['drop websocket', 'failed'])
  })

  test.each<Rung>(['websocket', 'http'])('is not looked for where somebody said by %s why not', (rung) => {
    const climber = create().begin()
    climber.failed('websocket', rung === 'websocket').failed('http', rung === 'http')
    expect(climber.seen()).toBe('dial websocket, dial http, fail')
  })

  test.each<Rung>(['websocket', 'http'])('nor once the server was heard by %s', (rung) => {
    const climber = create().begin()
    if (rung === 'http') climber.failed('websocket')
    climber.ready(rung).heard(rung).failed(rung).drop()
    climber.seen()
    expect(
      climber
        .begin()
        .failed(rung)
        .failed(rung === 'http' ? 'websocket' : 'http')
        .seen(),
    ).toMatch(/dial \w+, fail$/)
  })

  test('nor where it took our subprotocol, and was not heard', () => {
    const climber = create().begin().ready('websocket').due().ready('http').failed('http')
    expect(climber.seen()).toBe('dial websocket, claim websocket, dial http, claim http, drop websocket, fail')
  })

  test('nor without WebSockets', () => {
    expect(create({ transport: 'http' }).begin().failed('http').seen()).toBe('dial http, fail')
  })
})
