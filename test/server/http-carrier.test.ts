import { describe, expect, test } from 'vitest'
import { desk } from './http-desk.ts'

describe('all of them', () => {
  test('close: told when the last words were told', async () => {
    const { clock, post, open, carriers } = desk()
    const one = await open()
    const other = await open('another-carrier-of-a-test')
    const poll = post({ poll: 9_000 })
    let drained = 0
    for (const { carrier } of [one, other]) {
      carrier.send('{"bye":{}}')
      carrier.close(4410)
    }
    carriers.close(() => drained++)
    await clock.advance(1_000)
    expect([poll.lines.length, drained]).toEqual([2, 0])
    expect(post({ carrier: 'a-new-carrier-of-a-test', push: 1 }, 'hello').status).toBe(503)
    post({ carrier: 'another-carrier-of-a-test', poll: 9_000 })
    await clock.advance(0)
    expect(drained).toBe(1)
    carriers.terminate()
    expect([clock.pending, one.closes, other.closes]).toEqual([0, 0, 0])
  })

  test('close at once where there are none', () => {
    let drained = false
    desk().carriers.close(() => (drained = true))
    expect(drained).toBe(true)
  })

  test('terminate: what hangs is answered, and nothing is left', async () => {
    const { clock, post, open, carriers } = desk()
    const one = await open()
    const other = await open('another-carrier-of-a-test')
    const hanging = [
      post({ poll: 9_000 }),
      post({ push: 3 }, 'x'),
      post({ carrier: 'another-carrier-of-a-test', poll: 9_000, stream: true }),
    ]
    one.carrier.send('unsaid')
    carriers.terminate()
    expect(hanging.map(({ status, ended }) => [status, ended])).toEqual([
      [410, true],
      [410, true],
      [200, true],
    ])
    await clock.advance(0)
    expect([one.closes, other.closes, clock.pending]).toEqual([1, 1, 0])
    expect([post({ poll: 9 }).status, post({ push: 1 }, 'hello').status]).toEqual([410, 503])
  })

  test('more than may be are turned away; closed ones are not counted', async () => {
    const { clock, open, post } = desk({ carriers: 2 })
    const one = await open('carrier-number-one')
    await open('carrier-number-two')
    expect(post({ push: 1 }, 'hello').status).toBe(503)
    one.carrier.close()
    await clock.advance(0)
    expect(post({ push: 1 }, 'hello').status).toBe(200)
  })

  test('closed ones are remembered to a number', async () => {
    const { clock, open, post } = desk({ carriers: 20_000 })
    const first = await open('the-first-carrier')
    const hanging = post({ carrier: 'the-first-carrier', push: 3 }, 'x')
    first.carrier.send('unsaid')
    first.carrier.close(4409)
    expect(hanging.status).toBe(200)
    for (let number = 0; number < 10_000; number++) {
      post({ carrier: `the-next-carrier-${number}`, push: 1, close: true }, 'hello')
    }
    expect(post({ carrier: 'the-first-carrier', poll: 1 })).toMatchObject({ status: 410, lines: [] })
    expect(clock.pending).toBe(10_000)
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })
})

describe('strangers', () => {
  test('cannot have got what was never said', async () => {
    const { clock, post, open } = desk()
    const taken = await open()
    taken.carrier.send('1')
    expect([post({ got: 2, poll: 1 }).status, taken.messages]).toEqual([400, ['hello']])
    const poll = post({ poll: 10 })
    await clock.advance(0)
    expect(poll.lines.slice(1)).toEqual(['1'])
  })

  test('from another page: not with somebody else’s carrier', async () => {
    const { post, open } = desk()
    const taken = await open()
    expect(post({ push: 2 }, 'x', 'https://evil.test').status).toBe(403)
    expect(post({ carrier: 'no-carrier-of-anybody', poll: 1 }, '', 'https://evil.test').status).toBe(403)
    expect(taken.messages).toEqual(['hello'])
  })

  test('who are refused may fetch the words that say so', async () => {
    const { clock, post } = desk({
      accept(carrier) {
        carrier.send('{"bye":{}}')
        carrier.close(4403)
        return { message() {}, fault() {}, close() {} }
      },
    })
    const opening = post({ push: 1, poll: 9_000 }, 'hello', 'https://evil.test')
    await clock.advance(0)
    const again = post({ push: 1, poll: 9_000 }, 'hello', 'https://evil.test')
    await clock.advance(0)
    expect(opening.lines).toEqual(['{"push":1,"from":1}', '{"bye":{}}'])
    expect(again.lines).toEqual(opening.lines)
    expect(post({ poll: 9_000, got: 1 }, '', 'https://evil.test').lines).toEqual(['{"code":4403}'])
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })
})
