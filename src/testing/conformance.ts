import type { Packet } from '../transports/transport.ts'
import { dial, expectEqual, fail, open, show, type TransportHarness } from './trial.ts'

/** One thing that a transport must do. It rejects when it doesn't; each case wants a fresh harness. */
export interface TransportCase {
  readonly name: string
  run(harness: TransportHarness): Promise<void>
}

const packets: readonly Packet[] = [
  'plain',
  new Uint8Array([0, 1, 255]),
  '',
  'zwölf Boxkämpfer 🥊',
  new Uint8Array(),
  '{"a":1}\n{"b":2}',
  'last',
]

const count = 500
const numbers = Array.from({ length: count }, (_, index) => String(index))

const define = (name: string, run: TransportCase['run']): TransportCase => ({ name, run })

/** What every transport must do, whoever wrote it: run each case against a harness of its own. */
export const transportCases: readonly TransportCase[] = [
  define('opens once, and not from inside the dial', async (harness) => {
    const { carrier, told } = await open(harness)
    await harness.settle()
    expectEqual(told, ['open'], 'events')
    expectEqual(carrier.bufferedAmount, 0, 'bufferedAmount of an idle carrier')
  }),

  define('carries text and bytes both ways, unchanged and in order', async (harness) => {
    const { carrier, messages, far } = await open(harness)
    for (const packet of packets) {
      carrier.send(packet)
      far.send(packet)
    }
    await harness.until(() => far.received.length === packets.length && messages.length === packets.length)
    expectEqual(far.received.map(show), packets.map(show), 'what arrived at the server')
    expectEqual(messages.map(show), packets.map(show), 'what arrived at the client')
  }),

  define('keeps the order of many packets', async (harness) => {
    const { carrier, messages, far } = await open(harness)
    for (const number of numbers) {
      carrier.send(number)
      far.send(number)
    }
    await harness.until(() => far.received.length === count && messages.length === count)
    expectEqual(far.received, numbers, 'what arrived at the server')
    expectEqual(messages, numbers, 'what arrived at the client')
  }),

  define('carries a packet of a megabyte', async (harness) => {
    const { carrier, messages, far } = await open(harness)
    const big = 'ä'.repeat(512 * 1024)
    carrier.send(big)
    far.send(big)
    await harness.until(() => far.received.length === 1 && messages.length === 1)
    if (far.received[0] !== big || messages[0] !== big) fail('a megabyte of text did not arrive unchanged')
    await harness.until(() => carrier.bufferedAmount === 0)
  }),

  define('takes a part of a larger buffer, and the buffer may be used again at once', async (harness) => {
    const { carrier, far } = await open(harness)
    const buffer = new Uint8Array([9, 1, 2, 3, 9])
    carrier.send(buffer.subarray(1, 4))
    buffer.fill(0)
    await harness.until(() => far.received.length === 1)
    expectEqual(far.received.map(show), ['<1,2,3>'], 'what arrived')
  }),

  define('ignores what is sent before it is open', async (harness) => {
    const { carrier, told } = dial(harness, harness.url)
    carrier.send('too early')
    await harness.until(() => told.length > 0)
    carrier.send('in time')
    await harness.until(() => harness.accepted[0]?.received.length === 1)
    expectEqual(harness.accepted[0]?.received, ['in time'], 'what arrived')
  }),

  define('tells the code and reason with which the server closed, once', async (harness) => {
    const { told, far, messages } = await open(harness)
    far.send('last words')
    far.close(4401, 'token expired')
    await harness.until(() => told.length >= 3)
    await harness.settle()
    expectEqual(told, ['open', 'message', 'close 4401 token expired'], 'events')
    expectEqual(messages, ['last words'], 'messages')
  }),

  define('tells 1006 when the connection breaks, once', async (harness) => {
    const { carrier, told, far } = await open(harness)
    far.drop()
    await harness.until(() => told.length > 1)
    carrier.send('to nobody')
    carrier.close()
    await harness.settle()
    expectEqual(told, ['open', 'close 1006'], 'events')
  }),

  define('tells 1006 without an open when it is refused, once', async (harness) => {
    const { carrier, told } = dial(harness, harness.refusingUrl)
    await harness.until(() => told.length > 0)
    carrier.send('to nobody')
    carrier.close()
    await harness.settle()
    expectEqual(told, ['close 1006'], 'events')
  }),

  define('given up while open: what was sent arrives, the server is told, and it is silent', async (harness) => {
    const { carrier, told, far } = await open(harness)
    carrier.send('last words')
    carrier.close(4000, 'enough')
    far.send('too late')
    carrier.send('too late')
    await harness.until(() => far.closed !== undefined)
    await harness.settle()
    expectEqual(far.received, ['last words'], 'what arrived')
    expectEqual(told, ['open'], 'events')
  }),

  define('given up while connecting: silent, and no connection stays behind', async (harness) => {
    const { carrier, told } = dial(harness, harness.url)
    carrier.close()
    await harness.settle()
    expectEqual(told, [], 'events')
    await harness.until(() => harness.accepted.every((far) => far.closed !== undefined))
  }),

  define('given up while nobody answers: silent', async (harness) => {
    const { carrier, told } = dial(harness, harness.hangingUrl)
    await harness.settle()
    carrier.close()
    await harness.settle()
    expectEqual(told, [], 'events')
  }),

  define('given up from inside its own open or message: silent from there on', async (harness) => {
    const told: string[] = []
    const carrier = harness.transport(harness.url, {
      open: () => told.push('open'),
      message: () => {
        told.push('message')
        carrier.close()
      },
      close: () => told.push('close'),
    })
    await harness.until(() => told.length > 0 && harness.accepted.length > 0)
    for (const packet of ['one', 'two', 'three']) harness.accepted[0]?.send(packet)
    harness.accepted[0]?.close(4000, '')
    await harness.settle()
    expectEqual(told, ['open', 'message'], 'events')
  }),

  // The native close throws for most codes and for a reason over 123 bytes; swallowed, that leaves a second socket alive.
  ...([[1001], [1006], [99], [4000, 'ä'.repeat(123)], [1000, 'done']] as const).map(([code, reason]) =>
    define(`closes whatever the code and reason: ${code} ${reason?.length ?? 0}`, async (harness) => {
      const { carrier, told, far } = await open(harness)
      carrier.close(code, reason)
      carrier.close(code, reason)
      await harness.until(() => far.closed !== undefined)
      await harness.settle()
      expectEqual(told, ['open'], 'events')
    }),
  ),

  define('one carrier knows nothing of another', async (harness) => {
    const one = await open(harness)
    const other = dial(harness, harness.url)
    await harness.until(() => other.told.length > 0 && harness.accepted.length === 2)
    one.carrier.close()
    other.carrier.send('alive')
    harness.accepted[1]?.send('alive too')
    await harness.until(() => harness.accepted[1]?.received.length === 1 && other.messages.length === 1)
    expectEqual([one.told, other.told], [['open'], ['open', 'message']], 'events')
  }),

  define('throws for a URL that can never work, and for no other', async (harness) => {
    for (const url of ['http:', 'wss://', 'mailto:nobody@example.com']) {
      let threw = false
      try {
        dial(harness, url).carrier.close()
      } catch {
        threw = true
      }
      if (!threw) fail(`dialling ${url} did not throw`)
    }
    dial(harness, harness.refusingUrl).carrier.close()
    await harness.settle()
  }),
]
