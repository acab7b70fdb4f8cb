import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { readBody } from '../../src/server/body.ts'
import { createBudget } from '../../src/server/budget.ts'
import { createHttpCarriers, hostOf } from '../../src/server/http-carrier.ts'
import { body } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { createGoodPeer, createServer, request } from './server.ts'

/** The longest that an answer may hang (ms), and then some. */
const LONGEST_POLL = 61_000

const STATUSES = [200, 400, 403, 410, 413, 503]

/** An answer that knows how it may be given. */
const createAnswer = () => {
  let status = 0
  let text = ''
  let ended = false
  const go = (): void => {
    if (ended) throw new Error('An answer went on after its end')
  }
  return {
    get isWhole() {
      return ended && STATUSES.includes(status) && (status !== 200 || /^\{"push":\d+,"from":\d+\}\n/.test(text))
    },
    send(code: number, whole: string) {
      go()
      if (status !== 0) throw new Error('An answer began twice')
      status = code
      text = whole
      ended = true
    },
    write(part: string) {
      go()
      status = 200
      text += part
    },
    end() {
      go()
      ended = true
    },
  }
}

const exchanges = fc.array(fc.tuple(body('client'), fc.boolean(), fc.constantFrom(0, 0, 30, 2_000)), {
  minLength: 1,
  maxLength: 6,
})

test('POSTs are answered, once and in time, whatever they say', async () => {
  const clock = virtualClock(1_000)
  const { core, faults } = createServer(clock, { keep: 5_000 })
  let count = 0
  await fuzz(exchanges, { usual: 200, part: 0.02 }, async (posts) => {
    const carriers = createHttpCarriers(hostOf(core, clock))
    const answers = []
    for (const [text, isAbandoned, pause] of posts) {
      const answer = createAnswer()
      const abandon = carriers.exchange(request, text, answer)
      if (isAbandoned && !answer.isWhole) abandon()
      else answers.push(answer)
      await clock.advance(pause)
    }
    await clock.advance(LONGEST_POLL)
    expect(answers.filter((answer) => !answer.isWhole)).toEqual([])
    const good = await createGoodPeer(core, clock, `a-good-peer-that-goes-${++count}`)
    await good.talk()
    await good.leave()
    expect(faults).toEqual([])
    carriers.terminate()
  })
  await clock.advance(200_000)
  expect([core.sessions.size, clock.pending]).toEqual([0, 0])
})

const chunks = fc.array(
  fc.tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      body('client').map((text) => new TextEncoder().encode(text)),
    ),
    fc.nat(3_000),
  ),
  { maxLength: 8 },
)
const ends = fc.constantFrom('end', 'close', 'error', undefined)

test('a body is told once, as text or as the status that it deserves', async () => {
  const clock = virtualClock(1_000)
  await fuzz(fc.tuple(chunks, ends, fc.constantFrom(10, 100, 2_000_000)), { usual: 400, part: 0.2 }, async (input) => {
    const [parts, ending, maxBytes] = input
    const told: unknown[] = []
    let isDestroyed = false
    const incoming = Object.assign(new EventEmitter(), { destroy: () => (isDestroyed = true) })
    readBody(
      incoming as unknown as IncomingMessage,
      { clock, maxBytes, timeout: 10_000, budget: createBudget(Infinity) },
      (one) => told.push(one),
    )
    for (const [chunk, pause] of parts) {
      if (isDestroyed) break
      incoming.emit('data', chunk)
      await clock.advance(pause)
    }
    if (ending) incoming.emit(ending, ...(ending === 'error' ? [new Error('reset')] : []))
    expect(told.length).toBeGreaterThanOrEqual(ending === 'end' && !isDestroyed ? 1 : 0)
    incoming.emit('close')
    expect(told.length).toBeLessThan(2)
    for (const one of told) expect(typeof one === 'string' || [400, 408, 413].includes(one as number)).toBe(true)
    expect(clock.pending).toBe(0)
  })
})
