/** Dead connections are found, and live ones left alone. */
import { describe, expect, test } from 'vitest'
import type { WebSocketOptions } from 'holdfast/websocket'
import { stage } from './stage.ts'

const open = (heartbeat: Partial<WebSocketOptions['heartbeat']> = {}) => {
  const it = stage({ heartbeat: { message: 'ping', interval: 25_000, timeout: 10_000, ...heartbeat } })
  it.last.open()
  return it
}

describe('a heartbeat', () => {
  test('is sent into silence, and only there: any message is a sign of life', async () => {
    const it = open()
    await it.pass(20_000)
    it.last.say('news')
    await it.pass(24_999)
    expect(it.last.sent).toEqual([])
    await it.pass(1)
    expect(it.last.sent).toEqual(['ping'])
    it.last.say('anything')
    await it.pass(24_999)
    expect([it.last.sent, it.socket.readyState]).toEqual([['ping'], 1])
    await it.pass(1)
    expect(it.last.sent).toEqual(['ping', 'ping'])
  })

  test('without answer ends the connection, and nobody waits for its close event', async () => {
    const it = open()
    await it.pass(34_999)
    expect(it.log).toEqual(['open 1'])
    await it.pass(1)
    expect([it.log.slice(1), it.live]).toEqual([['error TIMEOUT', 'close 1006 unclean 0'], 0])
    await it.pass(3_000)
    expect(it.live).toBe(1)
  })

  test('whose timeout is shorter than its interval asks before it judges', async () => {
    const it = open({ interval: 30_000, timeout: 1_000 })
    await it.pass(30_000)
    expect([it.last.sent, it.socket.readyState]).toEqual([['ping'], 1])
  })

  test('has its pongs to itself, if it is told which they are', async () => {
    const it = open({ isPong: (data) => JSON.parse(data as string) === 'pong' })
    await it.pass(25_000)
    it.last.say('"pong"')
    it.last.say('1')
    expect(it.log).toEqual(['open 1', 'message 1'])
    expect(() => it.last.say('no JSON')).toThrow(SyntaxError)
    expect(it.log.at(-1)).toBe('message no JSON')
  })

  test('may be made anew each time; the connection outlives one that throws', async () => {
    let time = 0
    const it = open({
      message: () => {
        if (++time === 2) throw new Error('no message')
        return `ping ${time}`
      },
    })
    await it.pass(25_000)
    it.last.say('pong')
    await expect(it.pass(25_000)).rejects.toThrow('no message')
    it.last.say('news')
    await it.pass(25_000)
    expect([it.last.sent, it.log.length]).toEqual([['ping 1', 'ping 3'], 3])
  })

  test('of one connection ends with it', async () => {
    const it = open()
    const first = it.last
    await it.pass(25_000)
    first.end()
    await it.pass(3_000)
    it.last.open()
    await it.pass(24_000)
    expect([first.sent, it.last.sent, it.socket.readyState]).toEqual([['ping'], [], 1])
    it.socket.close()
    it.last.end(1005)
    expect(it.held).toEqual([0, 0])
  })
})

describe('sleep', () => {
  test('kills no connection: whoever wakes asks again', async () => {
    const it = open()
    await it.pass(25_000)
    it.view.freeze()
    await it.pass(3_600_000)
    it.view.thaw()
    await it.pass(9_999)
    expect([it.last.sent, it.socket.readyState]).toEqual([['ping', 'ping'], 1])
    it.last.say('pong')
    await it.pass(10_000)
    expect(it.log).toEqual(['open 1', 'message pong'])
  })

  test('hides no dead one: it is found in the time of an answer', async () => {
    const it = open()
    it.view.freeze()
    await it.pass(3_600_000)
    it.view.thaw()
    await it.pass(10_000)
    expect(it.log.at(-1)).toBe('close 1006 unclean 0')
  })

  test('that is told by the page leads to a question at once, and to one only', async () => {
    const it = open()
    for (let time = 0; time < 3; time++) it.lifecycle.happen('wake')
    expect(it.last.sent).toEqual(['ping'])
  })

  test('that is told by the page of a connection that is dead ends it in the time of an answer', async () => {
    const it = open()
    await it.pass(1_000)
    it.lifecycle.happen('wake')
    await it.pass(10_000)
    expect(it.log).toEqual(['open 1', 'error TIMEOUT', 'close 1006 unclean 0'])
  })

  test('in a hidden tab, where each timer is a minute late: a dead line is found all the same', async () => {
    const it = open()
    for (let minute = 0; minute < 8; minute++) {
      it.view.freeze('timers')
      await it.pass(60_000)
      it.view.thaw()
      await it.pass(0)
    }
    expect([it.sockets[0]!.sent, it.sockets[0]!.readyState]).toEqual([['ping', 'ping', 'ping'], 2])
  })
})

test('messages cost no timers', () => {
  const it = open()
  const before = it.watched
  for (let time = 0; time < 10; time++) it.last.say('news')
  expect(it.watched).toBe(before)
})

test('without a heartbeat nothing is sent, and nobody is judged', async () => {
  const it = stage()
  it.last.open()
  it.lifecycle.happen('wake')
  await it.pass(86_400_000)
  expect([it.last.sent, it.log]).toEqual([[], ['open 1']])
})
