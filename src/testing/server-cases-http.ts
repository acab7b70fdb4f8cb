import type { Case } from './server-cases-resume.ts'
import { enter, helloOf, newId, type ServerHarness } from './server-trial.ts'
import { expectEqual, fail } from './trial.ts'

/** An exchange. */
interface Exchanged {
  /** What came so far: whole lines. */
  readonly lines: () => unknown[]
  /** Its status; undefined while it goes on. */
  readonly status: () => number | undefined
  readonly giveUp: () => void
}

/** Posts an envelope and what belongs to it. */
const post = (harness: ServerHarness, envelope: object, ...lines: readonly unknown[]): Exchanged => {
  let text = ''
  let status: number | undefined
  const body = [envelope, ...lines].map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const giveUp = harness.post!(harness.url.replace(/^ws/, 'http'), body, false, {
    text: (part) => (text += part),
    done: (of) => (status = of),
  })
  return {
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => (line.startsWith('=') ? line : (JSON.parse(line) as unknown))),
    status: () => status,
    giveUp,
  }
}

/** Waits for the end of an exchange, and looks at it. */
const answerOf = async (harness: ServerHarness, exchanged: Exchanged, status = 200): Promise<unknown[]> => {
  await harness.until(() => exchanged.status() !== undefined)
  expectEqual(exchanged.status(), status, 'the status')
  return exchanged.lines()
}

/** All that came on a carrier, told apart from the heads, once. */
const open = async (harness: ServerHarness, ...lines: readonly unknown[]) => {
  const carrier = newId()
  const { hello } = helloOf()
  const [head, first, ...rest] = await answerOf(
    harness,
    post(harness, { carrier, got: 0, push: 1, poll: 2_000 }, { hello }, ...lines),
  )
  expectEqual(head, { push: 1, from: 1 }, 'the head')
  const { welcome } = first as { welcome?: { life: string } }
  if (!welcome) fail(`a welcome was to come, not ${JSON.stringify(first)}`)
  return { carrier, session: hello['session'], life: welcome!.life, rest, got: 1 + rest.length }
}

type Frames = readonly unknown[]
const isCounted = (line: unknown): boolean => Array.isArray(line)

/** HTTP carriers. docs/protocol.md#http */
const cases: readonly Case[] = [
  [
    'opens an HTTP carrier in one exchange',
    async (harness) => {
      const { carrier, rest, got } = await open(harness, ['echo', 'hello', 1])
      const answers: unknown[] = [...rest]
      for (let at = got; !answers.some(isCounted);) {
        const [, ...lines] = await answerOf(harness, post(harness, { carrier, got: at, poll: 2_000 }))
        at += lines.length
        answers.push(...lines)
      }
      expectEqual(answers.filter(isCounted), [[1, 'hello']], 'what came')
    },
  ],
  [
    'takes a push once whose answer was lost, and says lines again that were',
    async (harness) => {
      const { carrier, got } = await open(harness)
      for (let time = 0; time < 3; time++)
        expectEqual(
          (await answerOf(harness, post(harness, { carrier, got, push: 2 }, ['say', 'once'])))[0],
          { push: 2, from: got + 1 },
          'the head',
        )
      const seen: Frames[] = []
      for (let time = 0; time < 2; time++) {
        await harness.settle()
        const [head, ...lines] = await answerOf(harness, post(harness, { carrier, got, poll: 2_000 }))
        expectEqual((head as { from: number }).from, got + 1, 'from of the head')
        seen.push(lines.filter(isCounted))
      }
      expectEqual(seen, [[['said', 'once']], [['said', 'once']]], 'what came')
    },
  ],
  [
    'begins a streamed answer at once, and goes on line by line',
    async (harness) => {
      const { carrier, got } = await open(harness)
      const stream = post(harness, { carrier, got, poll: 20_000, stream: true })
      await harness.until(() => stream.lines().length > 0)
      for (const [index, text] of ['one', 'two'].entries()) {
        await answerOf(harness, post(harness, { carrier, got, push: 2 + index }, ['say', text]))
        await harness.until(() => stream.lines().filter(isCounted).length > index)
      }
      expectEqual(
        stream.lines().filter(isCounted),
        [
          ['said', 'one'],
          ['said', 'two'],
        ],
        'what came',
      )
      expectEqual(stream.status(), undefined, 'the status of an answer that goes on')
      stream.giveUp()
    },
  ],
  [
    'lets a newer poll supersede an older one',
    async (harness) => {
      const { carrier, got } = await open(harness)
      const older = post(harness, { carrier, got, poll: 20_000 })
      await harness.settle()
      const newer = post(harness, { carrier, got, poll: 20_000 })
      expectEqual((await answerOf(harness, older)).filter(isCounted), [], 'what the older one brought')
      await answerOf(harness, post(harness, { carrier, got, push: 2 }, ['say', 'hello']))
      await harness.until(() => newer.lines().length > 0)
      newer.giveUp()
    },
  ],
  [
    'takes bytes in a line, and says them so',
    async (harness) => {
      const { carrier, got } = await open(harness)
      const line = `=${btoa('["say",null]\n\u0000\u00ff')}`
      await answerOf(harness, post(harness, { carrier, got, push: 2 }, line))
      await harness.settle()
      const lines = await answerOf(harness, post(harness, { carrier, got, poll: 2_000 }))
      const bytes = lines.find((line) => typeof line === 'string')
      expectEqual(bytes && atob(bytes.slice(1)), '["said",null]\n\u0000\u00ff', 'what came')
    },
  ],
  [
    'knows no carrier that it was not told of, and takes no body without an envelope',
    async (harness) => {
      await answerOf(harness, post(harness, { carrier: newId(), got: 0, poll: 1_000 }), 410)
      await answerOf(harness, post(harness, { carrier: newId(), got: 3, push: 1 }, helloOf()), 410)
      await answerOf(harness, post(harness, ['say', 1]), 400)
      await answerOf(harness, post(harness, { carrier: 'short', got: 0, push: 1 }, helloOf()), 400)
    },
  ],
  [
    'moves a session from HTTP to a WebSocket, and tells the carrier that it left',
    async (harness) => {
      const { carrier, got, session, life } = await open(harness)
      const left = post(harness, { carrier, got, poll: 20_000 })
      await harness.settle()
      const peer = await enter(harness, { session, attempt: 2, life })
      const bye = (await answerOf(harness, left)).find((line) => (line as { bye?: object }).bye)
      expectEqual((bye as { bye?: { code: number } } | undefined)?.bye?.code, 4409, 'the code of the bye')
      peer.send(['say', 'over here'])
      await peer.expect(['said', 'over here'])
      await answerOf(harness, post(harness, { carrier, got: got + 1, poll: 1_000 }), 410)
    },
  ],
]

/** Where the server has no such carriers, they have nothing to do. */
export const httpCases: readonly Case[] = cases.map(([name, run]) => [
  name,
  async (harness) => {
    if (harness.post) await run(harness)
  },
])
