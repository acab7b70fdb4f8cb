import { seededRandom, virtualClock } from 'holdfast/testing'
import type { Envelope } from '../../src/server/envelope.ts'
import { createHttpTransport } from '../../src/transports/http.ts'
import type { Post, PostEvents } from '../../src/transports/post.ts'

/** One POST of the carrier, for the test to answer. */
export interface Asked {
  readonly url: string
  readonly envelope: Envelope
  readonly lines: readonly string[]
  readonly outlives: boolean
  readonly priority: 'low' | undefined
  isGivenUp: boolean
  /** Gives the head and lines of an answer that goes on. `from`: the number of the first one. */
  begin(from: number, ...lines: string[]): void
  /** A part of its text, as it is. */
  text(part: string): void
  /** The end. */
  end(status?: number, body?: string, retryAfter?: number): void
  /** All at once. */
  answer(from: number, ...lines: string[]): void
}

/** An HTTP carrier whose server is the test. */
export const setUp = ({ mayStream = false, url = 'wss://host/live?route=x' } = {}) => {
  const clock = virtualClock(1_000)
  const asked: Asked[] = []
  const told: string[] = []
  let last = 0
  const post: Post = (target, body, outlives, events: PostEvents, priority) => {
    const [first, ...lines] = body.split('\n')
    const envelope = JSON.parse(first!) as Envelope
    last = Math.max(last, envelope.push ?? 0)
    const one: Asked = {
      url: target,
      envelope,
      lines: lines.filter((line) => line),
      outlives,
      priority,
      isGivenUp: false,
      begin: (from, ...said) => one.text([`{"push":${last},"from":${from}}`, ...said, ''].join('\n')),
      text: (part) => one.isGivenUp || events.text(part),
      end: (status = 200, text = '', retryAfter) => one.isGivenUp || events.done(status, text, retryAfter),
      answer(from, ...said) {
        one.begin(from, ...said)
        one.end()
      },
    }
    asked.push(one)
    return () => (one.isGivenUp = true)
  }
  const transport = createHttpTransport({ post, clock, random: seededRandom(1) }, mayStream)
  const dial = () =>
    transport(url, {
      open: () => told.push('open'),
      message: (packet) => told.push(typeof packet === 'string' ? packet : `<${packet.join()}>`),
      close: (code, reason, retryAfter) => told.push(`close ${[code, reason, retryAfter].join(' ').trimEnd()}`),
    })
  const carrier = dial()
  return {
    clock,
    carrier,
    dial,
    told,
    /** What was posted since the last look. */
    asked: () => asked.splice(0),
    /** The one POST that was made since the last look. */
    async next(): Promise<Asked> {
      if (!(await clock.runUntil(() => asked.length > 0, 1_000_000))) throw new Error('nothing is posted')
      return asked.shift()!
    },
    /** What is done at once is done. */
    settle: () => clock.advance(0),
  }
}

/** The same, open: it said `hello` and heard `welcome` 40 ms later. `poll` is the first one. */
export const setUpOpen = async (options?: Parameters<typeof setUp>[0]) => {
  const desk = setUp(options)
  await desk.settle()
  desk.carrier.send('hello')
  const opening = await desk.next()
  await desk.clock.advance(40)
  opening.answer(1, 'welcome')
  const poll = await desk.next()
  desk.told.length = 0
  return { ...desk, opening, poll }
}
