import { describe, expect, test } from 'vitest'
import {
  type DropReason,
  type Encoded,
  type Entry,
  type Outbox,
  createOutbox,
  sizeOf,
} from '../../src/kernel/outbox.ts'

const ROOMY = { maxMessages: 1_000, maxBytes: 1_000_000 }
const LIMIT = 100

const create = (bounds = ROOMY): { outbox: Outbox; dropped: [Encoded, DropReason][] } => {
  const dropped: [Encoded, DropReason][] = []
  return { outbox: createOutbox(bounds, (frame, why) => dropped.push([frame, why])), dropped }
}
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

test('bytes are those of UTF-8', () => {
  expect(['', 'abc', 'ä', '漢', '🥊', '\u007f', '\u0080'].map(sizeOf)).toEqual([0, 3, 2, 3, 4, 1, 2])
  expect(sizeOf(new Uint8Array(7))).toBe(7)
})

describe('an outbox', () => {
  test('gives what it was given, in order, once', () => {
    const { outbox } = create()
    for (const frame of ['a', 'b', 'c']) outbox.push(frame)
    expect(drain(outbox)).toEqual(['a', 'b', 'c'])
    expect(drain(outbox)).toEqual([])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 3, sent: 3 })
  })

  test('keeps it until it is acknowledged, and gives it again to the next carrier', () => {
    const { outbox } = create()
    for (const frame of ['a', 'b', 'c']) outbox.push(frame)
    drain(outbox)
    expect(outbox.acknowledge(2)).toBe(true)
    outbox.push('d')
    outbox.rewind()
    expect(drain(outbox)).toEqual(['c', 'd'])
    expect(sums(outbox)).toEqual({ acknowledged: 2, queued: 0, bytes: 2, sent: 2 })
  })

  test('an acknowledgement while it is being given again leaves nothing out', () => {
    const { outbox } = create()
    for (const frame of ['a', 'b', 'c']) outbox.push(frame)
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
    const { outbox } = create()
    outbox.push('a')
    outbox.push('b')
    outbox.next(0, LIMIT, true)
    expect(outbox.acknowledge(2)).toBe(false)
    expect(outbox.acknowledge(1)).toBe(true)
    expect([outbox.acknowledge(1), outbox.acknowledge(0)]).toEqual([true, true])
    expect(sums(outbox)).toEqual({ acknowledged: 1, queued: 1, bytes: 1, sent: 0 })
  })

  test('is emptied for the next session, which counts anew', () => {
    const { outbox } = create()
    const entry: Entry = { frame: 'c' }
    outbox.push('a')
    drain(outbox)
    outbox.push('b')
    outbox.push(entry)
    expect(outbox.clear()).toEqual([['a'], ['b', entry]])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 0, sent: 0 })
    expect(drain(outbox)).toEqual([])
  })
})

describe('its bounds', () => {
  test('count what waits and what is out, in messages', () => {
    const { outbox } = create({ maxMessages: 2, maxBytes: 100 })
    outbox.push('a')
    drain(outbox)
    expect([outbox.push('b'), outbox.push('c')]).toEqual([true, false])
    outbox.acknowledge(1)
    expect(outbox.push('c')).toBe(true)
    expect(drain(outbox)).toEqual(['b', 'c'])
  })

  test('count bytes, not characters', () => {
    const { outbox } = create({ maxMessages: 100, maxBytes: 6 })
    expect([outbox.push('漢'), outbox.push('漢'), outbox.push('a')]).toEqual([true, true, false])
    expect(sums(outbox)).toMatchObject({ queued: 2, bytes: 6 })
  })

  test('give way to what must go', () => {
    const { outbox } = create({ maxMessages: 0, maxBytes: 0 })
    expect([outbox.push('a'), outbox.push('b', true)]).toEqual([false, true])
    expect(drain(outbox)).toEqual(['b'])
  })

  test('let in what takes the place of another', () => {
    const { outbox } = create({ maxMessages: 1, maxBytes: 1 })
    outbox.push({ frame: 'a', latest: 'k' })
    expect(outbox.push({ frame: 'bb', latest: 'k' })).toBe(true)
    expect(drain(outbox)).toEqual(['bb'])
  })
})

describe('`latest`', () => {
  test('replaces what waits under the same key, at the end of the queue', () => {
    const { outbox } = create()
    for (const [frame, latest] of ['a1', 'x', 'b1', 'a2'].map((frame) => [
      frame,
      /\d/.test(frame) ? frame[0] : undefined,
    ]))
      outbox.push({ frame: frame!, latest })
    expect(outbox.queued).toBe(3)
    expect(drain(outbox)).toEqual(['x', 'b1', 'a2'])
  })

  test('leaves alone what was sent', () => {
    const { outbox } = create()
    outbox.push({ frame: 'a1', latest: 'a' })
    drain(outbox)
    outbox.push({ frame: 'a2', latest: 'a' })
    outbox.rewind()
    expect(drain(outbox)).toEqual(['a1', 'a2'])
  })

  test('the empty key is one, too', () => {
    const { outbox } = create()
    outbox.push({ frame: 'a', latest: '' })
    outbox.push({ frame: 'b', latest: '' })
    outbox.push({ frame: 'c' })
    expect(drain(outbox)).toEqual(['b', 'c'])
  })

  test('what is replaced and withdrawn while nothing can be sent does not pile up', () => {
    const { outbox } = create()
    for (let index = 0; index < 10_000; index++) {
      outbox.push({ frame: `${index}`, latest: 'k' })
      const entry: Entry = { frame: 'asked' }
      outbox.push(entry)
      outbox.withdraw(entry)
    }
    expect(sums(outbox)).toMatchObject({ queued: 1, bytes: 4 })
    const [, waited] = outbox.clear()
    expect(waited.length).toBeLessThan(100)
    expect(waited.filter((item) => (item as Entry).frame)).toHaveLength(1)
  })
})

test('what is sent already is not sent again when the rest is tidied up', () => {
  const { outbox } = create()
  const frames = Array.from({ length: 100 }, (_, index) => `${index}`)
  for (const frame of frames) outbox.push(frame)
  for (let index = 0; index < 90; index++) outbox.next(0, LIMIT, true)
  for (let index = 0; index < 200; index++) outbox.push({ frame: `k${index}`, latest: 'k' })
  expect(drain(outbox)).toEqual([...frames.slice(90), 'k199'])
})

describe('what has expired', () => {
  test('is dropped where it would have been sent, and told', () => {
    const { outbox, dropped } = create()
    for (const [frame, expiresAt] of [
      ['a', 10],
      ['b', 11],
      ['c', undefined],
    ] as const)
      outbox.push({ frame, expiresAt })
    expect(drain(outbox, 10)).toEqual(['b', 'c'])
    expect(dropped).toEqual([['a', 'expired']])
    expect(sums(outbox)).toMatchObject({ queued: 0, bytes: 2, sent: 2 })
  })

  test('takes no number: once sent, a message stays', () => {
    const { outbox, dropped } = create()
    outbox.push({ frame: 'a', expiresAt: 10 })
    drain(outbox, 9)
    outbox.rewind()
    expect(drain(outbox, 99)).toEqual(['a'])
    expect(dropped).toEqual([])
  })

  test('who hears of it may push and withdraw', () => {
    const later: Entry = { frame: 'later' }
    const outbox = createOutbox(ROOMY, () => {
      outbox.push('new')
      outbox.withdraw(later)
    })
    outbox.push({ frame: 'old', expiresAt: 0 })
    outbox.push(later)
    outbox.push('last')
    expect(drain(outbox, 1)).toEqual(['last', 'new'])
    expect(sums(outbox)).toMatchObject({ queued: 0, bytes: 7 })
  })
})

describe('what is over the limit', () => {
  test('waits while the limit is only presumed, and so does all behind it', () => {
    const { outbox, dropped } = create()
    for (const frame of ['a', 'b'.repeat(11), 'c']) outbox.push(frame)
    expect(drain(outbox, 0, 10, false)).toEqual(['a'])
    expect(drain(outbox, 0, 11, true)).toEqual(['b'.repeat(11), 'c'])
    expect(dropped).toEqual([])
  })

  test('is dropped once the limit is known, and told', () => {
    const { outbox, dropped } = create()
    for (const frame of ['a', '漢漢漢漢', 'c']) outbox.push(frame)
    expect(drain(outbox, 0, 10, true)).toEqual(['a', 'c'])
    expect(dropped).toEqual([['漢漢漢漢', 'too-large']])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 2, sent: 2 })
  })
})

describe('withdrawing', () => {
  test('takes back what waits, once', () => {
    const { outbox } = create()
    const entry: Entry = { frame: 'b' }
    outbox.push('a')
    outbox.push(entry)
    expect([outbox.withdraw(entry), outbox.withdraw(entry)]).toEqual([true, false])
    expect(sums(outbox)).toMatchObject({ queued: 1, bytes: 1 })
    expect(drain(outbox)).toEqual(['a'])
  })

  test('comes too late for what was sent, replaced or dropped', () => {
    const { outbox } = create()
    const entries: Entry[] = [
      { frame: 'a' },
      { frame: 'b', latest: 'k' },
      { frame: 'c', latest: 'k' },
      { frame: 'd', expiresAt: 0 },
    ]
    for (const entry of entries) outbox.push(entry)
    drain(outbox, 1)
    expect(entries.map(outbox.withdraw)).toEqual([false, false, false, false])
    expect(sums(outbox)).toEqual({ acknowledged: 0, queued: 0, bytes: 2, sent: 2 })
  })
})
