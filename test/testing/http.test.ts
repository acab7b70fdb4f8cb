import { describe, expect, test } from 'vitest'
import { setUp, setUpAsked, setUpWarm } from './desk.ts'

describe('an exchange', () => {
  test('takes one round trip of TCP and one of its own; the next one finds a warm connection', async () => {
    const { clock, post, questions, up, client, network } = setUp()
    const first = post('one')
    expect([first.told, client.held, client.posts]).toEqual([[], 1, 1])
    await clock.runUntil(() => questions.length === 1)
    expect(questions[0]?.request).toEqual({
      url: '/live?route=x',
      origin: 'https://page',
      headers: {
        host: 'host',
        origin: 'https://page',
        accept: 'application/holdfast.v1',
        'content-type': 'text/plain;charset=UTF-8',
      },
    })
    questions.shift()?.answer.send(200, 'grüß 🥊 Gott')
    await clock.advance(100)
    expect([up, first.told, first.text]).toEqual([['one at 30'], ['text at 40', '200 at 40'], 'grüß 🥊 Gott'])
    expect([client.held, network.links.length]).toEqual([0, 1])

    const second = post('two')
    await clock.advance(10)
    questions.shift()?.answer.send(410, '{"code":4409}')
    await clock.advance(100)
    expect([up[1], second.told, second.text]).toEqual(['two at 140', ['410 {"code":4409} at 150'], ''])
    expect([client.dials, client.posts, client.mostHeld]).toEqual([1, 2, 1])
  })

  test('streams: each part arrives as it was written, then the end', async () => {
    const { clock, reply, answer, network } = await setUpAsked()
    answer.write('one\n')
    await clock.advance(100)
    answer.write('two\n')
    await clock.advance(100)
    answer.end()
    answer.write('too late')
    answer.end()
    answer.send(200, 'too late')
    await clock.advance(100)
    expect(reply.told).toEqual(['text at 80', 'text at 180', '200 at 280'])
    expect(reply.text).toBe('one\ntwo\n')
    expect(network.trace.format()).not.toContain('too late')
  })

  test('may be answered from inside the call, with nothing', async () => {
    const { clock, network, post } = setUp()
    network.listen('host', {
      exchange: (_, body, answer) => {
        answer.send(200, body)
        return () => {}
      },
    })
    const [one, two] = [post(''), post('two')]
    await clock.advance(100)
    expect([one.told, two.told]).toEqual([['200 at 40'], ['text at 40', '200 at 40']])
  })

  test('parts are split anywhere, but not inside a character', async () => {
    const text = 'a🥊ö'.repeat(40)
    const splits = new Set<number>()
    for (let seed = 1; seed < 30; seed++) {
      const { clock, answer, network, reply } = await setUpAsked({ latency: 10, jitter: 0 }, seed)
      answer.send(200, text)
      await clock.advance(100)
      expect(reply.text).toBe(text)
      const parts = network.trace.events.filter(([, , what]) => what === 'client gets').slice(-1000)
      for (const [, , , part] of parts) {
        splits.add((part as string).length)
        expect((part as string).isWellFormed()).toBe(true)
      }
    }
    expect(splits.size).toBeGreaterThan(20)
  })

  test('a long answer arrives bit by bit, as the line lets it through', async () => {
    const { clock, reply, answer } = await setUpAsked({ latency: 10, jitter: 0, bandwidth: 100_000 })
    const started = clock.now()
    answer.send(200, 'x'.repeat(100_000))
    await clock.advance(510)
    expect(reply.text.length).toBeGreaterThan(30_000)
    expect(reply.text.length).toBeLessThan(51_000)
    await clock.advance(1000)
    expect(reply.text).toHaveLength(100_000)
    expect(Number(reply.told.at(-1)?.split(' at ')[1]) - started).toBeCloseTo(1012.5, 5)
  })

  test('nobody at the port, nobody who answers POSTs, a server that goes meanwhile', async () => {
    const { clock, network, post, unlisten } = setUp()
    network.listen('sockets', () => ({ message: () => {}, close: () => {} }))
    const replies = [post('', false, 'http://nobody/'), post('', false, 'http://sockets/'), post('')]
    await clock.advance(25)
    unlisten()
    await clock.advance(100)
    expect(replies.map(({ told }) => told[0])).toEqual(['0 at 20', '404 at 40', '0 at 40'])
  })

  test('a URL that can never work throws', () => {
    const { post, client } = setUp()
    expect(() => post('', false, '/relative')).toThrow()
    expect(() => post('', false, 'wss://host')).toThrow(SyntaxError)
    expect([client.posts, client.held]).toEqual([0, 0])
  })
})

describe('given up', () => {
  test('nothing more is told, the connection closes, the server hears that it is abandoned', async () => {
    const { clock, up, reply, answer, client, network } = await setUpAsked()
    answer.write('under way')
    reply.giveUp()
    reply.giveUp()
    expect(client.held).toBe(0)
    await clock.advance(100)
    answer.write('to nobody')
    await clock.advance(100)
    expect([reply.told, up, network.links]).toEqual([[], ['asked abandoned at 80'], []])
  })

  test.each([
    ['still arrives', 1_000, ['posted', 'posted abandoned']],
    ['does not arrive if the kernel could not take it all', 100_000, []],
  ])('what was posted before %s', async (_, size, expected) => {
    const { clock, up, post } = await setUpWarm({ latency: 10, jitter: 0, bandwidth: 1_000_000 })
    post('posted'.padEnd(size)).giveUp()
    await clock.advance(1_000)
    expect(up.map((line) => line.replace(/ *at .*/, '').replace(/ +/, ' '))).toEqual(expected)
  })

  test('before it left: the server never hears of it', async () => {
    const { clock, up, post, network } = setUp()
    post('never').giveUp()
    await clock.advance(100)
    expect([up, network.links]).toEqual([[], []])
    expect(network.trace.format()).not.toContain('posts')
  })

  test('while its end waits for a page that sleeps', async () => {
    const { clock, page, reply, answer } = await setUpAsked()
    page.freeze()
    answer.send(200, 'news')
    await clock.advance(100)
    reply.giveUp()
    page.thaw()
    await clock.advance(100)
    expect(reply.told).toEqual([])
  })

  test('after its end: the connection stays', async () => {
    const { clock, reply, answer, network } = await setUpAsked()
    answer.send(200, '')
    await clock.advance(100)
    reply.giveUp()
    await clock.advance(100)
    expect(network.links).toHaveLength(1)
  })
})

describe('connections', () => {
  test('six to a host and no more: the seventh exchange waits for a free one', async () => {
    const { clock, post, questions, up, client } = setUp()
    const replies = Array.from({ length: 8 }, (_, index) => post(String(index)))
    const elsewhere = post('', false, 'http://nobody/')
    await clock.advance(100)
    expect([up.length, client.dials, elsewhere.told]).toEqual([6, 7, ['0 at 20']])
    questions[3]?.answer.send(200, '')
    await clock.advance(20)
    expect(up[6]).toBe('6 at 120')
    replies[0]?.giveUp()
    await clock.advance(100)
    expect(up.slice(7)).toEqual(['0 abandoned at 130', '7 at 150'])
    expect([client.dials, client.mostHeld]).toEqual([8, 7])
  })

  test('their number is a condition; who waits may give up', async () => {
    const { clock, post, questions, up } = setUp({ latency: 10, jitter: 0, connections: 1 })
    post('one')
    const two = post('two')
    post('three')
    two.giveUp()
    await clock.advance(100)
    questions[0]?.answer.send(200, '')
    await clock.advance(100)
    expect(up).toEqual(['one at 30', 'three at 120'])
  })

  test('are closed by the server when nothing was asked for long; a request that crosses that is lost', async () => {
    const { clock, post, network, up } = await setUpWarm()
    await clock.runUntil(5_035)
    expect(network.links).toHaveLength(1)
    const late = post('late')
    await clock.advance(100)
    expect([up, late.told, network.links]).toEqual([[], ['0 at 5040'], []])
  })

  test('on which a long request is under way are kept, however long it takes', async () => {
    const { clock, post, up, network } = await setUpWarm({ latency: 10, jitter: 0, bandwidth: 10_000 })
    const links = network.links.length
    post('x'.repeat(100_000))
    await clock.advance(11_000)
    expect([up.length, links, network.links.length]).toEqual([1, 1, 1])
  })

  test('on which something is asked now and then are kept', async () => {
    const { clock, post, questions, client } = await setUpWarm()
    for (let round = 0; round < 4; round++) {
      await clock.advance(4_000)
      post('again')
      await clock.advance(3_000)
      questions.shift()?.answer.send(200, '')
    }
    expect(client.dials).toBe(1)
  })
})

describe('faults', () => {
  test('cut: what is under way is lost, both ends hear of it', async () => {
    const { clock, reply, answer, up, link, network } = await setUpAsked()
    answer.write('arrives')
    await clock.advance(10)
    answer.write('lost')
    link.cut()
    await clock.advance(100)
    expect([reply.text, reply.told, up]).toEqual(['arrives', ['text at 80', '0 at 90'], ['asked abandoned at 90']])
    expect(network.links).toEqual([])
  })

  test('cut while nothing is asked: nobody is told, and the next exchange finds another connection', async () => {
    const { clock, post, up, link, client } = await setUpWarm()
    link.cut()
    await clock.advance(100)
    post('next')
    await clock.advance(100)
    expect([up, client.dials]).toEqual([['next at 190'], 2])
  })

  test.each([
    [249, ''],
    [250, ''],
    [251, 'a'],
    [254, 'a'],
    [255, 'a🥊'],
    [256, 'a🥊'],
    [257, 'a🥊ö'],
    [258, 'a🥊öb'],
  ])('cut after %i bytes of an answer: what is wholly before arrives: %j', async (bytes, expected) => {
    const { clock, reply, answer, link } = await setUpAsked()
    link.cut({ down: bytes })
    answer.write('a🥊öb')
    answer.end()
    await clock.advance(100)
    expect([reply.text, reply.told.at(-1)]).toEqual([expected, '0 at 90'])
  })

  test('cut behind the last byte of an answer that went on: it is complete', async () => {
    for (const [bytes, status] of [
      [262, 0],
      [263, 200],
    ] as const) {
      const { clock, reply, answer, link } = await setUpAsked()
      link.cut({ down: bytes })
      answer.write('a🥊öb')
      answer.end()
      await clock.advance(100)
      expect(reply.told.at(-1)?.split(' ')[0]).toBe(`${status}`)
    }
  })

  test('cut behind the last byte of an answer of known length: it is complete', async () => {
    const { clock, reply, answer, link } = await setUpAsked()
    link.cut({ down: 254 })
    answer.send(200, 'abcd')
    await clock.advance(100)
    expect([reply.text, reply.told.at(-1)]).toEqual(['abcd', '200 at 80'])
  })

  test('cut inside a request: the server never hears of it', async () => {
    const { clock, post, up, link } = await setUpWarm()
    link.cut({ up: 453 })
    const reply = post('abcd')
    await clock.advance(100)
    expect([up, reply.told]).toEqual([[], ['0 at 80']])
  })

  test('stalled: it arrives late', async () => {
    const { clock, reply, answer, link, network } = await setUpAsked()
    link.stall('down')
    answer.write('late')
    await clock.advance(5_000)
    expect(reply.told).toEqual([])
    network.heal()
    await clock.advance(100)
    expect(reply.told).toEqual(['text at 5080'])
  })

  test('half open: nobody is told, and given up it is gone', async () => {
    const { clock, post, link, up, network, client } = await setUpWarm({ latency: 10, jitter: 0, keepAlive: Infinity })
    link.halfOpen()
    const reply = post('into the void')
    await clock.advance(3_600_000)
    expect([reply.told, up, client.held]).toEqual([[], [], 1])
    reply.giveUp()
    expect(network.links).toEqual([])
  })

  test('half open while the server is at it: the link is over when the server is done', async () => {
    const { clock, reply, answer, link, network, up } = await setUpAsked()
    link.halfOpen()
    reply.giveUp()
    await clock.advance(60_000)
    expect([up, network.links.length]).toEqual([[], 1])
    answer.send(200, '')
    expect(network.links).toEqual([])
  })

  test('a partition holds exchanges on new connections, too', async () => {
    const { clock, post, network, up } = setUp()
    network.stall('up')
    post('held')
    await clock.advance(1_000)
    expect(up).toEqual([])
    network.heal()
    await clock.advance(100)
    expect(up).toEqual(['held at 1030'])
  })
})

describe('tabs and processes', () => {
  test('a sleeping tab hears late what arrived, and its connection is free meanwhile', async () => {
    const { clock, page, reply, answer, client } = await setUpAsked()
    page.freeze()
    answer.send(200, 'news')
    await clock.advance(10_000)
    expect([reply.told, client.held]).toEqual([[], 0])
    page.thaw()
    await clock.advance(0)
    expect([reply.text, reply.told]).toEqual(['news', ['text at 10070', '200 at 10070']])
  })

  test('of a page that is gone, what waits is forgotten, except what outlives it', async () => {
    const { clock, page, post, questions, up } = setUp({ latency: 10, jitter: 0, connections: 1 })
    const one = post('one', true)
    post('two')
    post('x'.repeat(70_000), true)
    post('goodbye', true)
    page.stop()
    await clock.advance(100)
    questions[0]?.answer.send(200, '')
    await clock.advance(100)
    expect([up, one.told]).toEqual([['one at 30', 'goodbye at 120'], []])
  })

  test('of a page that is gone, nothing leaves that did not leave yet', async () => {
    const { clock, page, post, up, network } = setUp()
    post('one')
    page.stop()
    await clock.advance(100)
    expect([up, network.links]).toEqual([[], []])
  })

  test('a server process that is gone hears nothing', async () => {
    const { clock, process, reply, up, network, unlisten } = await setUpAsked()
    process.stop()
    unlisten()
    network.cut()
    await clock.advance(100)
    expect([up, reply.told, network.links]).toEqual([[], ['0 at 80'], []])
  })

  test('a server process that is gone leaves no link behind, even one that nobody hears on', async () => {
    const { process, reply, network, link } = await setUpAsked()
    link.halfOpen()
    reply.giveUp()
    process.stop()
    expect(network.links).toEqual([])
  })
})

test('the same seed gives the same trace, another seed another', async () => {
  const run = async (seed: number): Promise<string> => {
    const { clock, network, post, answer } = await setUpAsked({ latency: 10, jitter: 50 }, seed)
    for (let index = 0; index < 10; index++) post(String(index))
    answer.write('a long text that can be split')
    await clock.advance(1_000)
    return network.trace.format()
  }
  expect(await run(5)).toBe(await run(5))
  expect(await run(5)).not.toBe(await run(6))
})

test('a trace tells the story', async () => {
  const { clock, network, answer } = await setUpAsked()
  answer.write('some')
  await clock.advance(100)
  answer.end()
  await clock.advance(100)
  const story = network.trace.format().split('\n')
  expect(story.map((line) => line.trim().replace(/^[\d.]+ +/, '')).filter((line) => !line.includes('gets so'))).toEqual(
    expect.arrayContaining([
      'a#1      client connects http',
      'a#1      client posts first',
      'a#1      server gets first',
      'a#1      server answers 200 ok',
      'a#1      client is answered 200',
      'a#1      server writes some',
      'a#1      server ends',
    ]),
  )
})
