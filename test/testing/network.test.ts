import { describe, expect, test } from 'vitest'
import { setUp, setUpOpen } from './line.ts'

describe('dialling', () => {
  test('takes one round trip of TCP and one of the Upgrade', async () => {
    const { clock, dial, up, down, requests, client } = setUp()
    dial()
    expect(client.held).toBe(1)
    await clock.advance(100)
    expect(up).toEqual(['accepted at 30'])
    expect(down).toEqual(['open at 40'])
    expect(requests).toEqual([
      { url: '/live?route=x', origin: 'https://page', headers: { host: 'host', origin: 'https://page' } },
    ])
  })

  test('what the server sends while accepting comes right behind the open', async () => {
    const { clock, network, client } = setUp()
    const heard: string[] = []
    network.listen('eager', (carrier) => {
      carrier.send('welcome')
      return { message: () => {}, close: () => {} }
    })
    client.transport('ws://eager', {
      open: () => heard.push('open'),
      message: (packet) => heard.push(`${String(packet)} at ${clock.now()}`),
      close: () => heard.push('close'),
    })
    await clock.advance(100)
    expect(heard).toEqual(['open', 'welcome at 40'])
  })

  test('a host where nobody listens refuses: 1006 and no open', async () => {
    const { clock, dial, down, client } = setUp()
    dial('wss://elsewhere')
    await clock.advance(100)
    expect(down).toEqual(['close 1006  at 20'])
    expect(client.held).toBe(0)
  })

  test('a host that stops listening during the handshake refuses too', async () => {
    const { clock, dial, down, up, unlisten } = setUp()
    dial()
    await clock.advance(15)
    unlisten()
    await clock.advance(100)
    expect([up, down]).toEqual([[], ['close 1006  at 40']])
  })

  test('refused, hung and dropped by fate; decided dial by dial', async () => {
    const { clock, dial, down, up, network, client } = setUp()
    network.fate('refuse')
    dial()
    await clock.advance(100)
    expect(down.splice(0)).toEqual(['close 1006  at 20'])
    network.fate('hang')
    const hung = dial()
    await clock.advance(100_000)
    expect([down.length, client.held, network.links.length]).toEqual([0, 1, 1])
    hung.close()
    expect([client.held, network.links.length]).toEqual([0, 0])
    network.fate('drop')
    dial()
    await clock.advance(100)
    expect(down.splice(0)).toEqual(['open at 100140', 'close 1006  at 100140'])
    expect(up).toEqual([])
    network.fate((name, host) => (name === 'a' && host === 'host' ? 'open' : 'refuse'))
    dial()
    await clock.advance(100)
    expect(up).toEqual(['accepted at 100230'])
  })

  test('given up before it opened: nothing is heard; the server is told, if it was asked at all', async () => {
    const { clock, dial, down, up, network } = setUp()
    dial().close()
    await clock.advance(100)
    expect([up, down, network.links]).toEqual([[], [], []])
    const late = dial()
    await clock.advance(25)
    late.close(4000, 'never mind')
    await clock.advance(100)
    expect([up, down]).toEqual([['accepted at 130', 'close 1006  at 135'], []])
    expect(network.links).toEqual([])
  })

  test('a URL that can never work throws', () => {
    const { dial, client } = setUp()
    expect(() => dial('not a url')).toThrow()
    expect(() => dial('mailto:nobody')).toThrow(SyntaxError)
    expect(client.held).toBe(0)
  })
})

describe('bytes', () => {
  test('arrive in order, each packet its own task, after the latency', async () => {
    const { clock, carrier, peer, up, down } = await setUpOpen()
    carrier.send('one')
    carrier.send(new Uint8Array([1, 2]))
    peer.send('two')
    await clock.advance(100)
    expect([up, down]).toEqual([['one at 50', '<1,2> at 50'], ['two at 50']])
  })

  test('jitter delays, and never reorders', async () => {
    const { clock, carrier, up } = await setUpOpen({ latency: 10, jitter: 200 })
    for (let index = 0; index < 200; index++) {
      carrier.send(String(index))
      await clock.advance(1)
    }
    await clock.advance(1000)
    expect(up.map((line) => parseInt(line))).toEqual(Array.from({ length: 200 }, (_, index) => index))
    const delays = up.map((line) => Number(line.split(' ')[2]) - parseInt(line))
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(50)
  })

  test('bandwidth spreads them, and what the kernel does not take stays in the process', async () => {
    const { clock, carrier, up } = await setUpOpen({ latency: 10, jitter: 0, bandwidth: 100_000 })
    const started = clock.now()
    carrier.send('x'.repeat(100_000 - 14))
    carrier.send('y')
    expect(carrier.bufferedAmount).toBe(100_000 + 7 - 65_536)
    await clock.advance(2000)
    expect(carrier.bufferedAmount).toBe(0)
    const times = up.map((line) => Number(line.split(' at ')[1]) - started)
    expect(times[0]).toBeCloseTo(1010, 5)
    expect(times[1]).toBeCloseTo(1010.07, 5)
  })

  test('are copied when they are sent', async () => {
    const { clock, carrier, up } = await setUpOpen()
    const bytes = new Uint8Array([1, 2, 3])
    carrier.send(bytes.subarray(1))
    bytes.fill(9)
    await clock.advance(20)
    expect(up).toEqual(['<2,3> at 50'])
  })

  test('sent before the open or after the close go nowhere', async () => {
    const { clock, dial, up, carriers } = setUp()
    const carrier = dial()
    carrier.send('too early')
    await clock.advance(100)
    carrier.close()
    carrier.send('too late')
    await clock.advance(100)
    carriers[0]?.send('to nobody')
    await clock.advance(100)
    expect(up).toEqual(['accepted at 30', 'close 1005  at 110'])
  })
})

describe('closing', () => {
  test('by the client: what it sent before arrives, then its code and reason; it hears nothing more', async () => {
    const { clock, carrier, peer, up, down, client, network } = await setUpOpen()
    carrier.send('last')
    peer.send('crosses the close')
    carrier.close(4000, 'enough')
    carrier.close(4001, 'again')
    expect(client.held).toBe(0)
    expect(network.links).toHaveLength(1)
    await clock.advance(100)
    peer.close()
    await clock.advance(100)
    expect([up, down]).toEqual([['last at 50', 'close 4000 enough at 50'], []])
    expect(network.links).toEqual([])
  })

  test('by the server: likewise', async () => {
    const { clock, peer, up, down, client } = await setUpOpen()
    peer.send('bye')
    peer.close(4401, 'token expired')
    expect(client.held).toBe(1)
    await clock.advance(100)
    expect([up, down]).toEqual([[], ['bye at 50', 'close 4401 token expired at 50']])
    expect(client.held).toBe(0)
  })

  test('by both at once: neither hears of the other', async () => {
    const { clock, carrier, peer, up, down, network } = await setUpOpen()
    carrier.close()
    peer.close()
    await clock.advance(100)
    expect([up, down, network.links]).toEqual([[], [], []])
  })
})

describe('tabs and processes', () => {
  test('a sleeping tab hears late what arrived; the connection lives on', async () => {
    const { clock, page, peer, down, up } = await setUpOpen()
    page.freeze()
    peer.send('one')
    peer.send('two')
    peer.close(1001, 'restart')
    await clock.advance(10_000)
    expect([up, down]).toEqual([[], []])
    page.thaw()
    await clock.advance(0)
    expect(down).toEqual(['one at 10040', 'two at 10040', 'close 1001 restart at 10040'])
  })

  test('a server process that is gone hears nothing; its links are cut by whoever ends it', async () => {
    const { clock, process, carrier, down, up, network, unlisten } = await setUpOpen()
    process.stop()
    unlisten()
    network.cut()
    carrier.send('to nobody')
    await clock.advance(100)
    expect([up, down]).toEqual([[], ['close 1006  at 50']])
  })

  test('counts what a client holds', async () => {
    const { clock, client, dial } = setUp()
    const first = dial()
    await clock.advance(100)
    first.close()
    dial()
    dial()
    expect([client.held, client.mostHeld, client.dials, client.name]).toEqual([2, 2, 3, 'a'])
  })
})

describe('traces', () => {
  const run = async (seed: number): Promise<string> => {
    const { clock, network, dial, carriers } = setUp({ jitter: 100 }, seed)
    const carrier = dial()
    await clock.advance(1000)
    network.links[0]?.cut({ up: 30 })
    for (const packet of ['one', 'two', 'three', 'four']) carrier.send(packet)
    carriers[0]?.send('down')
    await clock.advance(1000)
    return network.trace.format()
  }

  test('the same seed gives the same trace, another seed another', async () => {
    expect(await run(5)).toBe(await run(5))
    expect(await run(5)).not.toBe(await run(6))
  })

  test('a trace tells the story', async () => {
    const story = (await run(5)).split('\n').map((line) => line.trim().replace(/^[\d.]+ +/, ''))
    expect(story).toEqual(
      expect.arrayContaining(['a#1      client dials open', 'a#1      server gets one', 'a#1      is cut']),
    )
    expect(story).not.toContain('a#1      server gets four')
  })
})

test('lines are slow, and slower, and what they were before the first time', () => {
  const { network } = setUp({ latency: 10, jitter: 1 })
  const line = (): unknown[] => [network.conditions.latency, network.conditions.jitter, network.conditions.bandwidth]
  network.slow()
  expect(line()).toEqual([300, 100, 50_000])
  network.slow({ latency: 900 })
  expect(line()).toEqual([900, 1, Infinity])
  network.fast()
  network.fast()
  expect(line()).toEqual([10, 1, Infinity])
})

test('where nobody else listens, whoever listens everywhere does', async () => {
  const { network, client, clock, up } = setUp()
  const anywhere: string[] = []
  const unlisten = network.listen('*', (_, { headers }) => {
    anywhere.push(headers['host']!)
    return { message: () => {}, close: () => {} }
  })
  const closed: number[] = []
  const dial = (host: string): unknown =>
    client.transport(`wss://${host}/`, { open: () => {}, message: () => {}, close: (code) => closed.push(code) })
  dial('host')
  dial('elsewhere:8080')
  await clock.advance(100)
  expect([anywhere, up.length, closed]).toEqual([['elsewhere:8080'], 1, []])
  unlisten()
  dial('elsewhere:8080')
  await clock.advance(100)
  expect(closed).toEqual([1006])
})

test('a black hole takes what goes there, and what is dialled, and tells nobody; what is dialled after it works', async () => {
  const { clock, network, carrier, peer, up, down, dial } = await setUpOpen()
  network.blackHole()
  carrier.send('lost')
  peer.send('lost, too')
  const hung = dial()
  await clock.advance(60_000)
  network.heal()
  await clock.advance(60_000)
  expect([up, down]).toEqual([[], []])
  hung.close()
  network.cut()
  await clock.advance(100)
  expect([up.splice(0), down.splice(0)]).toEqual([['close 1006  at 120050'], ['close 1006  at 120050']])
  dial()
  await clock.advance(100)
  expect([up, down]).toEqual([['accepted at 120170'], ['open at 120180']])
})

test('what went over it is counted: connections, exchanges, and bytes with those that are usual around them', async () => {
  const { clock, network, carrier } = await setUpOpen()
  expect(network.traffic).toEqual({ connections: 1, webSockets: 1, exchanges: 0, bytes: { up: 400, down: 160 } })
  carrier.send('12345')
  const page = network.client('b')
  for (let n = 0; n < 2; n++) page.post('https://host/live', 'asks', false, { text: () => {}, done: () => {} })
  await clock.advance(1_000)
  expect(network.traffic).toEqual({
    connections: 3,
    webSockets: 1,
    exchanges: 2,
    bytes: { up: 400 + 11 + 2 * 454, down: 160 + 2 * 250 },
  })
})
