/** When it connects again, and when it does not. */
import { describe, expect, test } from 'vitest'
import { FakeSocket, URL, stage } from './stage.ts'

describe('a connection that is lost', () => {
  test('is told with its own code, and another follows: CONNECTING in between', async () => {
    const it = stage()
    it.last.open()
    it.last.end(1001, 'going away')
    expect([it.log, it.socket.readyState]).toEqual([['open 1', 'close 1001 going away 0'], 0])
    await it.pass(2_999)
    expect(it.sockets).toHaveLength(1)
    await it.pass(1)
    it.last.open()
    expect([it.sockets.length, it.log.at(-1), it.socket.readyState]).toEqual([2, 'open 1', 1])
  })

  test('and a refused one stays 1006, with the error before it', async () => {
    const it = stage()
    it.last.end()
    expect(it.log).toEqual(['error', 'close 1006 unclean 0'])
    await it.pass(3_000)
    expect(it.sockets).toHaveLength(2)
  })

  test('leads to longer and longer waits, up to a bound, which begin anew after a connection that held', async () => {
    const it = stage({
      minReconnectionDelay: 100,
      reconnectionDelayGrowFactor: 2,
      maxReconnectionDelay: 300,
      minUptime: 50,
    })
    const waits: number[] = []
    for (let time = 0; time < 5; time++) {
      if (time === 3) {
        it.last.open()
        await it.pass(50)
      }
      it.last.end()
      waits.push(it.socket.retryAt - it.clock.now())
      await it.clock.runUntil(() => it.live === 1)
    }
    expect(waits).toEqual([100, 200, 300, 100, 200])
  })

  test('so often that the bound of the wait overflows is tried again all the same', async () => {
    const it = stage({ minReconnectionDelay: 0, reconnectionDelayGrowFactor: 1e100 })
    for (let time = 0; time < 6; time++) {
      it.last.end()
      await it.pass(0)
    }
    expect([it.sockets.length, it.live, it.socket.retryCount]).toEqual([7, 1, 6])
  })

  test('is followed by as many tries as it takes, unless told otherwise', async () => {
    const it = stage({ maxReconnectionDelay: 10 })
    for (let time = 0; time < 100; time++) {
      it.last.end()
      await it.pass(10)
    }
    expect([it.sockets.length, it.live]).toEqual([101, 1])
  })

  test('just after it was accepted does not make the waits shorter', async () => {
    const it = stage({ minReconnectionDelay: 100, reconnectionDelayGrowFactor: 2 })
    for (let time = 1; time <= 4; time++) {
      it.last.open()
      it.last.end(1000)
      expect([it.socket.retryCount, it.socket.retryAt - it.clock.now()]).toEqual([time, 100 * 2 ** (time - 1)])
      await it.clock.runUntil(() => it.live === 1)
    }
  })

  test.each([
    [{}, 750],
    [{ jitter: 0.5 }, 1_875],
    [{ jitter: 0 }, 3_000],
  ])('waits anywhere up to the bound, as chance has it: %o', (options, wait) => {
    const it = stage(options, URL, undefined, 0.75)
    it.last.end()
    expect(it.socket.retryAt).toBe(wait)
  })

  test.each([4400, 4403, 4409, 1009])('with %d is the end, and nothing is held', (code) => {
    const it = stage()
    it.last.open()
    it.last.end(code)
    expect([it.log.at(-1), it.socket.readyState, it.held]).toEqual([`close ${code} 3`, 3, [0, 0]])
  })

  test.each([1000, 1001, 1006, 1011, 1012, 4000, 4401, 4408])('with %d is not', async (code) => {
    const it = stage()
    it.last.open()
    it.last.end(code)
    await it.pass(3_000)
    expect(it.sockets).toHaveLength(2)
  })

  test('is what shouldReconnectOnClose says, if that is given', async () => {
    const asked: number[] = []
    const it = stage({ shouldReconnectOnClose: ({ code }) => asked.push(code) > 0 && code !== 4000 })
    it.last.end(4403)
    await it.pass(3_000)
    it.last.end(4000)
    await it.pass(60_000)
    expect([asked, it.sockets.length, it.socket.readyState]).toEqual([[4403, 4000], 2, 3])
  })

  test('is not forgotten if that throws: the exception is the platform’s, the next try comes', async () => {
    const it = stage({
      shouldReconnectOnClose: () => {
        throw new Error('policy')
      },
    })
    expect(() => it.last.end(4000)).toThrow('policy')
    await it.pass(3_000)
    expect([it.sockets.length, it.log]).toEqual([2, ['error', 'close 4000 0']])
  })
})

describe('maxRetries', () => {
  test('ends it after so many tries more, and reconnect() brings it back with as many', async () => {
    const it = stage({ maxRetries: 2, minReconnectionDelay: 10 })
    for (let time = 0; time < 3; time++) {
      expect(it.socket.readyState).toBe(0)
      it.last.end()
      await it.pass(1_000)
    }
    expect([it.sockets.length, it.socket.readyState, it.held]).toEqual([3, 3, [0, 0]])
    it.socket.send('kept')
    it.socket.reconnect()
    it.last.end()
    await it.pass(1_000)
    it.last.open()
    expect([it.sockets.length, it.last.sent]).toEqual([5, ['kept']])
  })

  test('of 0 is a WebSocket as it ever was', async () => {
    const it = stage({ maxRetries: 0 })
    it.last.open()
    it.last.end(1001)
    await it.pass(60_000)
    expect([it.sockets.length, it.log]).toEqual([1, ['open 1', 'close 1001 3']])
  })
})

describe('a try that takes too long', () => {
  test('is given up, and nobody waits for its close event', async () => {
    const it = stage()
    const hung = it.last
    await it.pass(4_000)
    expect([it.log, it.live]).toEqual([['error TIMEOUT', 'close 1006 unclean 0'], 0])
    hung.end()
    hung.open()
    expect(it.log).toHaveLength(2)
    await it.pass(3_000)
    expect([it.sockets.length, it.live]).toEqual([2, 1])
  })

  test('does not haunt the connection that came of it in time', async () => {
    const it = stage()
    it.last.open()
    await it.pass(60_000)
    expect([it.log, it.held]).toEqual([['open 1'], [0, 1]])
  })
})

describe('reconnect()', () => {
  test('during a wait tries now, and the old time is forgotten', async () => {
    const it = stage()
    it.last.end()
    it.socket.reconnect()
    expect([it.sockets.length, it.socket.retryCount, it.socket.retryAt]).toEqual([2, 0, Infinity])
    it.last.open()
    await it.pass(60_000)
    expect(it.sockets).toHaveLength(2)
  })

  test('of an open connection ends it with the code that was given, and leaves one socket', async () => {
    const it = stage()
    it.last.open()
    it.socket.reconnect(4000, 'new token')
    expect([it.sockets[0]!.closed, it.live, it.log.at(-1)]).toEqual([
      [[4000, 'new token']],
      1,
      'close 4000 new token 0',
    ])
    it.sockets[0]!.say('late')
    it.sockets[0]!.end(4000)
    await it.pass(3_999)
    expect([it.sockets.length, it.log.length]).toEqual([2, 2])
  })

  test('with a code that no WebSocket takes throws, and changes nothing', () => {
    const it = stage()
    it.last.open()
    expect(() => it.socket.reconnect(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect([it.socket.readyState, it.live, it.log]).toEqual([1, 1, ['open 1']])
  })

  test('after close() opens it again, and the close event of before is told first', async () => {
    const it = stage()
    it.last.open()
    it.socket.close(4000)
    it.socket.reconnect()
    it.last.open()
    expect(it.log).toEqual(['open 1', 'close 1005 0', 'open 1'])
    await it.pass(60_000)
    expect([it.sockets.length, it.socket.readyState]).toEqual([2, 1])
  })

  test('to what is no URL throws, if nothing was ever right, and nothing is begun', () => {
    const it = stage({ startClosed: true }, 'host')
    for (let time = 0; time < 2; time++) {
      expect(() => it.socket.reconnect()).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
      expect([it.socket.readyState, it.log, it.held]).toEqual([3, [], [0, 0]])
    }
  })

  test('after close() while the URL was still being fetched connects', async () => {
    const it = stage({}, async () => URL)
    it.socket.close()
    await it.pass(0)
    it.socket.reconnect()
    await it.pass(0)
    it.last.open()
    expect([it.sockets.length, it.socket.readyState]).toEqual([1, 1])
  })

  test('begins what startClosed held back; what was sent before goes out then', () => {
    const it = stage({ startClosed: true })
    expect([it.sockets.length, it.socket.readyState, it.socket.url, it.held]).toEqual([0, 3, '', [0, 0]])
    it.socket.send('first')
    it.socket.reconnect()
    it.last.open()
    expect([it.last.sent, it.socket.url]).toEqual([['first'], URL])
  })
})

describe('a listener that', () => {
  test('closes while it hears of a loss ends it: no other try', async () => {
    const it = stage()
    it.socket.addEventListener('close', () => it.socket.close())
    it.last.open()
    it.last.end()
    await it.pass(60_000)
    expect([it.sockets.length, it.socket.readyState, it.held]).toEqual([1, 3, [0, 0]])
    expect(it.log.filter((line) => line.startsWith('close'))).toEqual(['close 1006 unclean 0', 'close 1006 unclean 3'])
  })

  test('reconnects while it hears of a loss makes one socket', async () => {
    const it = stage()
    it.socket.addEventListener('close', () => it.socket.reconnect(), { once: true })
    it.last.open()
    it.last.end()
    await it.pass(3_000)
    expect([it.sockets.length, it.live]).toEqual([2, 1])
  })
})

describe('the page', () => {
  test('that hears of its network tries at once, and once, however often it is told', async () => {
    const it = stage()
    it.lifecycle.happen('offline')
    it.last.end()
    expect([it.socket.retryAt, it.socket.retryCount]).toEqual([Infinity, 0])
    await it.pass(3_600_000)
    expect(it.sockets).toHaveLength(1)
    for (let time = 0; time < 3; time++) it.lifecycle.happen('online')
    expect([it.sockets.length, it.live]).toEqual([2, 1])
  })

  test('that wakes tries at once, but not while it is offline', async () => {
    const it = stage()
    it.last.end()
    it.lifecycle.happen('wake')
    expect(it.sockets).toHaveLength(2)
    it.lifecycle.happen('offline')
    it.last.end()
    it.lifecycle.happen('wake')
    await it.pass(60_000)
    expect(it.sockets).toHaveLength(2)
  })

  test('that goes offline while it waits makes no try until it is back', async () => {
    const it = stage()
    it.last.end()
    it.lifecycle.happen('offline')
    await it.pass(60_000)
    expect(it.sockets).toHaveLength(1)
    it.lifecycle.happen('online')
    expect(it.sockets).toHaveLength(2)
  })
})

describe('the URL', () => {
  test('and the protocols are asked for at each try, and may come late', async () => {
    let time = 0
    const it = stage(
      {},
      () => `wss://host/${++time}`,
      async () => [`v${time}`],
    )
    await it.pass(0)
    it.last.end()
    await it.pass(3_000)
    expect(it.sockets.map(({ url, protocols }) => [url, protocols])).toEqual([
      ['wss://host/1', ['v1']],
      ['wss://host/2', ['v2']],
    ])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no token')
      },
      'error no token',
    ],
    ['rejects', () => Promise.reject(new Error('no token')), 'error no token'],
    ['is no URL', () => 'host', 'error host is no URL'],
  ])('that %s is a failed try, and is asked for again', async (_, url, error) => {
    const it = stage({}, url)
    await it.pass(0)
    expect(it.log).toEqual([error, 'close 1006 unclean 0'])
    await it.pass(3_000)
    expect([it.log.length, it.socket.retryCount]).toEqual([4, 2])
  })

  test('that rejects with nothing is asked for again, too', async () => {
    let time = 0
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- people do
    const it = stage({}, () => (time++ ? URL : Promise.reject()))
    await it.pass(3_000)
    expect([it.sockets.length, it.log]).toEqual([1, ['close 1006 unclean 0']])
  })

  test('that never comes is a try that takes too long', async () => {
    let time = 0
    const it = stage({}, () => (time++ ? URL : new Promise<string>(() => {})))
    await it.pass(7_000)
    expect([it.log, it.sockets.length]).toEqual([['error TIMEOUT', 'close 1006 unclean 0'], 1])
  })

  test('that comes too late leads nowhere: there is one socket, and it is the newest', async () => {
    const answers: ((url: string) => void)[] = []
    const it = stage({}, () => new Promise<string>((resolve) => answers.push(resolve)))
    it.socket.reconnect()
    await it.pass(0)
    answers[1]!('wss://host/new')
    await it.pass(0)
    answers[0]!('wss://host/old')
    await it.pass(0)
    expect(it.sockets.map(({ url }) => url)).toEqual(['wss://host/new'])
  })

  test('is not asked for after close(), and what was asked for before is ignored', async () => {
    let asked = 0
    const it = stage({}, async () => (asked++, URL))
    it.socket.close()
    await it.pass(60_000)
    expect([asked, it.sockets.length, it.log, it.held]).toEqual([1, 0, ['close 1006 unclean 3'], [0, 0]])
  })

  test('that a WebSocket took once is tried again, whatever it says later', async () => {
    let time = 0
    const it = stage({
      WebSocket: class extends FakeSocket {
        constructor(url: string) {
          if (++time === 2) throw new DOMException('not now', 'SecurityError')
          super(url)
        }
      },
    })
    it.socket.reconnect()
    expect(it.log).toEqual(['close 1005 0', 'error not now', 'close 1006 unclean 0'])
    await it.pass(3_000)
    expect([time, it.socket.readyState]).toEqual([3, 0])
  })

  test('that was never one throws at the constructor, as it does natively, and nothing is left', () => {
    expect(() => stage({}, 'host')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(() => stage({}, { toString: () => 'host' } as string)).toThrow(DOMException)
  })
})
