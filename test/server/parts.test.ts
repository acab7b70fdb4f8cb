import { describe, expect, test } from 'vitest'
import type { Packet } from 'holdfast/testing'
import { inParts, isDeep } from '../../src/server/parts.ts'

const partsOf = (packet: Packet, most = Infinity): [Packet, number][] => {
  const parts: [Packet, number][] = []
  inParts(packet, (...part) => parts.push(part) < most)
  return parts
}
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('a packet', () => {
  test.each<[string, Packet]>([
    ['empty', ''],
    ['a line', '["say",1]'],
    ['bytes', new Uint8Array([1, 10, 10])],
  ])('that is %s is one part of one line', (_, packet) => {
    expect(partsOf(packet)).toEqual([[packet, 1]])
  })

  test('of some lines is one part, and each line counts, empty ones too', () => {
    expect(partsOf('a\n\nb\n')).toEqual([['a\n\nb\n', 4]])
  })

  test('of many lines has parts of a thousand, of which nothing is left out', () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => `["say",${index}]`)
    const parts = partsOf(lines.join('\n'))
    expect(parts.map(([, count]) => count)).toEqual([1_000, 1_000, 500])
    expect(parts.flatMap(([part]) => (part as string).split('\n'))).toEqual(lines)
    expect(partsOf(lines.slice(0, 1_000).join('\n'))).toHaveLength(1)
  })

  test('is not looked at any further than it is wanted', () => {
    expect(partsOf('\n'.repeat(1_000_000), 2)).toHaveLength(2)
  })
})

describe('nesting', () => {
  test('is counted where it is, and not in strings', () => {
    const padding = ' '.repeat(1_000)
    expect(isDeep(nested(500) + padding)).toBe(false)
    expect(isDeep(nested(501) + padding)).toBe(true)
    expect(isDeep('[{"a":'.repeat(251) + padding)).toBe(true)
    expect(isDeep(`${'[[],'.repeat(501)}${padding}`)).toBe(true)
    expect(isDeep('[],'.repeat(5_000))).toBe(false)
    expect(isDeep(`["${'['.repeat(5_000)}"]`)).toBe(false)
    expect(isDeep(`["\\"${'['.repeat(5_000)}\\\\"]`)).toBe(false)
    expect(isDeep(`["\\\\",${nested(600)}]`)).toBe(true)
    expect(isDeep(`["${'['.repeat(5_000)}`)).toBe(false)
  })

  test('is looked for in linear time, whatever stands in strings, and in however many lines', () => {
    const before = performance.now()
    const brackets = '[],'.repeat(300)
    for (const text of [`"${'\\'.repeat(2_000_000)}`, '"'.repeat(2_000_000), `"${'\\"'.repeat(1_000_000)}`])
      expect(isDeep(brackets + text)).toBe(false)
    expect(partsOf(`${'x'.repeat(600)}\n`.repeat(40_000)).length).toBe(41)
    expect(partsOf(`${'['.repeat(600)}\n`.repeat(4_000)).length).toBe(4_001)
    // Anything else takes minutes.
    expect(performance.now() - before).toBeLessThan(10_000)
  })

  test('that is too deep makes of a line one of its kind that is no frame, and leaves the others alone', () => {
    const deep = `["say",${nested(600)}]`
    const lines = ['["a"]', deep, '["b"]', `{"volatile":${deep}}`, '["c"]']
    const parts = partsOf(lines.join('\n'))
    expect(
      parts.map(([part]) =>
        (part as string)
          .split('\n')
          .filter(Boolean)
          .map((line) => line.slice(0, 8)),
      ),
    ).toEqual([['["a"]'], ['["say",['], ['["b"]'], ['{"volati'], ['["c"]']])
    expect(parts.map(([, count]) => count)).toEqual([1, 1, 1, 1, 1])
    for (const index of [1, 3]) expect(() => JSON.parse(parts[index]![0] as string) as unknown).toThrow(SyntaxError)
    expect(partsOf(`${deep}\n${deep}`).map(([, count]) => count)).toEqual([1, 1])
  })
})
