import { describe, expect, test } from 'vitest'
import { desk } from './http-desk.ts'

describe('what is lost on the way', () => {
  test('the answer to a push: the push is repeated, and not taken twice', async () => {
    const { post, open } = desk()
    const taken = await open()
    post({ push: 2 }, '["say",1]').abandon()
    const again = post({ push: 2 }, '["say",1]')
    expect([again.status, again.lines]).toEqual([200, ['{"push":2,"from":1}']])
    post({ push: 3 }, '["say",2]')
    expect(taken.messages.filter(Boolean)).toEqual(['hello', '["say",1]', '["say",2]'])
  })

  test('the answer to a poll: its lines are told again, and nothing else', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    carrier.send('1\n2')
    post({ poll: 1_000 })
    await clock.advance(0)
    carrier.send('3')
    const again = post({ got: 0, poll: 1_000 })
    await clock.advance(0)
    expect(again.lines).toEqual(['{"push":1,"from":1}', '1', '2', '3'])
  })

  test('both', async () => {
    const { clock, post, open } = desk()
    const taken = await open()
    const lost = post({ push: 2, poll: 1_000 }, '["ask",1]')
    taken.carrier.send('["answer",1]')
    await clock.advance(0)
    expect(lost.ended).toBe(true)
    const again = post({ push: 2, poll: 1_000 }, '["ask",1]')
    await clock.advance(0)
    expect(again.lines).toEqual(['{"push":2,"from":1}', '["answer",1]'])
    expect(taken.messages.filter(Boolean)).toEqual(['hello', '["ask",1]'])
  })

  test('the rest of a stream that was cut amid a line: told from the last line that was finished', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    const cut = post({ poll: 9_000, stream: true })
    carrier.send('1\n2\n3')
    await clock.advance(0)
    cut.abandon()
    carrier.send('4')
    expect(carrier.bufferedAmount).toBeGreaterThan(0)
    const next = post({ got: 1, poll: 9_000, stream: true })
    await clock.advance(0)
    expect(next.lines).toEqual(['{"push":1,"from":2}', '2', '3', '4'])
  })

  test('the answer to the opening: it is repeated, and opens no other', async () => {
    const { clock, post, taken } = desk()
    post({ push: 1, poll: 20_000 }, 'hello').abandon()
    await clock.advance(3_000)
    const again = post({ push: 1, poll: 20_000 }, 'hello')
    taken[0]!.carrier.send('welcome')
    await clock.advance(0)
    expect([taken.length, taken[0]!.messages, again.lines]).toEqual([
      1,
      ['hello', ''],
      ['{"push":1,"from":1}', 'welcome'],
    ])
  })

  test('nothing: a push that says what arrived makes room', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    const stream = post({ poll: 9_000, stream: true })
    carrier.send('1\n2')
    await clock.advance(0)
    post({ push: 2, got: 2 }, 'x')
    carrier.send('3')
    await clock.advance(0)
    expect([stream.lines, stream.ended]).toEqual([['{"push":1,"from":1}', '1', '2', '3'], false])
    const late = post({ got: 0, poll: 10 })
    await clock.advance(0)
    expect(late.lines).toEqual(['{"push":2,"from":3}', '3'])
  })

  test('nothing, only late: a stream that is to tell again what has arrived ends', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    carrier.send('1\n2')
    post({ poll: 1_000 })
    await clock.advance(0)
    const stream = post({ got: 0, poll: 9_000, stream: true })
    post({ push: 2, got: 2 }, 'x')
    await clock.advance(0)
    expect([stream.lines, stream.ended]).toEqual([['{"push":1,"from":1}'], true])
  })
})

describe('order', () => {
  test('a push that overtook another waits for it', async () => {
    const { post, open } = desk()
    const taken = await open()
    const third = post({ push: 3 }, '["say",3]')
    expect([third.status, taken.messages]).toEqual([0, ['hello', '']])
    const second = post({ push: 2 }, '["say",2]')
    expect(taken.messages.filter(Boolean)).toEqual(['hello', '["say",2]', '["say",3]'])
    expect([second.lines, third.lines]).toEqual([['{"push":2,"from":1}'], ['{"push":3,"from":1}']])
  })

  test('it is taken even if nobody waits for its answer any more', async () => {
    const { clock, post, open } = desk()
    const taken = await open()
    post({ push: 3, poll: 20_000, close: true }, '{"bye":{}}').abandon()
    await clock.advance(5_000)
    post({ push: 2 }, '["say",2]')
    expect([taken.messages.filter(Boolean), taken.closes]).toEqual([['hello', '["say",2]', '{"bye":{}}'], 1])
  })

  test('nobody’s poll supersedes none', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    post({ push: 3, poll: 20_000 }, '["say",3]').abandon()
    const poll = post({ push: 2, poll: 20_000 }, '["say",2]')
    carrier.send('1')
    await clock.advance(0)
    expect(poll.lines).toEqual(['{"push":3,"from":1}', '1'])
  })

  test('it may be repeated before its turn comes', async () => {
    const { post, open } = desk()
    const taken = await open()
    const first = post({ push: 3, poll: 10 }, '["say",3]')
    const again = post({ push: 3, poll: 10 }, '["say",3]')
    expect([first.lines, again.status]).toEqual([['{"push":1,"from":1}'], 0])
    post({ push: 2 }, '["say",2]')
    expect(taken.messages.filter(Boolean)).toEqual(['hello', '["say",2]', '["say",3]'])
  })

  test('two ahead is none', async () => {
    const { post, open } = desk()
    const taken = await open()
    expect(post({ push: 4 }, '["say",4]').status).toBe(400)
    expect(taken.messages).toEqual(['hello'])
  })

  test('a newer poll supersedes the older one', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    const [first, second, third] = [post({ poll: 9_000 }), post({ poll: 9_000, stream: true }), post({ poll: 9_000 })]
    expect([first.lines, second.lines, second.ended]).toEqual([['{"push":1,"from":1}'], ['{"push":1,"from":1}'], true])
    first.abandon()
    second.abandon()
    carrier.send('1')
    await clock.advance(0)
    expect(third.lines).toEqual(['{"push":1,"from":1}', '1'])
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
  })
})
