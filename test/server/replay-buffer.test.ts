import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReplayBuffer } from '../../src/server/replay-buffer.ts'

test('whatever is lost and told again, each line arrives once and in order, and nothing is kept that arrived', () => {
  const step = fc.oneof(
    fc.record({ add: fc.array(fc.constantFrom('a', 'bb', 'ccc', ''), { maxLength: 4 }) }),
    fc.record({ tell: fc.nat(12), arrives: fc.boolean() }),
    fc.record({ confirm: fc.nat(3) }),
    fc.constant({ rewind: true }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffer = createReplayBuffer()
      const sent: string[] = []
      const arrived: string[] = []
      for (const each of steps) {
        if ('add' in each) {
          const lines = each.add.map((line) => line && `${line}${sent.length}`)
          buffer.add(lines.join('\n'))
          sent.push(...lines.join('\n').split('\n'))
        } else if ('tell' in each) {
          const { from } = buffer
          const lines = buffer.tell(each.tell).split('\n').slice(0, -1)
          // As a client: what came is passed over, and what would leave a gap is not believed.
          if (each.arrives && from <= arrived.length + 1) arrived.push(...lines.slice(arrived.length + 1 - from))
        } else if ('confirm' in each) buffer.confirm(Math.max(0, arrived.length - each.confirm))
        else buffer.rewind()
      }
      expect(arrived).toEqual(sent.slice(0, arrived.length))
      expect(buffer.last).toBe(sent.length)
      buffer.confirm(arrived.length)
      buffer.rewind()
      const left = sent.slice(arrived.length).map((line) => `${line}\n`)
      expect([buffer.size, buffer.untold]).toEqual([left.join('').length, left.join('').length])
      expect([buffer.tell(Infinity), buffer.untold, buffer.from]).toEqual([left.join(''), 0, sent.length + 1])
    }),
  )
})

test('what was told is known at any time, even if it was confirmed before it was told', () => {
  const buffer = createReplayBuffer()
  for (const packet of ['1', '2\n3', '4']) buffer.add(packet)
  expect(buffer.tell(1)).toBe('1\n')
  buffer.confirm(2)
  expect([buffer.from, buffer.untold, buffer.size]).toEqual([3, 4, 4])
  expect(buffer.tell(1)).toBe('3\n')
})
