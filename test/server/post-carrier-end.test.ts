import { describe, expect, test } from 'vitest'
import type { Carrier } from 'holdfast/testing'
import { desk } from './http-desk.ts'

describe('the end', () => {
  const closing = async (): Promise<ReturnType<typeof desk> & { carrier: Carrier; closes: () => number }> => {
    const all = desk()
    const taken = await all.open()
    return { ...all, carrier: taken.carrier, closes: () => taken.closes }
  }

  test('by the server: the hanging poll is told the last lines, what comes then why it closed', async () => {
    const { clock, post, carrier, closes } = await closing()
    const poll = post({ poll: 9_000 })
    carrier.send('{"bye":{}}')
    carrier.close(4409, 'Elsewhere')
    carrier.send('too late')
    await clock.advance(0)
    expect(poll.lines).toEqual(['{"push":1,"from":1}', '{"bye":{}}'])
    const after = post({ got: 1, poll: 9_000 })
    expect([after.status, after.lines]).toEqual([410, ['{"code":4409,"reason":"Elsewhere"}']])
    expect(post({ push: 2, got: 1 }, 'x').status).toBe(410)
    await clock.advance(9_000)
    expect(post({ poll: 1, got: 1 }).lines).toEqual(['{"code":4409,"reason":"Elsewhere"}'])
    await clock.advance(1_000)
    expect([post({ poll: 1, got: 1 }).lines, closes(), clock.pending]).toEqual([[], 0, 0])
  })

  test.each([[{ poll: 9_000 }], [{ poll: 9_000, stream: true }]])(
    'lines come first to a poll that comes late: %j',
    async (poll) => {
      const { clock, post, carrier } = await closing()
      carrier.send('{"bye":{}}')
      carrier.close(4410)
      await clock.advance(5_000)
      const push = post({ push: 2 }, '=not even base64')
      const late = post(poll)
      await clock.advance(0)
      expect([push.lines, late.lines, late.ended]).toEqual([
        ['{"push":2,"from":1}'],
        ['{"push":2,"from":1}', '{"bye":{}}'],
        true,
      ])
      const lost = post(poll)
      await clock.advance(0)
      expect(lost.lines).toEqual(['{"push":2,"from":1}', '{"bye":{}}'])
      expect(post({ ...poll, got: 1 })).toMatchObject({ status: 410, lines: ['{"code":4410}'] })
    },
  )

  test('with nothing left to say: a poll is told at once, a stream ends', async () => {
    const first = await closing()
    const poll = first.post({ poll: 9_000 })
    first.carrier.close()
    await first.clock.advance(0)
    expect([poll.status, poll.lines]).toEqual([410, []])
    const second = await closing()
    const stream = second.post({ poll: 9_000, stream: true })
    second.carrier.close(4408)
    second.carrier.close(4409)
    await second.clock.advance(0)
    expect([stream.ended, second.post({ poll: 1 }).lines]).toEqual([true, ['{"code":4408}']])
  })

  test('a push that waits for its turn is answered, too', async () => {
    const { post, carrier } = await closing()
    const held = post({ push: 3 }, 'x')
    carrier.close(4409)
    expect(held.status).toBe(410)
  })

  test('many last lines are remembered for as long as somebody fetches them', async () => {
    const { clock, post, carrier } = await closing()
    carrier.send('1\n2\n3')
    carrier.close()
    await clock.advance(8_000)
    post({ poll: 1, got: 1 })
    await clock.advance(8_000)
    const late = post({ poll: 1, got: 1 })
    await clock.advance(0)
    expect(late.lines.slice(1)).toEqual(['2', '3'])
    await clock.advance(2_000)
    expect([post({ poll: 1, got: 1 }).status, clock.pending]).toEqual([410, 0])
  })

  test('by the client: after its last lines', async () => {
    const { clock, post, taken, carrier, closes } = await closing()
    const poll = post({ poll: 9_000 })
    const last = post({ push: 2, close: true, poll: 9_000 }, '{"bye":{}}')
    expect([taken[0]!.messages.filter(Boolean), closes(), last.lines]).toEqual([
      ['hello', '{"bye":{}}'],
      1,
      ['{"push":2,"from":1}'],
    ])
    carrier.send('too late')
    await clock.advance(0)
    expect([poll.status, post({ poll: 9 }).status]).toEqual([410, 410])
    await clock.advance(10_000)
    expect([clock.pending, closes()]).toEqual([0, 1])
  })

  test('by silence: a poll is broken off, and nothing follows for ten seconds', async () => {
    const { clock, post, carrier, closes } = await closing()
    carrier.send('1')
    post({ poll: 60_000, stream: true }).abandon()
    await clock.advance(9_999)
    expect(closes()).toBe(0)
    await clock.advance(1)
    expect(closes()).toBe(1)
    expect(post({ poll: 1 }).status).toBe(410)
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })

  test('not if an exchange follows', async () => {
    const { clock, post, closes } = await closing()
    post({ poll: 60_000 }).abandon()
    await clock.advance(9_000)
    post({ push: 2 }, 'x')
    await clock.advance(30_000)
    expect(closes()).toBe(0)
  })

  test('not of the newer poll, if the older one breaks', async () => {
    const { clock, post, closes } = await closing()
    const first = post({ poll: 60_000 })
    post({ poll: 60_000 })
    first.abandon()
    await clock.advance(50_000)
    expect(closes()).toBe(0)
  })

  test('by a client that confirms nothing: it cannot make the server keep ever more', async () => {
    const { clock, post, taken, carrier, closes } = await closing()
    for (let line = 0; line < 20 && closes() === 0; line++) {
      carrier.send('x'.repeat(65_536))
      await clock.advance(10)
      post({ poll: 1 })
    }
    expect([closes(), taken[0]!.faults.map(({ code }) => code), carrier.bufferedAmount]).toEqual([1, ['overflow'], 0])
    expect(post({ poll: 1 }).status).toBe(410)
  })
})
