import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Packet, type Transport, seededRandom, virtualClock, virtualLifecycle } from 'holdfast/testing'
import { createSocket } from '../../src/connect.ts'
import { createHttpTransport } from '../../src/transports/http.ts'
import type { Post } from '../../src/transports/post.ts'
import { virtualMemory } from '../../src/testing/memory.ts'
import { body, speech } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { createServer, dialTo } from './server.ts'

/** Tries that a client may make in a minute of trouble: the first waits are anywhere between 0 and 1 s. */
const MOST_TRIES = 150
const MINUTE = 60_000

/** What a connection does: says its packets, each after a pause, and closes with a code, or stays. */
const connection = fc.record({
  opens: fc.boolean(),
  packets: speech('server'),
  pause: fc.constantFrom(0, 1, 50, 3_000),
  code: fc.option(fc.constantFrom(0, 1000, 1001, 1006, 1009, 1011, 4400, 4401, 4410, 4429, 4503, 65_535)),
})

test('a client takes whatever comes, without haste, and goes on where a good server is', async () => {
  await fuzz(fc.array(connection, { minLength: 1, maxLength: 4 }), { usual: 200, part: 0.01 }, async (hostile) => {
    const clock = virtualClock(1_000)
    const { core, faults } = createServer(clock)
    let tries = 0
    const toGoodServer = dialTo(core, clock)
    const transport: Transport = (url, events) => {
      const script = hostile[tries++]
      if (!script || clock.now() > MINUTE) return toGoodServer(url, events)
      let isOver = false
      const { opens, packets, pause, code } = script
      const steps: (() => void)[] = [
        ...(opens ? [events.open] : []),
        ...(opens ? packets.map((packet) => () => events.message(packet)) : []),
        ...(code === null ? [] : [() => ((isOver = true), events.close(code, 'because'))]),
      ]
      const next = (): void => {
        const step = isOver ? undefined : steps.shift()
        if (!step) return
        step()
        clock.after(pause, next)
      }
      clock.soon(next)
      return { transport: 'websocket', bufferedAmount: 0, send: () => {}, close: () => void (isOver = true) }
    }
    const reported: unknown[] = []
    const socket = createSocket(
      'wss://server.test/live',
      { transport: 'websocket', auth: 'ann' },
      {
        clock,
        random: seededRandom(1),
        lifecycle: virtualLifecycle(),
        memory: virtualMemory(),
        network: { roundTrip: () => -1 },
        transport,
        post: undefined,
        report: (error) => reported.push(error),
      },
    )
    const heard: unknown[] = []
    socket.on('said', (data) => heard.push(data))
    socket.handle('ask', () => 'me')
    socket.send('say', 'first')
    await clock.advance(MINUTE)
    expect(tries).toBeLessThan(MOST_TRIES)
    // What is still open may be one that says nothing any more.
    socket.reconnect()
    await clock.runUntil(() => ['open', 'closed'].includes(socket.status.get().state), MINUTE)
    const { state, cause } = socket.status.get()
    const sums: unknown[] = []
    if (state === 'open') void socket.request('add', [1, 2]).then((sum) => sums.push(sum))
    await clock.advance(2_000)
    if (!(state === 'open' ? sums[0] === 2 : cause)) throw new Error(`${state}: ${String(cause)}`)
    void socket.close({ timeout: 0 })
    await clock.advance(3 * MINUTE)
    expect([clock.pending, core.sessions.size, faults, reported]).toEqual([0, 0, [], []])
  })
})

/** How a POST is answered: in parts, each after a pause, and with a status in the end, or never. */
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 0, 204, 400, 403, 410, 413, 429, 500, 502, 503),
  parts: fc.array(body('server'), { maxLength: 3 }),
  pause: fc.constantFrom(0, 1, 1, 300, 5_000),
  retryAfter: fc.option(fc.constantFrom(1, 1_000, Infinity), { nil: undefined }),
  ends: fc.boolean(),
})

test('an HTTP carrier takes whatever answers come, asks no more often than it should, and ends once', async () => {
  await fuzz(fc.array(answer, { minLength: 1, maxLength: 8 }), { usual: 200, part: 0.02 }, async (answers) => {
    const clock = virtualClock(1_000)
    let posts = 0
    const post: Post = (_url, _body, _outlive, { text, done }) => {
      const { status, parts, pause, retryAfter, ends } = answers[posts++ % answers.length]!
      let isOver = false
      const tell = (i: number): void => {
        if (isOver) return
        if (i < parts.length && status === 200) text(parts[i]!)
        else if (i >= parts.length && ends) return done(status, parts[0] ?? '', retryAfter)
        if (i < parts.length) clock.after(pause, () => tell(i + 1))
      }
      clock.after(1 + pause, () => tell(0))
      return () => (isOver = true)
    }
    const told: Packet[] = []
    let ends = 0
    const carrier = createHttpTransport({ post, clock, random: seededRandom(1) })('wss://server.test/live', {
      open: () => carrier.send('hello'),
      message: (packet) => {
        told.push(packet)
        expect(ends).toBe(0)
      },
      close: (code) => {
        expect(Number.isSafeInteger(code)).toBe(true)
        ends++
      },
    })
    for (let second = 0; second < 60; second++) {
      if (second % 10 === 0) carrier.send(`["say",${second}]`)
      await clock.advance(1_000)
    }
    expect(posts).toBeLessThan(60 * 1_000)
    expect(ends).toBeLessThan(2)
    carrier.close()
    await clock.advance(MINUTE)
    expect(clock.pending).toBe(0)
    const { length } = told
    await clock.advance(MINUTE)
    expect(told).toHaveLength(length)
  })
})
