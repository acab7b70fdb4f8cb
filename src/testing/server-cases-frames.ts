import { dialServer, enter, helloOf } from './server-trial.ts'
import type { Case } from './server-cases-resume.ts'
import { expectEqual, fail } from './trial.ts'

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** For the tables: to load this module draws no chance. */
const ID = '0123456789abcdef'.repeat(2)

/** A first packet that is no hello. */
const wrongOpenings: readonly [what: string, line: unknown][] = [
  ['an event', ['say', 1]],
  ['no JSON', '{hello'],
  ['a hello without a nonce', { hello: { session: ID, attempt: 1, from: 1, got: 0 } }],
  ['a hello whose session can be guessed', helloOf({}, 'short', ID)],
  ['a hello from number 0', helloOf({ from: 0 }, ID, ID)],
  ['a hello whose attempt is no count', helloOf({ attempt: -1 }, ID, ID)],
]

/** Frames that a server passes over, each with what it counts for. docs/protocol.md#bad-input */
const nonsense: readonly [what: string, lines: readonly unknown[], counted: number][] = [
  ['what is no JSON', ['["say",', 'nonsense'], 2],
  ['a control frame that is no JSON', ['{"ping":1', '{{}}'], 0],
  ['arrays that are no frames', [[], [null, 1], [true], ['say', 1, 2, 3, 4, 5], [-1], [1.5, 2]], 6],
  ['what is no array, but counted', ['7', '"say"', 'null'], 3],
  ['an event that nobody listens to', [['nobody', 1], ['__proto__', 1], ['constructor']], 3],
  [
    'an answer that nobody asked for',
    [[99, 'an answer'], [98], [97, 1, 1], [96, null, { code: 'no', message: '' }]],
    4,
  ],
  ['what nests too deep', [`["say",${deep(600)}]`, `{"x":${deep(600)}}`], 1],
  ['empty lines', ['', '', ''], 0],
  ['unknown control keys', [{ color: 'blue' }, {}, { toString: 1, __proto__: 2 }], 0],
  [
    'known control keys with values that they cannot have',
    [{ ack: 'all' }, { pong: {} }, { volatile: 7 }, { ping: -1 }],
    0,
  ],
  ['another hello', [helloOf({}, ID, ID)], 0],
]

/** Numbers, acknowledgements, control frames, and what cannot be used. docs/protocol.md#numbers */
export const frameCases: readonly Case[] = [
  [
    'acknowledges what it got',
    async (harness) => {
      const peer = await enter(harness, {}, ['say', 1], ['say', 2])
      await peer.until('{"ack":2}', () => peer.controls.some(({ ack }) => ack === 2))
      for (let number = 3; number <= 102; number++) peer.send(['say', number])
      await peer.until('{"ack":102}', () => peer.controls.some(({ ack }) => ack === 102))
      const acks = peer.controls.flatMap(({ ack }) => ack ?? [])
      expectEqual(
        acks,
        acks.toSorted((one, other) => one - other),
        'acknowledgements',
      )
    },
  ],
  [
    'answers a ping, and acknowledges all that went before it',
    async (harness) => {
      const peer = await enter(harness)
      peer.send(['say', 1], ['say', 2], { ping: 7 })
      expectEqual(await peer.said('pong'), 7, 'the pong')
      const at = peer.controls.findIndex(({ pong }) => pong === 7)
      expectEqual(Math.max(...peer.controls.slice(0, at + 1).map(({ ack }) => ack ?? 0)), 2, 'what it acknowledges')
    },
  ],
  [
    'counts no control frames, and delivers what is volatile',
    async (harness) => {
      const peer = await enter(harness)
      peer.send({ volatile: ['say', 'fleeting'] }, ['say', 'counted'], { ping: 1, pong: 5, ack: 0 })
      await peer.expect(['said', 'fleeting'], ['said', 'counted'])
      expectEqual(await peer.sync(), 1, 'what the server has')
    },
  ],
  [
    'knows all keys of one control frame',
    async (harness) => {
      const peer = await enter(harness, {}, ['say', 1])
      await peer.expect(['said', 1])
      peer.send({ ack: 1, ping: 3, volatile: ['say', 2], unknown: true })
      expectEqual(await peer.said('pong'), 3, 'the pong')
      await peer.expect(['said', 1], ['said', 2])
    },
  ],
  [
    'takes data of any kind, and none',
    async (harness) => {
      const peer = await enter(harness)
      const values = [null, false, 0, '', 'ä\u{1F94A}\u2028\n', [], { a: { __proto__x: [1, null] } }, 2 ** 53 - 1]
      peer.send(...values.map((value) => ['say', value]))
      await peer.expect(...values.map((value) => ['said', value]))
      peer.send(['say'])
      await peer.until('the last event', () => peer.frames.length > values.length)
      expectEqual(peer.frames.at(-1)![1] ?? null, null, 'data of an event without')
    },
  ],
  [
    'takes bytes, and says them',
    async (harness) => {
      const peer = await enter(harness)
      peer.send(['say', 'before'])
      peer.sendBytes(['say', null], [0, 10, 255, 13, 10])
      peer.sendBytes(['say', null], [])
      peer.send(['say', 'after'])
      await peer.expect(
        ['said', 'before'],
        [
          ['said', null],
          [0, 10, 255, 13, 10],
        ],
        [['said', null], []],
        ['said', 'after'],
      )
    },
  ],
  [
    'takes lines in whatever packets they come',
    async (harness) => {
      const peer = await enter(harness)
      peer.send(`\n["say",1]\n\n["say",2]\n`)
      peer.send('')
      peer.send(...Array.from({ length: 200 }, (_, index) => ['say', index + 3]))
      await peer.expect(...Array.from({ length: 202 }, (_, index) => ['said', index + 1]))
    },
  ],
  [
    'takes a frame of 65,536 bytes',
    async (harness) => {
      const peer = await enter(harness)
      const text = 'x'.repeat(65_536 - '["say",""]'.length)
      peer.send(['say', text])
      await peer.until('its echo', () => peer.frames.length > 0)
      if (peer.frames[0]?.[1] !== text) fail('it came back changed')
    },
  ],
  ...wrongOpenings.map(([what, line]): Case => [
    `ends a connection that opens with ${what}`,
    async (harness) => {
      const peer = await dialServer(harness)
      peer.send(line)
      await peer.expectBye(4400)
    },
  ]),
  [
    'ends a connection that opens with bytes',
    async (harness) => {
      const peer = await dialServer(harness)
      peer.sendBytes(helloOf(), [1])
      await peer.expectBye(4400)
    },
  ],
  ...nonsense.map(([what, lines, counted]): Case => [
    `passes over ${what}, and counts ${counted} of ${lines.length}`,
    async (harness) => {
      const peer = await enter(harness)
      peer.send(...lines)
      peer.send(['say', 'on it goes'])
      await peer.until('what follows', () => peer.frames.some(([, data]) => data === 'on it goes'))
      expectEqual(await peer.sync(), counted + 1, 'what the server has')
      expectEqual(peer.frames, [['said', 'on it goes']], 'what came')
    },
  ]),
]
