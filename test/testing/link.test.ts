import { describe, expect, test } from 'vitest'
import { setUp, setUpOpen } from './line.ts'

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
