import type { Packet } from '../transports/transport.ts'
import { dial, expectEqual, fail, linesOf, open, type TransportHarness } from './trial.ts'

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
const lines = linesOf(packets)

const count = 500
const numbers = Array.from({ length: count }, (_, index) => String(index))

const define = (name: string, run: TransportCase['run']): TransportCase => ({ name, run })

/** What every transport must do, whoever wrote it: run each case against a harness of its own. */
export const transportCases: readonly TransportCase[] = [
  define('opens once, and not from inside the dial', async (harness) => {
    const { carrier, told } = await open(harness)
    await harness.settle()
    expectEqual(told, [], 'events')
    expectEqual(carrier.bufferedAmount, 0, 'bufferedAmount of an idle carrier')
  }),

  define('carries text and bytes both ways, unchanged and in order', async (harness) => {
    const { carrier, messages, far, arrived } = await open(harness)
    for (const packet of packets) {
      carrier.send(packet)
      far.send(packet)
    }
    await harness.until(() => arrived().length >= lines.length && messages().length >= lines.length)
    expectEqual(arrived(), lines, 'what arrived at the server')
    expectEqual(messages(), lines, 'what arrived at the client')
  }),

  define('keeps the order of many packets', async (harness) => {
    const { carrier, messages, far, arrived } = await open(harness)
    for (const number of numbers) {
      carrier.send(number)
      far.send(number)
    }
    await harness.until(() => arrived().length >= count && messages().length >= count)
    expectEqual(arrived(), numbers, 'what arrived at the server')
    expectEqual(messages(), numbers, 'what arrived at the client')
  }),

  define('carries a packet of a megabyte', async (harness) => {
    const { carrier, messages, far, arrived } = await open(harness)
    const big = 'ä'.repeat(512 * 1024)
    carrier.send(big)
    far.send(big)
    await harness.until(() => arrived().length > 0 && messages().length > 0)
    if (arrived()[0] !== big || messages()[0] !== big) fail('a megabyte of text did not arrive unchanged')
    await harness.until(() => carrier.bufferedAmount === 0)
  }),

  define('takes a part of a larger buffer, and the buffer may be used again at once', async (harness) => {
    const { carrier, arrived } = await open(harness)
    const buffer = new Uint8Array([9, 1, 2, 3, 9])
    carrier.send(buffer.subarray(1, 4))
    buffer.fill(0)
    await harness.until(() => arrived().length > 0)
    expectEqual(arrived(), ['<1,2,3>'], 'what arrived')
  }),

  define('ignores what is sent before it is open', async (harness) => {
    const { carrier, told } = dial(harness, harness.url)
    carrier.send('too early')
    await harness.until(() => told.length > 0)
    carrier.send('in time')
    const arrived = (): string[] => linesOf(harness.accepted[0]?.received ?? [])
    await harness.until(() => arrived().length > 0)
    expectEqual(arrived(), ['in time'], 'what arrived')
  }),

  define('tells the code and reason with which the server closed, once', async (harness) => {
    const { told, far, messages } = await open(harness)
    far.send('last words')
    far.close(4401, 'token expired')
    await harness.until(() => told.length > 1)
    await harness.settle()
    expectEqual(told, ['message', 'close 4401 token expired'], 'events')
    expectEqual(messages(), ['last words'], 'messages')
  }),

  define('tells 1006 when the connection breaks, once', async (harness) => {
    const { carrier, told, far } = await open(harness)
    far.drop()
    await harness.until(() => told.length > 0)
    carrier.send('to nobody')
    carrier.close()
    await harness.settle()
    expectEqual(told, ['close 1006'], 'events')
  }),

  // What is made of requests learns of it from the first one.
  define('tells 1006 when it is refused, once, and hears nothing', async (harness) => {
    const { carrier, told } = dial(harness, harness.refusingUrl)
    await harness.until(() => told.length > 0)
    carrier.send('to nobody')
    await harness.until(() => told.at(-1) !== 'open')
    carrier.send('to nobody')
    carrier.close()
    await harness.settle()
    expectEqual(told[0] === 'open' ? told.slice(1) : told, ['close 1006'], 'events')
  }),

  define('given up while open: what was sent arrives, the server is told, and it is silent', async (harness) => {
    const { carrier, told, far, arrived } = await open(harness)
    carrier.send('last words')
    carrier.close(4000, 'enough')
    far.send('too late')
    carrier.send('too late')
    await harness.until(() => far.closed !== undefined)
    await harness.settle()
    expectEqual(arrived(), ['last words'], 'what arrived')
    expectEqual(told, [], 'events')
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
    carrier.send('to nobody')
    await harness.settle()
    carrier.close()
    await harness.settle()
    expectEqual(told[0] === 'open' ? told.slice(1) : told, [], 'events')
  }),

  define('given up from inside its own open: silent from there on', async (harness) => {
    const told: string[] = []
    const carrier = harness.transport(harness.url, {
      open: () => {
        told.push('open')
        carrier.close()
        carrier.send('too late')
      },
      message: () => told.push('message'),
      close: () => told.push('close'),
    })
    await harness.until(() => told.length > 0)
    await harness.settle()
    await harness.until(() => harness.accepted.every((far) => far.closed !== undefined))
    expectEqual(
      [told, harness.accepted.flatMap((far) => linesOf(far.received))],
      [['open'], []],
      'events, and what arrived',
    )
  }),

  define('given up from inside its own message: silent from there on', async (harness) => {
    const told: string[] = []
    const carrier = harness.transport(harness.url, {
      open: () => {
        told.push('open')
        carrier.send('hello')
      },
      message: (packet) => {
        if (linesOf([packet]).length === 0) return
        told.push('message')
        carrier.close()
      },
      close: () => told.push('close'),
    })
    await harness.until(() => harness.accepted.length > 0)
    for (const packet of ['one', 'two', 'three']) harness.accepted[0]?.send(packet)
    harness.accepted[0]?.close(4000, '')
    await harness.settle()
    expectEqual(told, ['open', 'message'], 'events')
  }),

  define('told that the page may go: all that was sent arrives, and it goes on', async (harness) => {
    const { carrier, told, far, arrived, messages } = await open(harness)
    carrier.send('before')
    carrier.leave?.()
    carrier.send('after')
    carrier.leave?.()
    await harness.until(() => arrived().length > 1)
    far.send('back again')
    await harness.until(() => messages().length > 0)
    carrier.send('still here')
    await harness.until(() => arrived().length > 2)
    expectEqual(arrived(), ['before', 'after', 'still here'], 'what arrived')
    expectEqual(told, ['message'], 'events')
  }),

  // The native close throws for most codes and for a reason over 123 bytes; swallowed, that leaves a second socket alive.
  ...([[1001], [1006], [99], [4000, 'ä'.repeat(123)], [1000, 'done']] as const).map(([code, reason]) =>
    define(`closes whatever the code and reason: ${code} ${reason?.length ?? 0}`, async (harness) => {
      const { carrier, told, far } = await open(harness)
      carrier.close(code, reason)
      carrier.close(code, reason)
      await harness.until(() => far.closed !== undefined)
      await harness.settle()
      expectEqual(told, [], 'events')
    }),
  ),

  define('one carrier knows nothing of another', async (harness) => {
    const one = await open(harness)
    const other = await open(harness)
    one.carrier.close()
    other.carrier.send('alive')
    other.far.send('alive too')
    await harness.until(() => other.arrived().length > 0 && other.messages().length > 0)
    expectEqual([one.told, other.told], [[], ['message']], 'events')
  }),

  define('does not throw where nobody answers', async (harness) => {
    dial(harness, harness.refusingUrl).carrier.close()
    await harness.settle()
  }),
]
