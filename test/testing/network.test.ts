import { describe, expect, test } from 'vitest'
import {
  type Carrier,
  type Conditions,
  type Link,
  type Packet,
  type ServerEvents,
  type VirtualRequest,
  seededRandom,
  virtualClock,
  virtualNetwork,
} from 'holdfast/testing'

const URL = 'wss://host/live?route=x'

/** One client, one server that notes what it hears. */
const setUp = (conditions: Partial<Conditions> = { latency: 10, jitter: 0 }, seed = 1) => {
  const clock = virtualClock()
  const network = virtualNetwork({ clock, random: seededRandom(seed), conditions })
  const [page, process] = [clock.view(), clock.view()]
  const client = network.client('a', { origin: 'https://page', view: page })
  const up: string[] = []
  const down: string[] = []
  const carriers: Carrier[] = []
  const requests: VirtualRequest[] = []
  const show = (packet: Packet): string => (typeof packet === 'string' ? packet : `<${packet.join()}>`)
  const accept = (carrier: Carrier, request: VirtualRequest): ServerEvents => {
    carriers.push(carrier)
    requests.push(request)
    up.push(`accepted at ${clock.now()}`)
    return {
      message: (packet) => up.push(`${show(packet)} at ${clock.now()}`),
      close: (code, reason) => up.push(`close ${code} ${reason} at ${clock.now()}`),
    }
  }
  const unlisten = network.listen('host', accept, process)
  const dial = (url = URL): Carrier =>
    client.transport(url, {
      open: () => down.push(`open at ${clock.now()}`),
      message: (packet) => down.push(`${show(packet)} at ${clock.now()}`),
      close: (code, reason) => down.push(`close ${code} ${reason} at ${clock.now()}`),
    })
  return { clock, network, client, page, process, up, down, carriers, requests, unlisten, dial }
}

/** The same, with one connection open, and its events so far forgotten. Its open comes at 40 ms. */
const setUpOpen = async (conditions?: Partial<Conditions>, seed?: number) => {
  const world = setUp(conditions, seed)
  const carrier = world.dial()
  await world.clock.runUntil(() => world.down.length === 1)
  world.up.length = world.down.length = 0
  const [link] = world.network.links as [Link]
  const [peer] = world.carriers as [Carrier]
  return { ...world, carrier, link, peer }
}

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

describe('faults', () => {
  test('cut now: what is under way is lost, both ends are told 1006, later sends go nowhere', async () => {
    const { clock, carrier, peer, up, down, link, network } = await setUpOpen()
    carrier.send('lost')
    peer.send('lost too')
    link.cut()
    carrier.send('into the void')
    link.cut()
    await clock.advance(100)
    expect([up, down]).toEqual([['close 1006  at 50'], ['close 1006  at 50']])
    expect(network.links).toEqual([])
  })

  test('each end learns of a cut at its own time', async () => {
    const times = await Promise.all(
      [1, 2, 3, 4, 5].map(async (seed) => {
        const { clock, up, down, network } = await setUpOpen({ latency: 10, jitter: 50 }, seed)
        network.cut()
        await clock.advance(1000)
        return [up[0]?.split(' at ')[1], down[0]?.split(' at ')[1]]
      }),
    )
    for (const [one, other] of times) expect(one).not.toBe(other)
  })

  // 'abc' is 9 bytes up (6 of header and mask) and 5 down: a cut inside it must not deliver it.
  test.each([
    ['up', 0, []],
    ['up', 8, []],
    ['up', 9, ['abc']],
    ['up', 17, ['abc']],
    ['up', 18, ['abc', 'def']],
    ['down', 4, []],
    ['down', 5, ['abc']],
    ['down', 10, ['abc', 'def']],
  ] as const)('cut %s after %i bytes delivers what is wholly before: %j', async (direction, bytes, expected) => {
    const { clock, carrier, peer, up, down, link } = await setUpOpen()
    link.cut({ [direction]: bytes })
    for (const packet of ['abc', 'def', 'ghi']) (direction === 'up' ? carrier : peer).send(packet)
    await clock.advance(100)
    const heard = direction === 'up' ? up : down
    expect(heard.map((line) => line.split(' ')[0])).toEqual([...expected, 'close'])
    expect((direction === 'up' ? down : up)[0]).toMatch(/^close 1006/)
  })

  test('a cut that waits for bytes leaves the connection alone until they come', async () => {
    const { clock, carrier, up, link } = await setUpOpen()
    link.cut({ up: 10 })
    await clock.advance(60_000)
    expect(up).toEqual([])
    carrier.send('abcd')
    await clock.advance(100)
    expect(up).toEqual(['abcd at 60050', 'close 1006  at 60060'])
  })

  test('a cut that is still to come is taken back by healing', async () => {
    const { clock, carrier, up, link } = await setUpOpen()
    link.cut({ up: 10 })
    link.heal()
    carrier.send('abcdefgh')
    await clock.advance(100)
    expect(up).toEqual(['abcdefgh at 50'])
  })

  test('cut inside the handshake: 1006 without an open', async () => {
    const { clock, dial, up, down, network } = setUp()
    dial()
    network.links[0]?.cut({ up: 399 })
    await clock.advance(1000)
    expect([up, down.map((line) => line.split(' at')[0])]).toEqual([[], ['close 1006 ']])
    down.length = 0
    dial()
    network.links[0]?.cut({ down: 100 })
    await clock.advance(1000)
    expect(up.map((line) => line.split(' at')[0])).toEqual(['accepted', 'close 1006 '])
    expect(down.map((line) => line.split(' at')[0])).toEqual(['close 1006 '])
  })

  test('stalled one way: nothing is lost, it arrives late and in order; the other way goes on', async () => {
    const { clock, carrier, peer, up, down, link } = await setUpOpen()
    carrier.send('under way')
    link.stall('up')
    carrier.send('held')
    peer.send('passes')
    await clock.advance(5000)
    carrier.send('held too')
    expect([up, down]).toEqual([[], ['passes at 50']])
    link.heal()
    carrier.send('behind')
    await clock.advance(100)
    expect(up).toEqual(['under way at 5050', 'held at 5050', 'held too at 5050', 'behind at 5050'])
  })

  test('a stalled line fills the process', async () => {
    const { carrier, link } = await setUpOpen()
    link.stall('up')
    carrier.send('x'.repeat(65_536 - 8))
    expect(carrier.bufferedAmount).toBe(0)
    carrier.send('abc')
    expect(carrier.bufferedAmount).toBe(9)
    carrier.close()
    expect(carrier.bufferedAmount).toBe(0)
  })

  test('given up while stalled: what was sent arrives when it heals, long after, and then the close', async () => {
    const { clock, carrier, up, link, network } = await setUpOpen()
    link.stall('up')
    carrier.send('ghost')
    carrier.close(4000, 'gave up')
    await clock.advance(60_000)
    expect(network.links).toHaveLength(1)
    link.heal()
    await clock.advance(100)
    expect(up).toEqual(['ghost at 60050', 'close 4000 gave up at 60050'])
    expect(network.links).toEqual([])
  })

  test('half open: nothing arrives and nobody is told, even when an end closes', async () => {
    const { clock, carrier, peer, up, down, link, client } = await setUpOpen()
    carrier.send('under way')
    link.halfOpen()
    carrier.send('gone')
    peer.send('gone')
    link.heal()
    await clock.advance(3_600_000)
    carrier.close()
    expect(client.held).toBe(0)
    await clock.advance(3_600_000)
    expect([up, down]).toEqual([[], []])
  })

  test('half open one way: a close still passes the other way', async () => {
    const { clock, carrier, peer, up, down, link, network } = await setUpOpen()
    link.halfOpen('down')
    peer.send('gone')
    carrier.send('passes')
    carrier.close(4000)
    await clock.advance(100)
    expect([up, down]).toEqual([['passes at 50', 'close 4000  at 50'], []])
    expect(network.links).toEqual([])
  })

  test('a cut of a half-open link tells only the end that can hear it', async () => {
    const { clock, up, down, link, client } = await setUpOpen()
    link.halfOpen('down')
    link.cut()
    await clock.advance(100_000)
    expect([up, down, client.held]).toEqual([['close 1006  at 50'], [], 1])
  })

  test('a partition holds new dials too, until it heals', async () => {
    const { clock, network, dial, down } = setUp()
    network.stall('down')
    dial()
    await clock.advance(10_000)
    expect(down).toEqual([])
    network.heal()
    await clock.advance(100)
    expect(down).toEqual(['open at 10030'])
  })

  test('all links at once', async () => {
    const { clock, network, dial, down } = setUp()
    dial()
    dial()
    await clock.advance(100)
    expect(network.links.map((link) => link.id)).toEqual(['a#1', 'a#2'])
    network.cut()
    await clock.advance(100)
    expect(down.filter((line) => line.startsWith('close'))).toHaveLength(2)
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
