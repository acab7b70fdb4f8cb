import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../../src/kernel/errors.ts'
import { type Encoded, type Message, messageOf, settle } from '../../src/kernel/message.ts'
import { type DropReason, type Outbox, type OutboxBounds, createOutbox } from '../../src/kernel/outbox.ts'

const ROOMY = { maxMessages: 1_000, maxBytes: 1_000_000 }
const LIMIT = 100
const GONE = new HoldfastError('dropped', 'gone')

type Given = Encoded | (Partial<Message> & { frame: Encoded })

/** An outbox that takes bare frames, too. */
const create = (bounds: Partial<OutboxBounds> = {}) => {
  const dropped: [Encoded, DropReason][] = []
  const told: string[] = []
  const outbox = createOutbox(
    { ...ROOMY, overflow: 'reject', ...bounds },
    (message, why) => {
      dropped.push([message.frame, why])
      settle(message, GONE)
    },
    {
      enter: ({ frame }, number) => told.push(`${String(frame)} ${number ?? 'waits'}`),
      strike: ({ frame }) => told.push(`${String(frame)} goes`),
    },
  )
  const push = (given: Given, now = 0, force?: boolean): boolean =>
    outbox.push(
      typeof given === 'string' || given instanceof Uint8Array ? messageOf(given) : (given as Message),
      now,
      force,
    )
  return { outbox, dropped, told, push }
}
const withdrawable = (frame: string, more: Partial<Message> = {}): Message => ({
  ...messageOf(frame),
  isNumbered: false,
  ...more,
})
const drain = (outbox: Outbox, now = 0, limit = LIMIT, isKnown = true): Encoded[] => {
  const frames: Encoded[] = []
  for (let frame; (frame = outbox.next(now, limit, isKnown)) !== undefined;) frames.push(frame)
  return frames
}
const sums = ({ acknowledged, queued, bytes, sent }: Outbox): object => ({
  acknowledged,
  queued,
  bytes,
  sent: sent.length,
})
const framesOf = (messages: readonly Message[]): Encoded[] => messages.map(({ frame }) => frame)

describe('an outbox', () => {
  test('gives what it was given, in order, once', () => {
    const { outbox, push } = create()
    for (const frame of ['a', 'b', 'c']) push(frame)
    expect(drain(outbox)).toEqual(['a', 'b', 'c'])
    expect(drain(outbox)).toEqual([])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 3, sent: 3 })
  })

  test('keeps it until it is acknowledged, and gives it again to the next carrier', () => {
    const { outbox, push } = create()
    for (const frame of ['a', 'b', 'c']) push(frame)
    drain(outbox)
    expect(outbox.acknowledge(2)).toBe(true)
    push('d')
    outbox.rewind()
    expect(drain(outbox)).toEqual(['c', 'd'])
    expect(sums(outbox)).toEqual({ acknowledged: 2, queued: 0, bytes: 2, sent: 2 })
  })

  test('an acknowledgement while it is being given again leaves nothing out', () => {
    const { outbox, push } = create()
    for (const frame of ['a', 'b', 'c']) push(frame)
    drain(outbox)
    outbox.rewind()
    expect(outbox.next(0, LIMIT, true)).toBe('a')
    outbox.acknowledge(1)
    expect(drain(outbox)).toEqual(['b', 'c'])
    outbox.rewind()
    outbox.acknowledge(2)
    expect(drain(outbox)).toEqual(['c'])
  })

  test('takes no acknowledgement for what was never sent, and an old one for what it is', () => {
    const { outbox, push } = create()
    push('a')
    push('b')
    outbox.next(0, LIMIT, true)
    expect(outbox.acknowledge(2)).toBe(false)
    expect(outbox.acknowledge(1)).toBe(true)
    expect([outbox.acknowledge(1), outbox.acknowledge(0)]).toEqual([true, true])
    expect(sums(outbox)).toEqual({ acknowledged: 1, queued: 1, bytes: 1, sent: 0 })
  })

  test('is emptied for the next session, which counts anew', () => {
    const { outbox, push } = create()
    push('a')
    drain(outbox)
    push('b')
    push('c')
    expect(outbox.clear().map(framesOf)).toEqual([['a'], ['b', 'c']])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 0, sent: 0 })
    expect(drain(outbox)).toEqual([])
  })
})

describe('its bounds', () => {
  test('count what waits and what is out, in messages', () => {
    const { outbox, push } = create({ maxMessages: 2, maxBytes: 100 })
    push('a')
    drain(outbox)
    expect([push('b'), push('c')]).toEqual([true, false])
    outbox.acknowledge(1)
    expect(push('c')).toBe(true)
    expect(drain(outbox)).toEqual(['b', 'c'])
  })

  test('count bytes, not characters', () => {
    const { outbox, push } = create({ maxMessages: 100, maxBytes: 6 })
    expect([push('漢'), push('漢'), push('a')]).toEqual([true, true, false])
    expect(sums(outbox)).toMatchObject({ queued: 2, bytes: 6 })
  })

  test('give way to what must go, which is told of them', () => {
    const { outbox, push } = create({ maxMessages: 1, maxBytes: 2 })
    expect([push('a', 0, true), push('b'), push('c', 0, true)]).toEqual([true, false, false])
    expect(drain(outbox)).toEqual(['a', 'c'])
  })

  test('let in what takes the place of another', () => {
    const { outbox, push } = create({ maxMessages: 1, maxBytes: 1 })
    push({ frame: 'a', latest: 'k' })
    expect(push({ frame: 'bb', latest: 'k' })).toBe(true)
    expect(drain(outbox)).toEqual(['bb'])
  })
})

describe('`latest`', () => {
  test('replaces what waits under the same key, at the end of the queue', () => {
    const { outbox, push } = create()
    for (const [frame, latest] of ['a1', 'x', 'b1', 'a2'].map((frame) => [
      frame,
      /\d/.test(frame) ? frame[0] : undefined,
    ]))
      push({ frame: frame!, latest })
    expect(outbox.queued).toBe(3)
    expect(drain(outbox)).toEqual(['x', 'b1', 'a2'])
  })

  test('leaves alone what was sent', () => {
    const { outbox, push } = create()
    push({ frame: 'a1', latest: 'a' })
    drain(outbox)
    push({ frame: 'a2', latest: 'a' })
    outbox.rewind()
    expect(drain(outbox)).toEqual(['a1', 'a2'])
  })

  test('the empty key is one, too', () => {
    const { outbox, push } = create()
    push({ frame: 'a', latest: '' })
    push({ frame: 'b', latest: '' })
    push({ frame: 'c' })
    expect(drain(outbox)).toEqual(['b', 'c'])
  })

  test('what is replaced and withdrawn while nothing can be sent does not pile up', () => {
    const { outbox, push } = create()
    for (let index = 0; index < 10_000; index++) {
      push({ frame: `${index}`, latest: 'k' })
      const message = withdrawable('asked')
      push(message)
      outbox.withdraw(message)
    }
    expect(sums(outbox)).toMatchObject({ queued: 1, bytes: 4 })
    expect(framesOf(outbox.clear()[1])).toEqual(['9999'])
  })
})

test('what is sent already is not sent again when the rest is tidied up', () => {
  const { outbox, push } = create()
  const frames = Array.from({ length: 100 }, (_, index) => `${index}`)
  for (const frame of frames) push(frame)
  for (let index = 0; index < 90; index++) outbox.next(0, LIMIT, true)
  for (let index = 0; index < 200; index++) push({ frame: `k${index}`, latest: 'k' })
  expect(drain(outbox)).toEqual([...frames.slice(90), 'k199'])
})

describe('what has expired', () => {
  test('is dropped where it would have been sent, and told', () => {
    const { outbox, dropped, push } = create()
    for (const [frame, expiresAt] of [
      ['a', 10],
      ['b', 11],
      ['c', undefined],
    ] as const)
      push({ frame, expiresAt })
    expect(drain(outbox, 10)).toEqual(['b', 'c'])
    expect(dropped).toEqual([['a', 'expired']])
    expect(sums(outbox)).toMatchObject({ queued: 0, bytes: 2, sent: 2 })
  })

  test('takes no number: once sent, a message stays', () => {
    const { outbox, dropped, push } = create()
    push({ frame: 'a', expiresAt: 10 })
    drain(outbox, 9)
    outbox.rewind()
    expect(drain(outbox, 99)).toEqual(['a'])
    expect(dropped).toEqual([])
  })

  test('is dropped when its time comes, too, and when others need its room', () => {
    const { outbox, dropped, push } = create({ maxMessages: 2 })
    push({ frame: 'a', expiresAt: 10 })
    push({ frame: 'b', expiresAt: 20 })
    expect(outbox.expiresAt).toBe(10)
    outbox.expire(9)
    expect(dropped).toEqual([])
    outbox.expire(10)
    expect([dropped, outbox.expiresAt]).toEqual([[['a', 'expired']], 20])
    push('c', 15)
    expect(push('d', 19)).toBe(false)
    expect(push('d', 20)).toBe(true)
    expect([drain(outbox, 20), outbox.expiresAt]).toEqual([['c', 'd'], Infinity])
  })

  test('who hears of it may push and withdraw', () => {
    const later = withdrawable('later')
    const outbox = createOutbox({ ...ROOMY, overflow: 'reject' }, (message) => {
      settle(message, GONE)
      outbox.push(messageOf('new'), 0)
      outbox.withdraw(later)
    })
    outbox.push({ ...messageOf('old'), expiresAt: 0 }, 0)
    outbox.push(later, 0)
    outbox.push(messageOf('last'), 0)
    expect(drain(outbox, 1)).toEqual(['last', 'new'])
    expect(sums(outbox)).toMatchObject({ queued: 0, bytes: 7 })
  })
})

describe('what is over the limit', () => {
  test('waits while the limit is only presumed, and so does all behind it', () => {
    const { outbox, dropped, push } = create()
    for (const frame of ['a', 'b'.repeat(11), 'c']) push(frame)
    expect(drain(outbox, 0, 10, false)).toEqual(['a'])
    expect(drain(outbox, 0, 11, true)).toEqual(['b'.repeat(11), 'c'])
    expect(dropped).toEqual([])
  })

  test('is dropped once the limit is known, and told', () => {
    const { outbox, dropped, push } = create()
    for (const frame of ['a', '漢漢漢漢', 'c']) push(frame)
    expect(drain(outbox, 0, 10, true)).toEqual(['a', 'c'])
    expect(dropped).toEqual([['漢漢漢漢', 'too-large']])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 2, sent: 2 })
  })
})

describe('withdrawing', () => {
  test('takes back what waits, once', () => {
    const { outbox, push } = create()
    const message = withdrawable('b')
    push('a')
    push(message)
    expect([outbox.withdraw(message), outbox.withdraw(message)]).toEqual([true, false])
    expect(sums(outbox)).toMatchObject({ queued: 1, bytes: 1 })
    expect(drain(outbox)).toEqual(['a'])
  })

  test('comes too late for what was sent, replaced or dropped', () => {
    const { outbox, push } = create()
    const messages = [
      withdrawable('a'),
      withdrawable('b', { latest: 'k' }),
      withdrawable('c', { latest: 'k' }),
      withdrawable('d', { expiresAt: 0 }),
    ]
    for (const message of messages) push(message)
    drain(outbox, 1)
    expect(messages.map(outbox.withdraw)).toEqual([false, false, false, false])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 2, sent: 2 })
  })
})

describe('where there is no room', () => {
  const events = (...names: string[]): string[] => names.map((name) => `["${name}"]`)

  test('`drop-oldest` drops as many of the oldest that wait as it takes', () => {
    const { outbox, dropped, push } = create({ maxBytes: 15, overflow: 'drop-oldest' })
    for (const event of events('a', 'b', 'c')) push(event)
    expect(push('["12345"]')).toBe(true)
    expect(dropped).toEqual(events('a', 'b').map((event) => [event, 'dropped']))
    expect(drain(outbox)).toEqual(['["c"]', '["12345"]'])
    expect(sums(outbox)).toMatchObject({ queued: 0, bytes: 14 })
  })

  test('`drop-oldest` never drops what was sent, nor the others for nothing: then it is the new one', () => {
    const { outbox, dropped, push } = create({ maxMessages: 3, overflow: 'drop-oldest' })
    for (const event of events('a', 'b')) push(event)
    drain(outbox)
    for (const event of events('c', 'd')) push(event)
    expect(dropped).toEqual([['["c"]', 'dropped']])
    drain(outbox)
    push('["e"]')
    expect(dropped.at(-1)).toEqual(['["e"]', 'dropped'])
    const small = create({ maxBytes: 12, overflow: 'drop-oldest' })
    small.push('["a"]')
    small.push('["123456789"]')
    expect(small.dropped).toEqual([['["123456789"]', 'dropped']])
  })

  test('`drop-oldest` passes over answers: somebody waits for them', () => {
    const { outbox, dropped, push } = create({ maxMessages: 2, overflow: 'drop-oldest' })
    for (const frame of ['[1,2]', '["b"]', '["c"]']) push(frame)
    expect(dropped).toEqual([['["b"]', 'dropped']])
    expect(drain(outbox)).toEqual(['[1,2]', '["c"]'])
  })

  test('`drop-newest` drops the new one, but no answer', () => {
    const { outbox, dropped, push } = create({ maxMessages: 1, overflow: 'drop-newest' })
    expect([push('["a"]'), push('["b"]'), push('[1]')]).toEqual([true, true, false])
    expect(dropped).toEqual([['["b"]', 'dropped']])
    expect(drain(outbox)).toEqual(['["a"]'])
  })

  test('what arrived, was sent or withdrawn leaves room again, to the byte', () => {
    for (const overflow of ['reject', 'drop-oldest', 'drop-newest'] as const) {
      const { outbox, dropped, push } = create({ maxBytes: 10, overflow })
      for (let index = 0; index < 50; index++) {
        const asked = withdrawable('["b"]')
        push('["a"]')
        push(asked)
        outbox.withdraw(asked)
        drain(outbox)
        outbox.acknowledge(outbox.acknowledged + 1)
      }
      expect([dropped, sums(outbox)]).toEqual([[], { acknowledged: 50, queued: 0, bytes: 0, sent: 0 }])
    }
  })
})

test('fates are settled: what is acknowledged, replaced, expired and dropped', () => {
  const { outbox, push } = create({ maxMessages: 3, overflow: 'drop-newest' })
  const messages = [
    withdrawable('["a"]'),
    withdrawable('["b"]', { latest: 'k' }),
    withdrawable('["c"]', { latest: 'k' }),
    withdrawable('["d"]', { expiresAt: 0 }),
    withdrawable('["e"]'),
  ]
  for (const message of messages) push(message, -1)
  drain(outbox)
  expect(messages.map(({ fate }) => fate)).toEqual([undefined, GONE, undefined, GONE, GONE])
  outbox.acknowledge(2)
  expect(messages.map(({ fate, frame }) => [fate, frame])).toEqual(
    [null, GONE, null, GONE, GONE].map((fate) => [fate, '']),
  )
})

describe('the seal', () => {
  test('holds back what has its number, until it is kept', () => {
    const { outbox, push } = create()
    outbox.sealed = 0
    for (const frame of ['a', 'b']) push(frame)
    expect(drain(outbox)).toEqual([])
    expect(sums(outbox)).toMatchObject({ queued: 0, sent: 2 })
    push('c')
    outbox.sealed = 2
    expect(drain(outbox)).toEqual(['a', 'b'])
    outbox.sealed = 3
    expect(drain(outbox)).toEqual(['c'])
    outbox.rewind()
    expect(drain(outbox)).toEqual(['a', 'b', 'c'])
  })

  test('gives numbers to a batch at a time: the rest may still be replaced', () => {
    const { outbox, push } = create()
    outbox.sealed = 0
    for (let index = 0; index < 1_000; index++) push(`${index}`)
    drain(outbox)
    expect(sums(outbox)).toMatchObject({ queued: 744, sent: 256 })
    outbox.sealed = 256
    expect(drain(outbox)).toHaveLength(256)
    expect(outbox.sent).toHaveLength(512)
  })

  test('tells of what enters, is numbered and goes', () => {
    const { outbox, told, push } = create()
    push({ frame: 'a', latest: 'k' })
    push({ frame: 'b', latest: 'k' })
    drain(outbox)
    outbox.acknowledge(1)
    expect(told).toEqual(['a waits', 'a goes', 'b waits', 'b 1', 'b goes'])
  })
})

describe('what a former page left', () => {
  test('comes before what waits, with its numbers', () => {
    const { outbox, push } = create()
    push('new')
    outbox.restore(4, [messageOf('five'), messageOf('six')], [messageOf('waited')])
    expect(sums(outbox)).toEqual({ acknowledged: 4, queued: 2, bytes: 16, sent: 2 })
    expect(drain(outbox)).toEqual(['five', 'six', 'waited', 'new'])
    expect([outbox.acknowledge(7), outbox.acknowledge(9)]).toEqual([true, false])
    expect(sums(outbox)).toEqual({ acknowledged: 7, queued: 0, bytes: 3, sent: 1 })
  })

  test('gives way to a newer one of its key', () => {
    const { outbox, told, push } = create()
    push({ frame: 'new', latest: 'k' })
    outbox.restore(0, [], [withdrawable('old', { latest: 'k' }), withdrawable('other', { latest: 'l' })])
    expect(drain(outbox)).toEqual(['other', 'new'])
    expect(told).toContain('old goes')
  })
})
