import { describe, expect, test } from 'vitest'
import type { TraceEvent } from 'holdfast/testing'
import { abbreviate } from './abbreviate.ts'
import { drawDiagram, drawMermaid } from './diagram.ts'

const lines = (events: readonly TraceEvent[], options = {}): string[] =>
  drawDiagram(events, options)
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())

describe('a packet in few words', () => {
  test.each([
    [
      '{"hello":{"session":"x","attempt":3,"nonce":"y","from":17,"got":42}}\n["say",{"n":1}]\n["say",{"n":2}]',
      'hello 3, from 17 got 42, say ×2',
    ],
    ['{"welcome":{"got":20,"from":43,"life":"z","up":1,"limit":9}}', 'welcome, got 20 from 43'],
    ['{"ping":2,"ack":1}', 'ping 2 ack 1'],
    ['{"bye":{"code":4410,"got":7},"ack":0}', 'bye 4410 got 7 ack 0'],
    ['{"volatile":["say"]}', 'volatile'],
    [
      '["ask",{},1]\n[1,{}]\n[2,null,1]\n[3,null,{"code":"x","message":"y"}]\n[4]',
      'ask 1, answer 1, item of 2, failure 3, cancel 4',
    ],
    ['{"carrier":"c","got":0,"push":1,"poll":4000}\n=AAAA', '[push 1 poll], bytes'],
    ['{"carrier":"c","got":0,"push":2,"close":true}', '[push 2 close]'],
    ['{"carrier":"c","got":0,"poll":9,"stream":true}', '[stream]'],
    ['{"push":1,"from":5}\n["say",1]', '[push 1], say'],
    ['["say",{"text":"a piece of something long that was cut', '["say",{"text":"a piece …'],
    [new Uint8Array(5), 'bytes (5)'],
    [{ up: 20 }, '{"up":20}'],
    [undefined, ''],
  ])('%j', (packet, expected) => {
    expect(abbreviate(packet)).toBe(expected)
  })
})

describe('a diagram', () => {
  test('shows who says what to whom, one column each', () => {
    const drawn = drawDiagram([
      [0, 'a up', 'says 1 say'],
      [0, 'a#1', 'client sends', '["say",{}]'],
      [20, 'a#1', 'server gets', '["say",{}]'],
      [20, 'a up', 'delivers 1'],
      [30, 'a#1', 'server sends', '{"ack":1}'],
      [50, 'a#1', 'client gets', '{"ack":1}'],
    ])
    expect(drawn.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' '))).toEqual([
      ' a │ network │ server',
      ' 0.0 says 1 say │ │',
      ' 0.0 ──▶ │ a#1 say │',
      ' 20.0 │ a#1 say │ ──▶',
      ' 20.0 │ │ delivers 1 (a)',
      ' 30.0 │ a#1 ack 1 │ ◀──',
      ' 50.0 ◀── │ a#1 ack 1 │',
    ])
    const bars = drawn.split('\n').map((line) => line.indexOf('│'))
    expect(new Set(bars).size).toBe(1)
  })

  test('has a column for each tab, and faults where they strike', () => {
    expect(
      lines([
        [0, 'b', 'sleeps: timers'],
        [1, 'a#2', 'is cut'],
        [2, 'a#2', 'will be cut', { up: 9 }],
        [3, 'b down 1', 'says 1 say'],
        [4, 'b down 1', 'delivers 1'],
        [5, 'server', 'is killed'],
      ]),
    ).toEqual([
      'a │ b │ network │ server',
      '0.0 │ sleeps: timers │ │',
      '1.0 │ │ a#2 is cut │',
      '2.0 │ │ a#2 will be cut {"up":9} │',
      '3.0 │ │ │ says 1 say (b)',
      '4.0 │ delivers 1 │ │',
      '5.0 │ │ │ is killed',
    ])
  })

  test('leaves out quiet times and what was long ago, and joins what only counts on', () => {
    const events: TraceEvent[] = [
      [0, 'a', 'wakes'],
      [1, 'a', 'sleeps'],
      ...[1, 2, 3].map((number): TraceEvent => [2, 'a up', `says ${number} say`]),
      [2, 'a up', 'says 5 say'],
      [2, 'a up', 'says 6 keyed'],
      [5_000, 'VIOLATED', 'a up: 2 arrived twice'],
    ]
    expect(lines(events, { rows: 4 })).toEqual([
      'a │ network │ server',
      '⋮ 2 rows before',
      '2.0 says 1–3 say │ │',
      '2.0 says 5 say │ │',
      '2.0 says 6 keyed │ │',
      '⋮ 5.0 s',
      '5000.0 ✗ a up: 2 arrived twice',
    ])
    expect(lines(events, { quiet: 10_000 })).not.toContain('⋮ 5.0 s')
  })

  test('cuts what is too long for its column', () => {
    const [, row] = drawDiagram([[0, 'a#1', 'meets', 'x'.repeat(100)]]).split('\n')
    expect(row).toContain('…')
    expect(row?.length).toBeLessThan(120)
  })
})

test('the same for Mermaid', () => {
  const events: TraceEvent[] = [
    [1_000, 'a#1', 'client posts', '{"carrier":"c","got":0,"push":1}\n["say"]'],
    [1_020, 'a#1', 'is cut'],
    [1_040, 'VIOLATED', 'a up: 1 of 1 never arrived'],
  ]
  expect(drawMermaid(events)).toBe(`sequenceDiagram
  participant a
  participant network
  participant server
  a->>network: 1.000 a 1 [push 1], say
  Note over network: 1.020 a 1 is cut
  Note over a,server: VIOLATED 1.040 a up  1 of 1 never arrived`)
})
