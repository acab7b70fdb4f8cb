import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, createQueue } from '../../src/wire/queue.ts'

type Policy = 'reject' | 'drop-oldest' | 'drop-newest'

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ push: fc.string({ maxLength: 6 }), latest: fc.constantFrom('a', 'b', undefined) }),
  },
  { weight: 1, arbitrary: fc.record({ take: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat(5) }) },
)

const bounds = fc.record({
  maxMessages: fc.integer({ min: 1, max: 5 }),
  maxBytes: fc.integer({ min: 1, max: 20 }),
  overflow: fc.constantFrom<Policy>('reject', 'drop-oldest', 'drop-newest'),
})

test('nothing is lost without a word, out of order, or beyond the bounds, whatever is done', () => {
  fc.assert(
    fc.property(bounds, fc.array(step, { maxLength: 60 }), ({ maxMessages, maxBytes, overflow }, steps) => {
      const dropped: Entry[] = []
      const queue = createQueue({ maxMessages, maxBytes, overflow }, (entry) => dropped.push(entry))
      /** What should be in it. */
      let waiting: Entry[] = []
      // Each says whether something was wrong.
      const push = (data: string, latest: string | undefined): boolean => {
        const entry: Entry = { name: 'x', data, latest }
        const isReplacing = waiting.some((other) => latest !== undefined && other.latest === latest)
        const before = dropped.length
        const isIn = queue.push(entry)
        const gone = dropped.slice(before)
        waiting = waiting.filter((other) => !gone.includes(other))
        if (isIn && !gone.includes(entry)) waiting.push(entry)
        if (!isIn) return overflow !== 'reject' || gone.length > 0
        // Only one that takes another's place may be more than there is room for.
        return waiting.includes(entry) && !isReplacing && queue.bytes > maxBytes
      }
      const take = (count: number): boolean => {
        const taken: Entry[] = []
        if (count > 0)
          for (const entry of queue.take(0)) {
            taken.push(entry)
            if (taken.length === count) break
          }
        return (
          taken.some((entry, index) => entry !== waiting[index]) || waiting.splice(0, count).length !== taken.length
        )
      }
      const remove = (index: number): boolean =>
        waiting.splice(index, 1).some((entry) => !queue.remove(entry) || queue.remove(entry))
      for (const action of steps) {
        const isWrong =
          'push' in action
            ? push(action.push, action.latest)
            : 'take' in action
              ? take(action.take)
              : remove(action.remove)
        const bytes = Buffer.byteLength(waiting.map(({ data }) => data).join(''))
        const keys = waiting.flatMap(({ latest }) => latest ?? [])
        expect({ action, isWrong, size: queue.size, bytes: queue.bytes, keys: new Set(keys).size }).toEqual({
          action,
          isWrong: false,
          size: waiting.length,
          bytes,
          keys: keys.length,
        })
        expect(queue.size).toBeLessThanOrEqual(maxMessages)
      }
    }),
  )
})
