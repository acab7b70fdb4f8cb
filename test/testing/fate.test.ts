import { describe, expect, test } from 'vitest'
import { type Carrier, type Fate, virtualLifecycle } from 'holdfast/testing'
import { setUp as setUpDesk, setUpWarm } from './desk.ts'
import { setUp as setUpLine } from './line.ts'

describe('WebSockets', () => {
  test.each<[Fate]>([['refuse-upgrade'], ['captive-portal'], [{ status: 502 }]])(
    '%j: 1006, no server',
    async (fate) => {
      const { clock, dial, network, down, up } = setUpLine()
      network.fate(fate)
      dial()
      await clock.advance(100)
      expect([down, up, network.links]).toEqual([['close 1006  at 40'], [], []])
    },
  )

  test('an upgrade that hangs is never answered', async () => {
    const { clock, dial, network, down, up, client } = setUpLine()
    network.fate('hang-upgrade')
    const carrier = dial()
    await clock.advance(100_000)
    expect([down, up, client.held]).toEqual([[], [], 1])
    carrier.close()
    expect(network.links).toEqual([])
  })

  test('swallowed: it opens, and that is all that is ever heard, by either side', async () => {
    const { clock, dial, network, down, up, carriers } = setUpLine()
    network.fate('swallow')
    const carrier = dial()
    await clock.advance(25)
    carriers[0]?.send('under way')
    await clock.advance(100)
    carrier.send('hello?')
    carriers[0]?.send('hello!')
    await clock.advance(100)
    carrier.close()
    await clock.advance(100)
    expect([down, up]).toEqual([['open at 40'], ['accepted at 30']])
    carriers[0]?.close()
    expect(network.links).toEqual([])
  })

  test('killed so long after it opened', async () => {
    const { clock, dial, network, down, up } = setUpLine()
    network.fate({ killAfter: 1_000 })
    dial()
    const early = dial()
    await clock.advance(100)
    early.close()
    await clock.advance(2_000)
    expect(down.slice(2)).toEqual(['close 1006  at 1050'])
    expect(up.slice(2)).toEqual(['close 1005  at 110', 'close 1006  at 1050'])
    expect(network.trace.events.filter(([, , what]) => what === 'is cut')).toHaveLength(1)
  })

  test.each<[Fate]>([['buffer'], ['lose-answer'], [{ patience: 1 }]])('%j is nothing to them', async (fate) => {
    const { clock, dial, network, down } = setUpLine()
    network.fate(fate)
    dial()
    await clock.advance(100)
    expect(down).toEqual(['open at 40'])
  })
})

describe('HTTP exchanges', () => {
  test('refused by a proxy, with a status and what it asks for; the connection is kept', async () => {
    const { clock, post, network, up } = setUpDesk()
    network.fate({ status: 503, retryAfter: 7_000 })
    const reply = post('x')
    await clock.advance(100)
    expect([up, reply.told, network.links.length]).toEqual([[], ['503 at 40, come back after 7000'], 1])
  })

  test('a captive portal answers 200 with a page', async () => {
    const { clock, post, network, up } = setUpDesk()
    network.fate('captive-portal')
    const reply = post('x')
    await clock.advance(100)
    expect([up, reply.told.at(-1)]).toEqual([[], '200 at 40'])
    expect(reply.text).toMatch(/^<!DOCTYPE html>/)
    await clock.advance(10_000)
    expect(network.links).toEqual([])
  })

  test('refused or hung, on new connections and on warm ones; dropped', async () => {
    for (const setUp of [setUpDesk, setUpWarm]) {
      const { clock, post, network, up } = await setUp()
      network.fate('refuse')
      const refused = post('x')
      await clock.advance(100)
      expect(refused.told).toEqual([setUp === setUpDesk ? '0 at 20' : '0 at 80'])
      network.fate('drop')
      const dropped = post('x')
      await clock.advance(100)
      expect(dropped.told[0]).toMatch(/^0 at /)
      network.fate('hang')
      const hung = post('x')
      await clock.advance(100_000)
      expect([hung.told, up, network.links.length]).toEqual([[], [], 1])
      hung.giveUp()
      expect(network.links).toEqual([])
    }
  })

  test('hung on a warm connection', async () => {
    const { clock, post, network, up } = await setUpWarm()
    network.fate('hang')
    const hung = post('x')
    await clock.advance(3_000)
    expect([hung.told, up]).toEqual([[], []])
  })

  test('a buffering proxy passes an answer on when it is complete', async () => {
    const { clock, post, network, questions } = await setUpWarm()
    network.fate('buffer')
    const reply = post('x')
    await clock.advance(10)
    questions[0]?.answer.write('one\n')
    await clock.advance(1_000)
    questions[0]?.answer.write('two\n')
    await clock.advance(1_000)
    expect(reply.told).toEqual([])
    questions[0]?.answer.end()
    await clock.advance(100)
    expect([reply.text, reply.told]).toEqual(['one\ntwo\n', ['text at 2080', '200 at 2080']])
  })

  test.each(['send', 'write', 'end'] as const)(
    'a lost answer (%s): the server has it, the client hears of a break',
    async (how) => {
      const { clock, post, network, questions, up } = await setUpWarm()
      network.fate('lose-answer')
      const reply = post('x')
      await clock.advance(10)
      const { answer } = questions[0]!
      if (how === 'send') answer.send(200, 'lost')
      else answer[how]('lost')
      await clock.advance(100)
      expect([up.length, reply.text, reply.told]).toEqual([how === 'write' ? 2 : 1, '', ['0 at 80']])
    },
  )

  test('an impatient proxy says 504, and lets the server know', async () => {
    const { clock, post, network, questions, up } = await setUpWarm()
    network.fate({ patience: 1_000 })
    const [reply, quick] = [post('x'), post('quick')]
    await clock.runUntil(() => questions.length === 2)
    questions[1]?.answer.send(200, '')
    await clock.advance(2_000)
    questions[0]?.answer.send(200, 'too late')
    await clock.advance(100)
    expect([reply.told, quick.told[0]]).toEqual([['504 at 1080'], '200 at 100'])
    expect(up).toEqual(['x at 70', 'quick at 90', 'x abandoned at 1070'])
    expect(network.links).toHaveLength(2)
  })

  test('an impatient proxy cuts an answer that has begun; a rude one in any case', async () => {
    const { clock, post, network, questions, up } = await setUpWarm()
    network.fate((_client, _host, _protocol, body) => ({ patience: 1_000, cut: body === 'rude' }))
    const [begun, rude] = [post('begun'), post('rude')]
    await clock.runUntil(() => questions.length === 2)
    questions[0]?.answer.write('some')
    await clock.advance(2_000)
    expect([begun.text, begun.told.at(-1), rude.told]).toEqual(['some', '0 at 1080', ['0 at 1100']])
    expect(up.slice(2)).toEqual(['begun abandoned at 1080', 'rude abandoned at 1100'])
  })

  test.each<[Fate]>([['refuse-upgrade'], ['hang-upgrade'], ['swallow'], [{ killAfter: 1 }]])(
    '%j is nothing to them',
    async (fate) => {
      const { clock, post, network, up } = setUpDesk()
      network.fate(fate)
      post('x')
      await clock.advance(100)
      expect(up).toEqual(['x at 30'])
    },
  )
})

describe('a network', () => {
  test('lets something else become of each protocol, each exchange', async () => {
    const { clock, post, network, client } = setUpDesk()
    const asked: unknown[] = []
    network.fate((...about) => {
      asked.push(about)
      return 'open'
    })
    post('x')
    client.transport('wss://host/', { open: () => {}, message: () => {}, close: () => {} })
    await clock.advance(10)
    expect(asked).toEqual([
      ['a', 'host', 'http', 'x'],
      ['a', 'host', 'websocket', undefined],
    ])
  })

  /** One try of each, and what came of it. */
  const tryBoth = async ({ clock, network, client, post }: ReturnType<typeof setUpDesk>): Promise<string[]> => {
    const outcomes: string[] = []
    const carrier: Carrier = client.transport('wss://sockets/', {
      open: () => outcomes.push('websocket open'),
      message: () => {},
      close: (code) => outcomes.push(`websocket ${code}`),
    })
    network.listen('sockets', {
      accept: () => ({ message: () => {}, close: () => {} }),
      exchange: (_, __, answer) => {
        answer.send(200, '')
        return () => {}
      },
    })
    const reply = post('x', false, 'https://sockets/')
    await clock.advance(100)
    carrier.close()
    return [...outcomes, `http ${reply.told.at(-1)?.split(' ')[0]}`]
  }

  test('blocks one protocol or the other, until it is unblocked', async () => {
    const desk = setUpDesk()
    const { network } = desk
    network.block('websocket')
    expect(await tryBoth(desk)).toEqual(['websocket 1006', 'http 200'])
    network.block('http')
    expect(await tryBoth(desk)).toEqual(['websocket 1006', 'http 403'])
    network.unblock('websocket')
    network.block('http', 'refuse')
    expect(await tryBoth(desk)).toEqual(['websocket open', 'http 0'])
    network.block('websocket', 'drop')
    network.unblock()
    expect(await tryBoth(desk)).toEqual(['websocket open', 'http 200'])
  })

  test('a fate that is not open goes before a blockade', async () => {
    const desk = setUpDesk()
    desk.network.block('http')
    desk.network.fate({ status: 502 })
    expect(await tryBoth(desk)).toEqual(['websocket 1006', 'http 502'])
  })

  test('that is gone: clients hear of it, servers do not, and nothing new gets through until it is back', async () => {
    const { clock, network, post, process } = setUpDesk()
    const page = virtualLifecycle()
    const events: string[] = []
    page.subscribe((event) => events.push(`${event} at ${clock.now()}`))
    const heard: string[] = []
    const listen = { close: (code: number) => heard.push(`server: close ${code}`), message: () => {} }
    network.listen('sockets', () => listen, process)
    const client = network.client('b', { lifecycle: page })
    const dial = (): Carrier =>
      client.transport('wss://sockets/', {
        open: () => heard.push('open'),
        message: () => {},
        close: (code) => heard.push(`close ${code}`),
      })
    dial()
    const reply = post('x')
    await clock.advance(100)
    network.offline()
    await clock.advance(10_000)
    expect([heard.splice(0), reply.told, page.online()]).toEqual([['open', 'close 1006'], ['0 at 110'], false])
    dial()
    const lost = post('y')
    await clock.advance(100)
    expect([heard.splice(0), lost.told]).toEqual([['close 1006'], ['0 at 10120']])
    network.online()
    dial()
    await clock.advance(100)
    expect([heard, events, page.online()]).toEqual([['open'], ['offline at 100', 'network at 10200'], true])
  })
})
