import { describe, expect, test } from 'vitest'
import { type Asked, setUp, setUpOpen } from './post-desk.ts'

describe('opening', () => {
  test('is one POST with the hello, that waits for the welcome', async () => {
    const { settle, told, carrier, next, asked } = setUp()
    expect(told).toEqual([])
    await settle()
    expect([told, asked()]).toEqual([['open'], []])
    carrier.send('hello')
    carrier.send('["first"]')
    const { url, envelope, lines, outlives } = await next()
    expect({ url, lines, outlives }).toEqual({
      url: 'https://host/live?route=x',
      lines: ['hello', '["first"]'],
      outlives: false,
    })
    expect(envelope).toEqual({
      carrier: expect.stringMatching(/^[\w-]{16,64}$/) as string,
      got: 0,
      push: 1,
      poll: 4_000,
    })
  })

  test('another carrier has another name, and none is in a URL', async () => {
    const { carrier, dial, settle, asked } = setUp()
    const other = dial()
    await settle()
    carrier.send('hello')
    other.send('hello')
    await settle()
    const [one, two] = asked()
    expect(one!.envelope.carrier).not.toBe(two!.envelope.carrier)
    expect([one!.url, two!.url]).toEqual(['https://host/live?route=x', 'https://host/live?route=x'])
  })

  test.each<[string, (one: Awaited<ReturnType<ReturnType<typeof setUp>['next']>>) => void, string]>([
    ['no answer', (one) => one.end(0), 'close 1006'],
    ['a proxy that refuses', (one) => one.end(403), 'close 1006 HTTP 403'],
    ['a server that knows no carriers', (one) => one.end(410), 'close 1006'],
    [
      'a proxy that finds it too large',
      (one) => one.end(413),
      'close 1009 Too large for the server, or a proxy before it',
    ],
    ['one that asks for patience', (one) => one.end(503, '', 7_000), 'close 4503 HTTP 503 7000'],
    [
      'a captive portal',
      (one) => {
        one.text('<!DOCTYPE html>\n<title>Welcome!</title>\n')
        one.end()
      },
      'close 1006',
    ],
    [
      'JSON that is no head',
      (one) => {
        one.text('{"push":1}\n["said"]\n')
        one.end()
      },
      'close 1006',
    ],
  ])('%s ends it at once, and nothing of it is heard', async (_, answer, closed) => {
    const { settle, carrier, next, told, clock, asked } = setUp()
    await settle()
    carrier.send('hello')
    answer(await next())
    await clock.advance(60_000)
    expect([told, asked()]).toEqual([['open', closed], []])
  })
})

describe('pushes', () => {
  test('one at a time: what is sent meanwhile is the next one', async () => {
    const { carrier, next, asked, settle } = await setUpOpen()
    carrier.send('["a"]')
    const first = await next()
    carrier.send('["b"]')
    carrier.send(new Uint8Array([1, 2, 3]))
    await settle()
    expect([first.envelope.push, first.lines, asked()]).toEqual([2, ['["a"]'], []])
    expect(carrier.bufferedAmount).toBe(15)
    first.answer(2)
    const second = await next()
    expect([second.envelope.push, second.lines]).toEqual([3, ['["b"]', '=AQID']])
    second.answer(2)
    expect(carrier.bufferedAmount).toBe(0)
  })

  /** How many packets went in each push, of 4,096 characters each with a line end; each took so long (ms). */
  const packetsOf = async (...times: number[]): Promise<number[]> => {
    const { carrier, clock, next } = await setUpOpen()
    for (let packet = 0; packet < 400; packet++) carrier.send('x'.repeat(4_096))
    const counts: number[] = []
    for (const took of times) {
      const one = await next()
      counts.push(one.lines.length)
      await clock.advance(took)
      one.answer(2)
    }
    return counts
  }

  test('no more than 64 Ki characters at first, twice as many as went quickly, and never more than 512 Ki', async () => {
    expect(await packetsOf(0, 40, 100, 540, 540, 540)).toEqual([16, 32, 64, 128, 128, 32])
  })

  test('64 Ki characters again after one that took half a second longer than the opening', async () => {
    expect(await packetsOf(0, 0, 541, 541, 0, 0)).toEqual([16, 32, 64, 16, 16, 32])
  })

  test('what is one packet goes however large it is', async () => {
    const { carrier, next } = await setUpOpen()
    for (const size of [70_000, 300_000]) carrier.send('x'.repeat(size))
    for (const size of [70_000, 300_000]) {
      const one = await next()
      expect(one.lines.map(({ length }) => length)).toEqual([size])
      one.answer(2)
    }
  })

  test('as many, after small ones', async () => {
    const { carrier, next } = await setUpOpen()
    for (let time = 0; time < 5; time++) {
      carrier.send('["a"]')
      const one = await next()
      one.answer(2)
    }
    for (let packet = 0; packet < 64; packet++) carrier.send('x'.repeat(4_096))
    expect((await next()).lines).toHaveLength(16)
  })

  test('a lost answer: the same push again after 100, 300 and 900 ms, then it is over', async () => {
    const { carrier, clock, next, told } = await setUpOpen()
    carrier.send('["a"]')
    const times: number[] = []
    for (let time = 0; time < 4; time++) {
      const one = await next()
      times.push(clock.now())
      expect([one.envelope.push, one.lines]).toEqual([2, ['["a"]']])
      one.end(time === 2 ? 502 : 0)
    }
    expect(times.map((time) => time - times[0]!)).toEqual([0, 100, 400, 1_300])
    expect(told).toEqual(['close 1006'])
  })

  test('what is patient waits 50 ms for company', async () => {
    const { carrier, clock, asked } = await setUpOpen()
    carrier.send('{"ack":1}', true)
    await clock.advance(30)
    carrier.send('{"ack":2}', true)
    await clock.advance(19)
    expect(asked()).toEqual([])
    await clock.advance(1)
    expect(asked().map(({ lines }) => lines)).toEqual([['{"ack":1}', '{"ack":2}']])
  })

  test('what is patient goes with what is not, in its order, and not by itself when that push is answered', async () => {
    const { carrier, clock, asked, settle } = await setUpOpen()
    carrier.send('{"ack":1}', true)
    carrier.send('["a"]')
    await settle()
    const [first] = asked()
    expect(first!.lines).toEqual(['{"ack":1}', '["a"]'])
    await clock.advance(45)
    carrier.send('{"ack":2}', true)
    first!.answer(2)
    await settle()
    expect(asked()).toEqual([])
    await clock.advance(50)
    expect(asked().map(({ lines }) => lines)).toEqual([['{"ack":2}']])
  })

  test('what is patient waits no longer when the page goes, and is not forgotten while a push is under way', async () => {
    const { carrier, clock, next, asked } = await setUpOpen()
    carrier.send('["a"]')
    const first = await next()
    carrier.send('{"ack":1}', true)
    await clock.advance(60)
    first.answer(2)
    expect((await next()).lines).toEqual(['{"ack":1}'])
    carrier.send('{"ack":2}', true)
    carrier.leave!()
    expect(asked().map(({ lines }) => lines)).toEqual([['{"ack":1}'], ['{"ack":2}']])
  })

  test('a page of somebody else is no answer', async () => {
    const { carrier, next } = await setUpOpen()
    carrier.send('["a"]')
    const one = await next()
    one.text('<html>\n')
    one.end()
    expect((await next()).envelope.push).toBe(2)
  })
})

describe('polls', () => {
  test('one at a time; what is between them is one packet, which may have bytes in it', async () => {
    const { poll, next, told } = await setUpOpen()
    expect(poll.envelope).toMatchObject({ got: 1, poll: 4_000 })
    poll.answer(2, '["a"]', '["b"]', '=AQID', '["c"]')
    expect(told).toEqual(['["a"]\n["b"]', '<1,2,3>', '["c"]'])
    expect((await next()).envelope).toMatchObject({ got: 5, poll: 4_000 })
  })

  test('what is no base64 is left to the session, which counts it', async () => {
    const { poll, told } = await setUpOpen()
    poll.answer(2, '=%%%', '["a"]')
    expect(told).toEqual(['=%%%', '["a"]'])
  })

  test('a lost answer: asked again, and nothing is heard twice', async () => {
    const { poll, next, told } = await setUpOpen()
    poll.begin(2, '["a"]')
    poll.end(0)
    const again = await next()
    expect(again.envelope.got).toBe(2)
    again.answer(1, 'welcome', '["a"]', '["b"]')
    expect(told).toEqual(['["a"]', '["b"]'])
  })

  test('cut within a line: only what has its end has arrived', async () => {
    const { poll, next, told } = await setUpOpen()
    poll.text('{"push":1,"fr')
    poll.text('om":2}\n["a"]\n["b')
    expect(told).toEqual(['["a"]'])
    poll.end(0)
    const again = await next()
    expect(again.envelope.got).toBe(2)
    again.answer(3, '["b"]')
    expect(told).toEqual(['["a"]', '["b"]'])
  })

  test('the answer to a push may bring lines, before or after the same ones come by a poll', async () => {
    const { carrier, poll, next, told } = await setUpOpen()
    carrier.send('["x"]')
    const push = await next()
    push.begin(2, '["a"]')
    poll.answer(2, '["a"]', '["b"]')
    push.text('["b"]\n["c"]\n')
    push.end()
    expect(told).toEqual(['["a"]', '["b"]', '["c"]'])
    expect((await next()).envelope.got).toBe(3)
  })

  test('what would leave a gap is not taken', async () => {
    const { poll, next, told } = await setUpOpen()
    poll.answer(3, '["b"]')
    expect(told).toEqual([''])
    expect((await next()).envelope.got).toBe(1)
  })

  test('failing at once: again after 100, 300 and 900 ms, then it is over', async () => {
    const { clock, poll, next, told } = await setUpOpen()
    const times: number[] = []
    for (let one = poll; times.length < 4; one = times.length < 4 ? await next() : one) {
      times.push(clock.now())
      one.end(502)
    }
    expect(times.map((time) => time - times[0]!)).toEqual([0, 100, 400, 1_300])
    expect(told).toEqual(['close 1006 HTTP 502'])
  })

  test('an answer of ours that asks for patience is an answer', async () => {
    const { poll, next, told } = await setUpOpen()
    poll.begin(2, '["a"]')
    poll.end(200, '', 5_000)
    expect([told, (await next()).envelope.got]).toEqual([['["a"]'], 2])
  })

  test('failing at once, but not running: it goes on', async () => {
    const { clock, poll, next, told } = await setUpOpen()
    let one = poll
    for (let time = 0; time < 10; time++) {
      one.end(0)
      one = await next()
      await clock.advance(4_000)
      one.answer(2)
      one = await next()
    }
    expect(told).toEqual(Array.from({ length: 10 }, () => ''))
  })

  test('that are answered at once, and with nothing, are not asked without a pause, nor without end', async () => {
    const { clock, poll, next, asked, told } = await setUpOpen()
    const times: number[] = []
    for (let one = poll; ; one = await next()) {
      times.push(clock.now())
      await clock.advance(1)
      one.answer(2)
      if (told.at(-1) !== '') break
    }
    expect(times.map((time) => time - times[0]!)).toEqual([0, 101, 402, 1_303])
    expect(told).toEqual(['', '', '', '', 'close 1006 HTTP 200'])
    await clock.advance(60_000)
    expect(asked()).toEqual([])
  })

  test('an answer without lines is a sign of life', async () => {
    const { poll, told } = await setUpOpen()
    poll.answer(2)
    expect(told).toEqual([''])
  })

  test('holds double while they pass undisturbed, and halve when they are cut', async () => {
    const { clock, poll, next } = await setUpOpen()
    const holds: (number | undefined)[] = []
    let one = poll
    for (const [took, status] of [
      [4_040, 200],
      [8_040, 200],
      [10_000, 0],
      [5_040, 504],
      [2_000, 200],
    ] as const) {
      await clock.advance(took)
      if (status === 200) one.begin(2)
      one.end(status)
      one = await next()
      holds.push(one.envelope.poll)
    }
    expect(holds).toEqual([8_000, 16_000, 5_000, 2_500, 2_500])
  })

  test('a lost push and a lost poll at a time', async () => {
    const { carrier, poll, next, told, asked, clock } = await setUpOpen()
    carrier.send('["x"]')
    const push = await next()
    push.end(0)
    poll.begin(2, '["a"]')
    poll.end(0)
    await clock.advance(100)
    const again = asked()
    expect(again.map(({ envelope }) => [envelope.push, envelope.got])).toEqual([
      [undefined, 2],
      [2, 2],
    ])
    for (const one of again) one.answer(2, '["a"]', '["b"]')
    expect(told).toEqual(['["a"]', '["b"]'])
  })
})

describe('where connections are few', () => {
  test('polls go behind pushes', async () => {
    const { opening, poll, carrier, next } = await setUpOpen()
    carrier.send('["a"]')
    const push = await next()
    expect([opening, poll, push].map(({ priority }) => priority)).toEqual([undefined, 'low', undefined])
  })

  /** A push that was not answered for so long (ms) on a round trip of 40 ms: what was polled meanwhile. */
  const pollsAfter = async (time: number, size = 5, begin?: (poll: Asked) => void): Promise<number[]> => {
    const { poll, carrier, clock, next, asked } = await setUpOpen()
    begin?.(poll)
    carrier.send('x'.repeat(size))
    await next()
    await clock.advance(time)
    const polls = asked().map(({ envelope }) => envelope.poll!)
    expect(poll.isGivenUp).toBe(polls.length > 0)
    return polls
  }

  test('the one that takes its place is brief and goes behind nobody, and the next one is as ever', async () => {
    const { carrier, clock, next } = await setUpOpen()
    carrier.send('["a"]')
    const push = await next()
    const brief = await next()
    expect(brief.priority).toBe(undefined)
    push.answer(2)
    await clock.advance(1_040)
    brief.answer(2)
    const { envelope, priority } = await next()
    expect([envelope.poll, priority]).toEqual([4_000, 'low'])
  })

  test('a poll that hangs gives its connection to a push that has none: one that is not answered in time', async () => {
    expect([await pollsAfter(579), await pollsAfter(581), await pollsAfter(3_000)]).toEqual([[], [1_000], [1_000]])
  })

  test.each([
    ['longer than the opening did have more time', 16, 561, 1_099],
    ['longer because they are large have not', 16_000, 1_040, 579],
  ])('pushes that take %s', async (_, size, took, patience) => {
    const { carrier, clock, next, asked } = await setUpOpen()
    carrier.send('x'.repeat(size))
    const first = await next()
    await clock.advance(took)
    first.answer(2)
    carrier.send('["b"]')
    await next()
    await clock.advance(patience)
    expect(asked()).toEqual([])
    await clock.advance(2)
    expect(asked()).toMatchObject([{ envelope: { poll: 1_000 } }])
  })

  test('the brief one brings what it can at once, and streams go on behind it', async () => {
    const { carrier, clock, poll, next, told } = await setUpOpen({ mayStream: true })
    poll.begin(2)
    const push = (carrier.send('["a"]'), await next())
    const brief = await next()
    push.answer(2)
    brief.begin(2)
    expect([poll.envelope.stream, brief.envelope.stream, carrier.transport]).toEqual([true, undefined, 'http-stream'])
    await clock.advance(1_000)
    brief.end()
    expect((await next()).envelope.stream).toBe(true)
    expect(told.filter((each) => each !== '')).toEqual([])
  })

  test('a large push has time in which to arrive', async () => {
    expect([await pollsAfter(4_600, 65_536), await pollsAfter(4_700, 65_536)]).toEqual([[], [1_000]])
  })

  test('a line that is just coming is not asked for again', async () => {
    expect(await pollsAfter(3_000, 5, (poll) => poll.begin(2, '["a"]'))).toEqual([1_000])
    expect(await pollsAfter(3_000, 5, (poll) => poll.text('{"push":1,"from":2}\n["a'))).toEqual([])
  })

  test('while a poll that failed waits to be asked again, there is no other one', async () => {
    const { poll, carrier, clock, next, asked } = await setUpOpen()
    carrier.send('["a"]')
    await next()
    await clock.advance(500)
    poll.end(0)
    await clock.advance(0)
    const again = await next()
    again.end(0)
    await clock.advance(90)
    expect(asked()).toEqual([])
    await clock.advance(10)
    expect(asked()).toHaveLength(1)
  })
})

describe('the end', () => {
  test.each<[string, number, string, number | undefined, string]>([
    ['the server closed it', 410, '{"code":4409,"reason":"another tab"}\n', undefined, 'close 4409 another tab'],
    ['the server does not know it', 410, '', undefined, 'close 1006'],
    ['the server says nonsense', 410, '{"code":"x","reason":1}', undefined, 'close 1006'],
    ['patience is asked for', 429, '', 5_000, 'close 4503 HTTP 429 5000'],
  ])('%s', async (_, status, body, retryAfter, closed) => {
    const { carrier, poll, told, clock, asked } = await setUpOpen()
    poll.end(status, body, retryAfter)
    carrier.send('["x"]')
    await clock.advance(60_000)
    expect([told, asked(), clock.pending]).toEqual([[closed], [], 0])
  })

  test('given up: polls are broken off, and the server is told, with what is left', async () => {
    const { carrier, poll, next, told, clock, asked } = await setUpOpen()
    carrier.send('["a"]')
    const push = await next()
    carrier.send('["b"]')
    carrier.close()
    const { envelope, lines, outlives } = await next()
    expect([envelope, lines, outlives]).toEqual([
      { carrier: push.envelope.carrier, got: 1, push: 3, close: true },
      ['["b"]'],
      true,
    ])
    // The push may still arrive.
    expect([poll.isGivenUp, push.isGivenUp]).toEqual([true, false])
    push.answer(2, '["c"]')
    carrier.close()
    await clock.advance(60_000)
    expect([told, asked(), clock.pending]).toEqual([[], [], 0])
  })

  test('given up on a sign of life: not polled any more', async () => {
    const { carrier, poll, told, asked, clock } = await setUpOpen()
    told.push = (...what) => (carrier.close(), what.length)
    poll.answer(2)
    await clock.advance(60_000)
    expect(asked().map(({ envelope }) => [envelope.close, envelope.poll])).toEqual([[true, undefined]])
  })

  test('given up before anything was heard: nobody need be told', async () => {
    const { carrier, settle, next, asked, clock } = setUp()
    await settle()
    carrier.send('hello')
    const opening = await next()
    carrier.close()
    await clock.advance(60_000)
    expect([opening.isGivenUp, asked(), clock.pending]).toEqual([true, [], 0])
  })
})

describe('a page that may be about to go', () => {
  test('sends what is left at once, and what is under way once more, so that it outlives the page', async () => {
    const { carrier, next, asked } = await setUpOpen()
    carrier.send('["a"]')
    const push = await next()
    carrier.send('["b"]')
    carrier.leave?.()
    const sent = asked()
    expect(push.outlives).toBe(false)
    expect(sent.map(({ envelope, lines, outlives }) => [envelope.push, lines, outlives])).toEqual([
      [2, ['["a"]'], true],
      [3, ['["b"]'], true],
    ])
  })

  test('and does not: as before, once something was answered', async () => {
    const { carrier, poll, next, settle, asked } = await setUpOpen()
    carrier.leave?.()
    poll.answer(2)
    await settle()
    asked()
    carrier.send('["a"]')
    const push = await next()
    carrier.send('["b"]')
    await settle()
    expect([push.outlives, asked()]).toEqual([false, []])
    push.answer(2)
    expect((await next()).lines).toEqual(['["b"]'])
  })

  test('and does not: of a push that was sent twice, one answer is enough', async () => {
    const { carrier, next, asked, clock, told } = await setUpOpen()
    carrier.send('["a"]')
    const push = await next()
    carrier.leave?.()
    const again = await next()
    push.end(0)
    again.answer(2)
    await clock.advance(10_000)
    expect([asked(), told]).toEqual([[], []])
  })

  test('what is sent a moment later goes at once, too, but no more than one overtakes another', async () => {
    const { carrier, settle, asked } = await setUpOpen()
    carrier.leave?.()
    for (const line of ['["a"]', '["b"]', '["c"]']) {
      carrier.send(line)
      await settle()
    }
    expect(asked().map(({ lines, outlives }) => [lines, outlives])).toEqual([
      [['["a"]'], true],
      [['["b"]'], true],
    ])
  })
})

describe('streams', () => {
  test('bring lines as they come, for as long as they were asked to', async () => {
    const { carrier, poll, next, told, clock } = await setUpOpen({ mayStream: true })
    expect(poll.envelope.stream).toBe(true)
    poll.begin(2)
    expect([carrier.transport, told.splice(0)]).toEqual(['http-stream', ['']])
    poll.text('["a"]\n')
    await clock.advance(4_000)
    poll.text('["b"]\n')
    poll.end()
    expect(told).toEqual(['["a"]', '["b"]'])
    expect((await next()).envelope).toMatchObject({ got: 3, poll: 8_000, stream: true })
  })

  test('that do not begin within two round trips and 500 ms: something gathers them, and will do so again', async () => {
    const { carrier, dial, poll, next, clock, settle } = await setUpOpen({ mayStream: true })
    await clock.advance(579)
    expect(poll.isGivenUp).toBe(false)
    await clock.advance(1)
    const plain = await next()
    expect([poll.isGivenUp, plain.envelope.stream, carrier.transport]).toEqual([true, undefined, 'long-polling'])
    const other = dial()
    await settle()
    other.send('hello')
    const opening = await next()
    opening.answer(1, 'welcome')
    expect((await next()).envelope.stream).toBeUndefined()
  })
})
