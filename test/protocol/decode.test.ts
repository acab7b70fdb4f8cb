import { describe, expect, test } from 'vitest'
import type { HoldfastError } from '../../src/kernel/errors.ts'
import { decodeControl, decodeFrame, isCount } from '../../src/protocol/decode.ts'
import { usedHeap } from '../tools/heap.ts'

const malformed = expect.objectContaining({ code: 'malformed-frame' }) as unknown
const encoder = new TextEncoder()
/** What is found wrong with a control line. */
const faultsOf = (line: string): HoldfastError[] => {
  const faults: HoldfastError[] = []
  decodeControl(line, (error) => faults.push(error))
  return faults
}
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? Array.from(encoder.encode(part)) : part)))

describe('a line that is a frame', () => {
  test.each<[string, unknown]>([
    ['["a"]', ['a']],
    ['["a",null]', ['a', null]],
    ['["",0]', ['', 0]],
    ['["a",{"b":[1]},0]', ['a', { b: [1] }, 0]],
    ['[0]', [0]],
    ['[7,"x"]', [7, 'x']],
    ['[7,"x",1]', [7, 'x', 1]],
    ['[7,null,{"code":"c","message":"m"}]', [7, null, { code: 'c', message: 'm' }]],
    [
      '[7,null,{"code":"c","message":"m","reason":"r","later":1}]',
      [7, null, { code: 'c', message: 'm', reason: 'r', later: 1 }],
    ],
    [`[${Number.MAX_SAFE_INTEGER}]`, [Number.MAX_SAFE_INTEGER]],
    [' [ "a" , 1 ] ', ['a', 1]],
  ])('%s', (line, frame) => {
    expect(decodeFrame(line)).toEqual(frame)
  })

  test('names of a prototype’s members are names, and its keys are data', () => {
    expect(decodeFrame('["__proto__",1]')).toEqual(['__proto__', 1])
    const [, data] = decodeFrame('["a",{"__proto__":{"admin":true},"constructor":1}]') as [string, object]
    expect(Object.keys(data)).toEqual(['__proto__', 'constructor'])
    expect(data).not.toHaveProperty('admin')
    expect({}).not.toHaveProperty('admin')
  })

  test('may be followed by bytes, and then has them for data', () => {
    expect(decodeFrame(bytes('["a",null]\n', [0, 10, 255]))).toEqual(['a', new Uint8Array([0, 10, 255])])
    expect(decodeFrame(bytes('["a",null,3]\n'))).toEqual(['a', new Uint8Array(), 3])
  })
})

describe('a line that is none', () => {
  test.each([
    '',
    ' ',
    'a',
    'null',
    '1',
    '"a"',
    '{}',
    '[]',
    '[',
    '["a"',
    '["a",1,2,3]',
    '["a",1,"2"]',
    '["a",1,-1]',
    '["a",1,1.5]',
    '["a",1,null]',
    '["a",1,9007199254740992]',
    '[-1]',
    '[1.5]',
    '[1e300]',
    '[9007199254740992]',
    '[true]',
    '[null,1]',
    '[["a"],1]',
    '[{"__proto__":"a"},1]',
    '[7,1,2]',
    '[7,1,true]',
    '[7,null,{}]',
    '[7,null,{"code":1,"message":"m"}]',
    '[7,null,{"code":"c"}]',
    '[7,null,{"code":"c","message":"m","reason":1}]',
    '[7,null,["c","m"]]',
    '[7,null,null]',
    '["a",NaN]',
    '["a",1]]',
    '["a",1]\u0000',
    "['a']",
    '\ud800',
  ])('%s', (line) => {
    expect(decodeFrame(line)).toEqual(malformed)
  })

  test('nested deeper than any stack', () => {
    const depth = 200_000
    expect(decodeFrame('['.repeat(depth))).toEqual(malformed)
    expect(decodeFrame('['.repeat(depth) + ']'.repeat(depth))).toEqual(malformed)
  })

  test('half a character', () => {
    expect(decodeFrame(bytes('["ä",null]\n', [1]))).toEqual(['ä', new Uint8Array([1])])
    expect(decodeFrame(bytes('["', [0xf0, 0x9f, 0xa5], '",null]\n', [1]))).toEqual(malformed)
    expect(decodeFrame(bytes([0xff, 10, 1]))).toEqual(malformed)
  })

  test('bytes where there is no line before them', () => {
    const texts = ['', '\n', '\n["a"]', '["a",\n1]', '["a",null]', '["a",null]x', '["a"]\nno place', '[5]\nno place']
    for (const text of texts) expect(decodeFrame(bytes(text)), text).toEqual(malformed)
    expect(decodeFrame(bytes([1, 2, 3]))).toEqual(malformed)
  })

  test('is kept by its error no longer than it is quoted', () => {
    const before = usedHeap()
    const errors: unknown[] = []
    const fail = (i: number): void => {
      const line = `{"key${i}${'9'.repeat(1_000_000)}":1}`
      errors.push(decodeFrame(line), ...faultsOf(line), ...faultsOf(line.slice(0, -1)))
    }
    for (let i = 0; i < 20; i++) fail(i)
    expect(errors).toHaveLength(60)
    expect(usedHeap() - before).toBeLessThan(5_000_000)
  })

  test('is quoted in the error, but not all of it', () => {
    const { message } = decodeFrame(`["a",${'9'.repeat(1_000)}`) as HoldfastError
    expect(message).toMatch(/^Not a frame: \["a",9+$/)
    expect(message.length).toBeLessThan(100)
  })
})

describe('counts', () => {
  test.each([0, 1, Number.MAX_SAFE_INTEGER])('%s is one', (value) => {
    expect(isCount(value)).toBe(true)
  })
  test.each([-1, 1.5, NaN, Infinity, 2 ** 53, '1', null, undefined, [1], true])('%s is none', (value) => {
    expect(isCount(value)).toBe(false)
  })
})

/** What of a control line was taken, and the codes of what was found wrong. */
const control = (line: string): [taken: unknown, faults: string[]] => [
  decodeControl(line, () => {}),
  faultsOf(line).map(({ code }) => code),
]

test('keys that nobody knows are one error, however many they are', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`)
  expect(control(`{${keys.join()},"ack":1}`)).toEqual([{ ack: 1 }, ['unknown-control']])
})

describe('a control line', () => {
  const welcome = { life: 'l', from: 1, got: 0, limit: 65_536, up: 1 }

  test.each<object>([
    {},
    { ack: 0 },
    { ping: 1, pong: 2, ack: 3 },
    { volatile: ['a', { b: 1 }] },
    { volatile: ['a'] },
    { welcome },
    { welcome: { ...welcome, unheardOf: true } },
    { bye: { code: 4410 } },
    { bye: { code: 4410, reason: 'r', got: 3, retry: { after: 1, spread: 2 } } },
    { bye: { code: 4503, retry: false } },
    { bye: { code: 4503, retry: { after: 1 } } },
  ])('%j is taken as it stands', (parts) => {
    expect(control(JSON.stringify(parts))).toEqual([parts, []])
  })

  test.each([
    { ack: -1 },
    { ack: '1' },
    { ack: null },
    { ping: 1.5 },
    { pong: [] },
    { volatile: 'a' },
    { volatile: [7, 1] },
    { volatile: ['a', 1, 2] },
    { volatile: { 0: 'a', length: 1 } },
    { welcome: null },
    { welcome: [] },
    { welcome: { ...welcome, got: -1 } },
    { welcome: { ...welcome, life: undefined } },
    { welcome: { ...welcome, limit: '65536' } },
    { bye: 4410 },
    { bye: {} },
    { bye: { code: '4410' } },
    { bye: { code: 4410, reason: 1 } },
    { bye: { code: 4410, retry: true } },
    { bye: { code: 4410, retry: { after: -1 } } },
    { bye: { code: 4410, retry: { after: 1, spread: '2' } } },
  ])('%j has nothing to take', (parts) => {
    expect(control(JSON.stringify(parts))).toEqual([{}, ['malformed-frame']])
  })

  test('keeps what is good of it: one bad part takes no other along', () => {
    expect(control('{"ack":3,"ping":"x","pong":1}')).toEqual([{ ack: 3, pong: 1 }, ['malformed-frame']])
  })

  test.each(['future', '__proto__', 'constructor', 'toString', 'hello', ''])(
    '%o is a key that is passed over',
    (key) => {
      expect(control(`{"ack":1,${JSON.stringify(key)}:{"admin":true}}`)).toEqual([{ ack: 1 }, ['unknown-control']])
      expect({}).not.toHaveProperty('admin')
    },
  )

  test.each(['', '{', '{"ack":}', 'null', '{"ack":1}{', '{"a":"\ud800'])('%o is none at all', (line) => {
    expect(control(line)).toEqual([{}, ['malformed-frame']])
  })
})
