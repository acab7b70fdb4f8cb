import { describe, expect, test } from 'vitest'
import { desk } from './http-desk.ts'

describe('a carrier', () => {
  test('opens with its first push, whose answer waits for what the server says', async () => {
    const { clock, post, taken } = desk()
    const opening = post({ push: 1, poll: 20_000 }, '{"hello":{}}\n["say",1]')
    await clock.advance(5_000)
    expect([taken[0]!.messages, opening.status]).toEqual([['{"hello":{}}\n["say",1]'], 0])
    taken[0]!.carrier.send('{"welcome":{}}')
    taken[0]!.carrier.send('["said",1]\n["said",2]')
    expect([opening.status, taken[0]!.carrier.bufferedAmount]).toEqual([0, 15 + 22])
    await clock.advance(0)
    expect([opening.status, opening.lines]).toEqual([
      200,
      ['{"push":1,"from":1}', '{"welcome":{}}', '["said",1]', '["said",2]'],
    ])
    expect(taken[0]!.carrier.bufferedAmount).toBe(0)
  })

  test('is told its lines from where it stands', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    carrier.send('1\n2')
    const first = post({ poll: 1_000 })
    await clock.advance(0)
    const second = post({ got: 2, poll: 1_000 })
    await clock.advance(10)
    carrier.send('3')
    await clock.advance(0)
    expect([first.lines, second.lines]).toEqual([
      ['{"push":1,"from":1}', '1', '2'],
      ['{"push":1,"from":3}', '3'],
    ])
  })

  test('answers a poll with nothing when its time is over, and no poll waits longer than a minute', async () => {
    const { clock, post, open } = desk()
    const taken = await open()
    const poll = post({ poll: 5_000 })
    await clock.advance(4_999)
    expect(poll.status).toBe(0)
    await clock.advance(1)
    expect([poll.status, poll.lines]).toEqual([200, ['{"push":1,"from":1}']])
    const endless = post({ poll: 2 ** 50 })
    await clock.advance(60_000)
    expect([endless.status, taken.closes]).toEqual([200, 0])
  })

  test('answers a poll of no time with what there is, the answers to its own push included', async () => {
    const { clock, post } = desk({
      accept(carrier) {
        return { message: (packet) => packet && clock.soon(() => carrier.send('{"pong":1}')), fault() {}, close() {} }
      },
    })
    const opening = post({ push: 1, poll: 0 }, '{"ping":1}')
    expect(opening.ended).toBe(false)
    await clock.advance(0)
    const push = post({ push: 2, got: 1, poll: 0 }, '{"ping":2}')
    await clock.advance(0)
    expect([opening.lines, push.lines]).toEqual([
      ['{"push":1,"from":1}', '{"pong":1}'],
      ['{"push":2,"from":2}', '{"pong":1}'],
    ])
  })

  test('streams: the head at once, lines as they come, to the end of the time', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    const stream = post({ poll: 10_000, stream: true })
    expect([stream.lines, carrier.transport]).toEqual([['{"push":1,"from":1}'], 'http-stream'])
    carrier.send('1')
    await clock.advance(4_000)
    carrier.send('2')
    carrier.send('3')
    await clock.advance(5_999)
    expect([stream.lines.slice(1), stream.ended]).toEqual([['1', '2', '3'], false])
    await clock.advance(1)
    expect(stream.ended).toBe(true)
    post({ got: 3, poll: 1_000 })
    expect(carrier.transport).toBe('long-polling')
  })

  test('takes pushes while it streams', async () => {
    const { post, open } = desk()
    const taken = await open()
    const stream = post({ poll: 10_000, stream: true })
    const push = post({ push: 2 }, '["say",1]')
    expect([push.lines, stream.ended]).toEqual([['{"push":2,"from":1}'], false])
    expect(taken.messages.filter(Boolean)).toEqual(['hello', '["say",1]'])
  })

  test('hears of each exchange as a sign of life', async () => {
    const { post, open } = desk()
    const taken = await open()
    post({ poll: 10 })
    post({})
    expect(taken.messages).toEqual(['hello', '', ''])
  })

  test('holds an answer to about a mebi of characters, and a packet in it at least', async () => {
    const { clock, post, open } = desk({ bufferedBytes: 1e8 })
    const { carrier } = await open()
    const line = 'x'.repeat(600_000)
    const long = 'y'.repeat(2_000_000)
    for (const packet of [line, line, line, long, 'z']) carrier.send(packet)
    const polls = [
      { got: 0, poll: 9 },
      { got: 1, poll: 9 },
      { got: 3, poll: 9 },
      { got: 4, poll: 9 },
    ]
    const seen: number[][] = []
    for (const poll of polls) {
      const posted = post(poll)
      await clock.advance(0)
      seen.push(posted.lines.slice(1).map(({ length }) => length))
    }
    expect(seen).toEqual([[600_000], [600_000], [2_000_000], [1]])
  })

  test('ends a stream at about a mebi of characters', async () => {
    const { clock, post, open } = desk({ bufferedBytes: 1e8 })
    const { carrier } = await open()
    const stream = post({ poll: 9_000, stream: true })
    const line = 'x'.repeat(400_000)
    carrier.send([line, line].join('\n'))
    await clock.advance(0)
    expect([stream.lines.length, stream.ended]).toEqual([1 + 2, false])
    carrier.send(line)
    carrier.send(line)
    await clock.advance(0)
    expect([stream.lines.length, stream.ended, carrier.bufferedAmount]).toEqual([1 + 3, true, 400_001])
  })

  test('lets what is patient wait 50 ms for company, from one poll to the next', async () => {
    const { clock, post, open } = desk()
    const { carrier } = await open()
    carrier.send('{"ack":1}', true)
    await clock.advance(30)
    const first = post({ poll: 9_000 })
    await clock.advance(19)
    expect(first.ended).toBe(false)
    carrier.send('{"ack":2}', true)
    await clock.advance(1)
    expect(first.lines.slice(1)).toEqual(['{"ack":1}', '{"ack":2}'])
    const second = post({ got: 2, poll: 9_000 })
    carrier.send('{"ack":3}', true)
    await clock.advance(10)
    expect(second.ended).toBe(false)
    carrier.send('["d"]')
    await clock.advance(0)
    expect(second.lines.slice(1)).toEqual(['{"ack":3}', '["d"]'])
  })

  test('lets what is patient wait no longer than a poll does, or the carrier lives', async () => {
    const { clock, post, open, carriers } = desk()
    const { carrier } = await open()
    const poll = post({ poll: 20 })
    carrier.send('{"ack":1}', true)
    await clock.advance(20)
    expect(poll.lines.slice(1)).toEqual(['{"ack":1}'])
    carrier.send('{"ack":2}', true)
    carriers.terminate()
    expect(clock.pending).toBe(0)
  })

  test('carries bytes as base64, both ways and in order', async () => {
    const { clock, post, open } = desk()
    const taken = await open()
    post({ push: 2 }, '["a"]\n["b"]\n=AAH/\n=\n["c"]')
    expect(taken.messages.slice(1)).toEqual(['["a"]\n["b"]', new Uint8Array([0, 1, 255]), new Uint8Array(), '["c"]'])
    taken.carrier.send(new Uint8Array([255, 0]))
    taken.carrier.send('["d"]')
    const poll = post({ poll: 1_000 })
    await clock.advance(0)
    expect(poll.lines.slice(1)).toEqual(['=/wA=', '["d"]'])
  })
})
