import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HoldfastError } from 'holdfast'
import { openEnvelope, packetsOf } from '../../src/server/envelope.ts'
import { createAnswerReader } from '../../src/transports/answer.ts'
import type { Packet } from '../../src/transports/transport.ts'
import { decodeControl, decodeFrame, isCount } from '../../src/protocol/decode.ts'
import { body, bytes, line } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const check = (isRight: boolean, what: string): void => {
  if (!isRight) throw new Error(what)
}
/** Of the family, and short enough to be logged. */
const isError = (error: unknown): boolean => error instanceof HoldfastError && error.message.length < 200
const isText = (value: unknown): boolean => typeof value === 'string'

test('a frame is one or an error', async () => {
  await fuzz(fc.oneof(line, bytes), { usual: 1_200 }, (packet) => {
    const frame = decodeFrame(packet)
    if (frame instanceof HoldfastError) return check(isError(frame), 'not short')
    const [head, data, tail, fourth] = frame as readonly unknown[]
    // Pieces of Blobs, and messages that had some.
    if (head === null) return check(frame.length === 1 || [tail, fourth].every(isCount), 'no piece')
    if (frame.length > 3) return check(Array.isArray(fourth) && (tail === null || isCount(tail)), 'no places')
    check(frame.length > 0 && frame.length < 4 && (isText(head) || isCount(head)), 'no frame')
    check(tail === undefined || isCount(tail) || tail instanceof Object, 'no tail')
    check(isText(packet) || data instanceof Uint8Array, 'no bytes')
  })
})

test('a control line has what is known and well formed, and errors for the rest', async () => {
  await fuzz(line, { usual: 1_200 }, (packet) => {
    const faults: unknown[] = []
    const control = decodeControl(packet, (error) => faults.push(error))
    const { ack = 0, ping = 0, pong = 0, bye = { code: 0 }, ...rest } = control
    check([ack, ping, pong, bye.code].every(isCount), 'no count')
    check(
      Object.keys(rest).every((key) => key === 'welcome' || key === 'volatile'),
      'unknown',
    )
    check(faults.length < 8 && faults.every(isError), 'no error')
  })
})

test('a body has an envelope or none, and packets or an error', async () => {
  const inputs = fc.tuple(body('client'), fc.constantFrom(10, 1_000, 1_000_000))
  await fuzz(inputs, { usual: 800 }, ([whole, maxBytes]) => {
    const opened = openEnvelope(whole)
    check(!opened || (isCount(opened.envelope.got) && opened.envelope.carrier.length >= 16), 'no envelope')
    const packets = packetsOf(opened?.lines ?? whole, maxBytes)
    check(packets instanceof HoldfastError ? isError(packets) : packets.length > 0, 'no packets')
  })
})

test('an answer says the same wherever it is split', async () => {
  const inputs = fc.tuple(
    fc.array(body('server'), { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat(), { maxLength: 4 }),
  )
  const read = (answers: string[], cuts: number[]): unknown => {
    const told: Packet[] = []
    const reader = createAnswerReader((packet) => told.push(packet))
    const isOurs = answers.map((answer) => {
      const one = reader.begin()
      const ends = cuts.map((cut) => cut % (answer.length + 1)).sort((a, b) => a - b)
      for (const [i, end] of [...ends, answer.length].entries()) one.text(answer.slice(ends[i - 1] ?? 0, end))
      return one.isOurs()
    })
    const { code, reason } = reader.closing(answers[0]!)
    check(isCount(code) && isText(reason), 'no end')
    // Text packets may be joined and split at line ends.
    return [isOurs, reader.got, told.map(String).join('\n')]
  }
  await fuzz(inputs, { usual: 800 }, ([answers, cuts]) => {
    expect(read(answers, cuts)).toEqual(read(answers, []))
  })
})
