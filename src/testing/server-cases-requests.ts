import { enter } from './server-trial.ts'
import type { Case } from './server-cases-resume.ts'
import { expectEqual, fail } from './trial.ts'

interface Failure {
  readonly code: string
  readonly message: string
  readonly reason?: string
}

/** So many items may wait to be acknowledged, and what one packet has beside. docs/protocol.md#streams */
const BACKLOG = 1_000
const SLACK = 100

/** Requests both ways, and streams. docs/protocol.md#requests */
export const requestCases: readonly Case[] = [
  [
    'answers requests by their ids',
    async (harness) => {
      const peer = await enter(harness, {}, ['echo', 'one', 1])
      peer.send(['echo', null, 2], ['echo', { deep: [1] }, 3], ['echo', 'far', 2 ** 53 - 1])
      await peer.until('four answers', () => peer.frames.length === 4)
      const answers = new Map(peer.frames.map(([id, data]) => [id, data]))
      expectEqual(
        [1, 2, 3, 2 ** 53 - 1].map((id) => answers.get(id) ?? null),
        ['one', null, { deep: [1] }, 'far'],
        'answers by id',
      )
    },
  ],
  ...(
    [
      ['nobody handles', 'nobody', 'unknown-request', undefined],
      ['is named as objects’ members are', 'constructor', 'unknown-request', undefined],
      ['is named as objects’ prototype is', '__proto__', 'unknown-request', undefined],
      ['is refused with a reason', 'refuse', undefined, 'no'],
      ['fails', 'fail', 'handler-failed', undefined],
    ] as const
  ).map(([what, name, code, reason]): Case => [
    `answers a request that ${what}`,
    async (harness) => {
      const peer = await enter(harness, {}, [name, null, 1])
      await peer.until('the answer', () => peer.frames.length > 0)
      const [id, data, failure = {} as Failure] = peer.frames[0] as [number, null, Failure?]
      expectEqual([id, data], [1, null], 'the head of the failure')
      if (typeof failure.message !== 'string') fail('a failure has a message')
      if (code !== undefined) expectEqual(failure.code, code, 'its code')
      expectEqual(failure.reason, reason, 'its reason')
      if (reason !== undefined) expectEqual(failure.message, 'Not today', 'its message')
      if (/secret/.test(failure.message)) fail(`what a handler throws is nobody's business: ${failure.message}`)
      peer.send(['echo', 'next', 2])
      await peer.until('the next answer', () => peer.frames.some(([head]) => head === 2))
    },
  ]),
  [
    'tells a handler that its asker withdrew, and does not answer',
    async (harness) => {
      const peer = await enter(harness, {}, ['hang', null, 1])
      peer.send([1])
      await peer.until('the event "withdrawn"', () => peer.frames.length > 0)
      peer.send(['echo', 'next', 2])
      await peer.until('the next answer', () => peer.frames.length > 1)
      await harness.settle()
      expectEqual(
        peer.frames.map(([head]) => head),
        ['withdrawn', 2],
        'heads of what came',
      )
    },
  ],
  [
    'answers an id once, though it comes again while it is being answered',
    async (harness) => {
      const peer = await enter(harness, {}, ['hang', null, 1])
      peer.send(['echo', 'again', 1], ['echo', 'another', 2])
      await peer.expect([2, 'another'])
      expectEqual(await peer.sync(), 3, 'what the server has')
    },
  ],
  [
    'repeats an answer, and does not answer again what is asked again',
    async (harness) => {
      const first = await enter(harness, {}, ['echo', 'once', 1])
      await first.expect([1, 'once'])
      first.drop()
      const { session, welcome } = first
      const second = await enter(harness, { session, attempt: 2, life: welcome.life }, ['echo', 'once', 1])
      await second.expect([1, 'once'])
      expectEqual(await second.sync(), 1, 'what the server has')
    },
  ],
  [
    'asks, and takes answers and failures',
    async (harness) => {
      const peer = await enter(harness, {}, ['ask', 'who?'], ['ask', 'and you?'])
      await peer.until('two questions', () => peer.frames.length >= 2)
      const questions = peer.frames as [string, unknown, number][]
      expectEqual(
        questions.map(([name, data]) => [name, data]),
        [
          ['name', 'who?'],
          ['name', 'and you?'],
        ],
        'its questions',
      )
      const [one, other] = questions.map(([, , id]) => id)
      if (one === other) fail(`two questions have the id ${one}`)
      peer.send([one, 'ann'], [other, null, { code: 'request-failed', message: 'No', reason: 'shy' }], [one, 'late'])
      await peer.until('what it was answered', () => peer.frames.length >= 4)
      await harness.settle()
      expectEqual(
        peer.frames.slice(2),
        [
          ['answered', 'ann'],
          ['answered', { reason: 'shy' }],
        ],
        'what it was answered',
      )
    },
  ],
  [
    'streams items, and then says that it is over',
    async (harness) => {
      const peer = await enter(harness, {}, ['count', 3, 1], ['count', 0, 2])
      await peer.until('the ends', () => peer.frames.filter((frame) => frame.length === 2).length >= 2)
      await harness.settle()
      const of = (id: number): unknown[] => peer.frames.filter(([head]) => head === id)
      expectEqual(
        of(1),
        [
          [1, 1, 1],
          [1, 2, 1],
          [1, 3, 1],
          [1, null],
        ],
        'a stream of three',
      )
      expectEqual(of(2), [[2, null]], 'an empty stream')
    },
  ],
  [
    'goes on with a stream over another connection, where its client stands',
    async (harness) => {
      const first = await enter(harness, {}, ['count', 500, 1])
      await first.until('some items', () => first.frames.length >= 10)
      first.drop()
      const { session, welcome } = first
      const got = 10
      const second = await enter(harness, { session, attempt: 2, from: 2, got, life: welcome.life })
      await second.until('the end', () => second.frames.at(-1)?.length === 2)
      const numbers = [...first.frames.slice(0, got), ...second.frames].map(([, number]) => number)
      expectEqual(numbers, [...Array.from({ length: 500 }, (_, index) => index + 1), null], 'its numbers')
    },
  ],
  [
    'holds a stream back whose client acknowledges nothing, and goes on when it does',
    async (harness) => {
      const peer = await enter(harness, {}, ['count', 20 * BACKLOG, 1])
      await peer.until('some items', () => peer.frames.length >= BACKLOG / 2)
      await harness.settle()
      const held = peer.frames.length
      if (held > BACKLOG + SLACK) fail(`${held} items came, and nobody had acknowledged any`)
      peer.send({ ack: held })
      await peer.until('more items', () => peer.frames.length > held)
      peer.send([1])
      await peer.until('the event "withdrawn"', () => peer.frames.some(([head]) => head === 'withdrawn'))
      const at = peer.frames.findIndex(([head]) => head === 'withdrawn')
      peer.send({ ack: peer.frames.length })
      await harness.settle()
      if (peer.frames.slice(at).some(([head]) => head === 1)) fail('items came behind the end of a stream')
    },
  ],
]
