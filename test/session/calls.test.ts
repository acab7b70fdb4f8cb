import { describe, expect, test } from 'vitest'
import { HoldfastError, RequestError } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'
import { rawServer, type RawConnection, welcome } from '../tools/raw.ts'

const tabAlone = async (): Promise<{ here: World; tab: Tab; server: RawConnection }> => {
  const here = world()
  const server = rawServer(here.network, (connection) => connection.say(welcome()))
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, server: server[0]! }
}
const settled = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ['resolved', value],
    (error: unknown) => ['rejected', error],
  )

describe('an answer', () => {
  test.each<[string, object, unknown]>([
    ['a reply', [1, { a: 1 }], ['resolved', { a: 1 }]],
    ['a reply of nothing', [1, null], ['resolved', null]],
    [
      'a failure',
      [1, null, { code: 'handler-failed', message: 'm' }],
      ['rejected', new HoldfastError('handler-failed', 'm')],
    ],
    [
      'a failure of an application',
      [1, null, { code: 'c', message: 'm', reason: 'r' }],
      ['rejected', new RequestError('r', 'm')],
    ],
    [
      'unknown here',
      [1, null, { code: 'unknown-request', message: 'm' }],
      ['rejected', new HoldfastError('unknown-request', 'm')],
    ],
    [
      'a code of the future',
      [1, null, { code: 'new', message: 'm' }],
      ['rejected', new HoldfastError('handler-failed', 'm')],
    ],
  ])('%s settles the question', async (_, answer, expected) => {
    const { here, tab, server } = await tabAlone()
    const asked = settled(tab.socket.request('ask', 1, { timeout: Infinity }))
    await here.clock.advance(100)
    expect(server.lines.at(-1)).toEqual(['ask', 1, 1])
    server.say(answer)
    await here.clock.advance(100)
    expect(await asked).toEqual(expected)
  })

  test('to nothing that was asked, or twice, is nobody’s fault and changes nothing', async () => {
    const { here, tab, server } = await tabAlone()
    const asked = tab.socket.request('ask', 1)
    await here.clock.advance(100)
    server.say([7, 'nobody asked'], [1, 'first'], [1, 'second'], [1, 'third', 1], [2, 'item', 1])
    await here.clock.advance(100)
    expect([await asked, tab.socket.errors]).toEqual(['first', {}])
  })

  test('that comes after its question was withdrawn is passed over', async () => {
    const { here, tab, server } = await tabAlone()
    const controller = new AbortController()
    const asked = settled(tab.socket.request('ask', 1, { signal: controller.signal }))
    await here.clock.advance(100)
    controller.abort()
    await here.clock.advance(0)
    server.say([1, 'late'])
    await here.clock.advance(100)
    expect(await asked).toEqual(['rejected', controller.signal.reason])
    expect([server.lines.at(-1), tab.socket.errors]).toEqual([[1], {}])
  })
})

const cycle: unknown[] = []
cycle.push(cycle)

describe('a question from the other side', () => {
  test('is answered in the packet of this very task if its handler answers at once', async () => {
    const { here, tab, server } = await tabAlone()
    tab.socket.handle('confirm', (input) => [input])
    const before = server.packets.length
    server.say(['confirm', 'a', 1], ['confirm', 'b', 2])
    await here.clock.advance(100)
    expect(server.packets.slice(before)).toEqual(['[1,["a"]]\n[2,["b"]]'])
  })

  test('that comes twice under one number is answered once, and counted', async () => {
    const { here, tab, server } = await tabAlone()
    let calls = 0
    tab.socket.handle('confirm', () => {
      calls++
      return new Promise((resolve) => here.clock.after(50, () => resolve(true)))
    })
    server.say(['confirm', null, 1], ['confirm', null, 1])
    await here.clock.advance(200)
    expect([calls, tab.socket.errors]).toEqual([1, { protocol: 1 }])
    expect(server.lines.filter((line) => Array.isArray(line) && line[0] === 1)).toEqual([[1, true]])
  })

  test('that is withdrawn aborts its handler, whose answer nobody gets', async () => {
    const { here, tab, server } = await tabAlone()
    const aborted: unknown[] = []
    tab.socket.handle('confirm', (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push((signal.reason as HoldfastError).code))
      return new Promise((resolve) => here.clock.after(50, () => resolve(true)))
    })
    server.say(['confirm', null, 1])
    await here.clock.advance(30)
    server.say([1], [99])
    await here.clock.advance(200)
    expect(aborted).toEqual(['aborted'])
    expect(server.lines.filter((line) => Array.isArray(line))).toEqual([])
  })

  test.each<[string, () => unknown]>([
    ['a bigint', () => 1n],
    ['a promise of a cycle', () => Promise.resolve(cycle)],
  ])('whose answer is %s fails, is reported here, and the asker learns no more than that', async (_, give) => {
    const { here, tab, server } = await tabAlone()
    tab.socket.handle('confirm', give)
    server.say(['confirm', null, 1])
    await here.clock.advance(100)
    expect(server.lines.at(-1)).toEqual([
      1,
      null,
      { code: 'handler-failed', message: 'The handler of "confirm" failed.' },
    ])
    expect(tab.reported).toMatchObject([{ code: 'unserializable' }])
    expect(tab.socket.errors).toEqual({ 'handler-failed': 1 })
  })

  test('is answered by nobody once the socket closed, and what its handler throws then is nobody’s concern', async () => {
    const { here, tab, server } = await tabAlone()
    const aborted: unknown[] = []
    tab.socket.handle('confirm', (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push((signal.reason as HoldfastError).code))
      return new Promise((_resolve, reject) => here.clock.after(500, () => reject(new Error('late'))))
    })
    server.say(['confirm', null, 1])
    await here.clock.advance(100)
    void tab.socket.close({ timeout: 0 })
    await here.clock.advance(1_000)
    expect([aborted, tab.reported]).toEqual([['closed'], []])
  })
})
