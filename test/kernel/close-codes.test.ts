import { describe, expect, test } from 'vitest'
import { errorCodeOf, isFinal } from '../../src/kernel/close-codes.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('no further try may follow', () => {
  test('a 44xx but for the five that name a way out, and a message too big', () => {
    const open = [4401, 4408, 4410, 4425, 4429]
    expect(range(1000, 4999).filter(isFinal)).toEqual([
      1009,
      ...range(4400, 4499).filter((code) => !open.includes(code)),
    ])
  })

  // sockette and rxjs take 1000 and 1001 for the end; they are what a deploying server says.
  test.each([0, 1000, 1001, 1005, 1006, 1011, 1012, 1013, 3000, 4000, 4399, 4500, 4503])(
    'but after %i it may',
    (code) => {
      expect(isFinal(code)).toBe(false)
    },
  )
})

test.each([
  [1000, 'closed'],
  [1001, 'unreachable'],
  [1006, 'unreachable'],
  [1009, 'too-large'],
  [4400, 'protocol'],
  [4401, 'unauthorized'],
  [4403, 'forbidden'],
  [4404, 'closed'],
  [4409, 'superseded'],
  [4410, 'session-lost'],
  [4413, 'too-large'],
  [4429, 'try-later'],
  [4500, 'unreachable'],
  [4503, 'try-later'],
])('%i is told as %s', (code, word) => {
  expect(errorCodeOf(code)).toBe(word)
})
