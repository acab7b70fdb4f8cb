/** What the transport lab computes. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { costOf, overhead } from '../../../demo/uses/lab/cost.ts'
import { kindOfExchange } from '../../../demo/uses/lab/exchanges.ts'
import { type Happening, createJournal } from '../../../demo/uses/lab/journal.ts'
import { readMessage, writeMessage } from '../../../demo/uses/lab/message.ts'
import { createOffset } from '../../../demo/uses/lab/offset.ts'
import { frameHead, kindsIn, packetSize, titleOf } from '../../../demo/uses/lab/packets.ts'
import { binEnds, binOf, createTally, percentile } from '../../../demo/uses/lab/tally.ts'
import { asBytes, asTime } from '../../../demo/uses/lab/units.ts'
import { FaultProxy } from '../../tools/fault-proxy.ts'

test('a message is as long as was asked for, an hour long at twenty a second', () => {
  for (const size of [20, 200, 2_000]) {
    const text = writeMessage({ number: 72_000, at: 3_600_000.04 }, size)
    expect(text).toHaveLength(size)
    expect(readMessage(text)).toEqual({ number: 72_000, at: 3_600_000 })
  }
})

describe('the tally', () => {
  test('a latency is in the bar whose end is the first beyond it', () => {
    expect([0, 0.9, 1, 4.9, 5, 1_999, 2_000, 1e6].map(binOf)).toEqual([0, 0, 1, 2, 3, 10, 11, 11])
    expect(binOf(Infinity)).toBe(binEnds.length)
  })

  test('percentiles are by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([0, 0.5, 0.95, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 100])
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([], 0.5)).toBeUndefined()
  })

  test('each message is in one bar, and those that are left out are missing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (numbers) => {
        const tally = createTally(100)
        for (const number of numbers.toSorted((a, b) => a - b)) tally.add(number, number, 20)
        expect(tally.bins.reduce((sum, bin) => sum + bin)).toBe(tally.messages)
        expect(tally.messages).toBe(numbers.filter((number) => number > 100).length)
        expect(tally.payload).toBe(tally.messages * 20)
        expect(tally.missing + tally.messages).toBe(Math.max(...numbers, 100) - 100)
      }),
    )
  })
})

test('of the answers about the time, the quickest is believed', () => {
  const offset = createOffset()
  expect(offset.uncertainty).toBe(Infinity)
  // The server is ahead by 500 ms; the first answer took its time on the way back only.
  offset.learn(1_000, 1_505, 1_105)
  offset.learn(2_000, 2_502, 2_004)
  offset.learn(3_000, 3_590, 3_100)
  expect(offset).toMatchObject({ value: 500, uncertainty: 2 })
})

describe('a packet', () => {
  const hello = '{"hello":{"session":"…","attempt":1,"nonce":"…","from":1,"got":0,"auth":"…"}}'

  test('is told by its frames', () => {
    const title = (packet: string): string => titleOf(kindsIn(packet))
    expect(title(`${hello}\n["join",null,1]`)).toBe('Hello, request')
    expect(title('["said","1"]\n["said","2"]\n{"ack":3}')).toBe('2 events, acknowledgement')
    expect(title('[1,null]')).toBe('Answer')
    expect(title('[1,null,{"code":"x","message":"y"}]')).toBe('Failure')
    expect(title('{"pong":1,"ack":3}')).toBe('Pong')
  })

  test('weighs what it weighed with its secrets', () => {
    const auth = { name: 'Zoë' }
    const id = '26e10d8a95a964f543b49f146725afcc'
    const whole = hello
      .replace('"auth":"…"', `"auth":${JSON.stringify(auth)}`)
      .replace(/"(session|nonce)":"…"/g, `"$1":"${id}"`)
    expect(packetSize(hello, auth)).toBe(Buffer.byteLength(whole))
    expect(packetSize('["said","…"]', auth)).toBe(Buffer.byteLength('["said","…"]'))
  })

  test('has in front of it what real WebSockets put there', async () => {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const server = new WebSocketServer({ server: http, perMessageDeflate: false })
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
    await using proxy = await FaultProxy.start({ target: http.address() as AddressInfo })
    const client = new WebSocket(`ws://${proxy.host}`)
    client.binaryType = 'arraybuffer'
    await once(client, 'open')
    for (const size of [0, 125, 126, 65_535, 65_536]) {
      const before = { ...proxy.bytes }
      client.send(new Uint8Array(size))
      await once(client, 'message')
      expect(proxy.bytes).toEqual({
        up: before.up + frameHead(size, 'up') + size,
        down: before.down + frameHead(size, 'down') + size,
      })
    }
    client.close()
    server.close()
    http.close()
  })
})

test('what a request is for shows in its envelope, or in what comes back', () => {
  const exchange = {
    at: 0,
    method: 'POST',
    url: '/live/lab',
    envelope: '',
    status: 200,
    requestHead: 600,
    requestBody: 60,
    answerHead: 260,
    answerBody: 2,
  }
  const kind = (changes: Partial<typeof exchange>): string => kindOfExchange({ ...exchange, ...changes })
  expect(kind({ envelope: '{"carrier":"…","got":0,"push":1,"poll":4000}' })).toBe('opening')
  expect(kind({ envelope: '{"carrier":"…","got":0,"push":2}' })).toBe('push')
  expect(kind({ envelope: '{"carrier":"…","got":9,"poll":4000}' })).toBe('hanging')
  expect(kind({ envelope: '{"carrier":"…","got":9,"poll":4000,"stream":true}' })).toBe('stream')
  expect(kind({ envelope: '{"carrier":"…","got":9,"close":true}' })).toBe('goodbye')
  expect(kind({ method: 'GET' })).toBe('idle poll')
  expect(kind({ method: 'GET', answerBody: 26 })).toBe('poll')
  expect(kind({ method: 'UPGRADE', status: 101 })).toBe('upgrade')
  expect(kind({ method: 'UPGRADE', status: 403 })).toBe('refused')
})

describe('the journal', () => {
  const weight = { headUp: 1, bodyUp: 2, headDown: 3, bodyDown: 4 }
  const happening = (key: string, kind: string, at: number, more: Partial<Happening> = {}): Happening => ({
    ...{ lane: 'websocket', key, kind, at, title: kind, why: '', weight, example: '', panel: '' },
    ...more,
  })

  test('has the newest first, and one row for what repeats itself within ten seconds', () => {
    const journal = createJournal()
    journal.add(happening('1', 'hello', 0))
    for (let at = 1_000; at <= 12_000; at += 1_000) {
      journal.add(happening(`e${at}`, 'event', at))
      journal.add(happening(`a${at}`, 'ack', at))
    }
    const rows = journal.rows('websocket').map(({ first, count, total }) => [first.kind, count, total])
    expect(rows).toEqual([
      ['ack', 2, 20],
      ['event', 2, 20],
      ['ack', 10, 100],
      ['event', 10, 100],
      ['hello', 1, 10],
    ])
    expect(journal.rows('polling')).toEqual([])
  })

  test('what goes on is the same as before, with more to it', () => {
    const journal = createJournal()
    journal.add(happening('x1', 'stream', 0))
    journal.add(happening('x1', 'stream', 0, { weight: { ...weight, bodyDown: 400 } }))
    expect(journal.rows('websocket')).toMatchObject([{ count: 1, total: 406 }])
  })

  test('an exchange that only begins does not hide one that is complete', () => {
    const journal = createJournal()
    journal.add(happening('x1', 'poll', 0, { isPending: true }))
    journal.add(happening('x1', 'poll', 0))
    journal.add(happening('x2', 'poll', 1_000, { isPending: true }))
    expect(journal.rows('websocket')).toMatchObject([{ newest: { key: 'x1', at: 0 }, count: 2 }])
    expect(journal.rows('websocket')[0]!.newest).not.toHaveProperty('isPending')
  })

  test('what is told late stands where it happened', () => {
    const journal = createJournal()
    journal.add(happening('e', 'event', 2_000))
    journal.add(happening('x', 'upgrade', 1_000))
    expect(journal.rows('websocket').map(({ first }) => first.kind)).toEqual(['event', 'upgrade'])
  })
})

test('what a message costs is what goes by beyond it, since the measurement began', () => {
  const counts = {
    accepted: 1,
    open: 1,
    bytes: { up: 100, down: 1_000 },
    requests: { GET: 1, POST: 0, OPTIONS: 0, UPGRADE: 0 },
    exchanges: [],
  }
  const later = { ...counts, bytes: { up: 140, down: 2_060 }, requests: { ...counts.requests, GET: 3 } }
  const tally = createTally(0)
  for (let number = 1; number <= 10; number++) tally.add(number, 5, 20)
  const cost = costOf(later, counts, tally)
  expect(cost).toMatchObject({ requests: 2, opened: 0, up: 40, down: 1_060 })
  expect(overhead(cost)).toBe(90)
  expect(overhead(costOf(later, undefined, createTally(0)))).toBeUndefined()
})

test('figures are short', () => {
  expect([0, 999, 1_000, 12_345, 999_600, 4_200_000].map(asBytes)).toEqual([
    ...['0 B', '999 B', '1.0 kB', '12 kB', '1.0 MB', '4.2 MB'],
  ])
  expect([0.44, 9.96, 153.2, 1_234].map(asTime)).toEqual(['0.4 ms', '10 ms', '153 ms', '1.2 s'])
})
