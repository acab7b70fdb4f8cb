import { expect, test } from 'vitest'
import type { HoldfastError } from '../../src/kernel/errors.ts'
import { createConversation } from '../../src/session/conversation.ts'
import type { Conversation } from '../../src/session/ports.ts'
import { messageOf } from '../../src/kernel/message.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Carrier, Packet } from '../../src/transports/transport.ts'

interface End {
  readonly talk: Conversation
  readonly packets: Packet[]
  receive(packet: Packet): void
}

/** One end over a carrier that is played by hand, with the microtasks of the real world. */
const open = (
  onError: (error: HoldfastError, end: End) => void = (error) => expect.unreachable(error.message),
): End => {
  const packets: Packet[] = []
  const carrier: Carrier = {
    transport: 'websocket',
    bufferedAmount: 0,
    send: (packet) => void packets.push(packet),
    close() {},
  }
  const talk = createConversation({
    clock: systemClock(),
    heartbeat: { idle: 25_000, timeout: 10_000 },
    outbox: { maxMessages: 1_000, maxBytes: 1_000_000, overflow: 'reject' },
    maxBlobBytes: 0,
    codec: undefined,
    schema: undefined,
    onError: (error) => onError(error, end),
    overflow: () => expect.unreachable(),
    bye: () => expect.unreachable(),
    broken: (_, error) => expect.unreachable(error.message),
    changed: () => {},
  })
  talk.session.attach(carrier, {})
  talk.session.resume(1, 0)
  const end = { talk, packets, receive: (packet: Packet) => talk.session.receive(carrier, packet) }
  return end
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

test('what is asked in the turn of an answer leaves with what the packet’s other answers bring about, and the acknowledgement', async () => {
  const { talk, packets, receive } = open()
  const ask = (): Promise<unknown> =>
    new Promise((resolve, reject) =>
      talk.calls.ask('echo', null, (kind, value) => (kind === 'fail' ? reject(value) : resolve(value))),
    )
  const askTwice = async (): Promise<void> => {
    await ask()
    await ask()
  }
  const all = Array.from({ length: 100 }, askTwice)
  await settled()
  packets.length = 0
  receive(Array.from({ length: 100 }, (_, index) => `[${index + 1},null]`).join('\n'))
  await settled()
  expect(packets.map((packet) => (packet as string).split('\n').length)).toEqual([101])
  receive(Array.from({ length: 100 }, (_, index) => `[${index + 101},null]`).join('\n'))
  await Promise.all(all)
})

test('of many questions in one task, the first leave before the last is asked, and never an acknowledgement of what brought them about', async () => {
  const { talk, packets, receive } = open()
  let atOnce: Packet[] = []
  talk.onEvent = () => {
    for (let index = 0; index < 100; index++) talk.calls.ask('echo', 'x'.repeat(100), () => {})
    atOnce = [...packets]
  }
  await settled()
  packets.length = 0
  receive('["go"]\n{"ping":1}')
  await settled()
  expect(atOnce).toHaveLength(1)
  expect((atOnce[0] as string).split('\n')).toHaveLength(Math.ceil(4_096 / '["echo","",1]'.padEnd(113).length))
  expect(packets).toHaveLength(2)
  expect((packets[1] as string).split('\n')).toHaveLength(101 - (atOnce[0] as string).split('\n').length)
  expect(packets[1]).toMatch(/\{"pong":1,"ack":1\}$/)
  expect(atOnce[0]).not.toContain('ack')
})

test('questions that are asked while a packet is being filled stand behind what is in it', async () => {
  const { talk, packets } = open((error, end) => {
    expect(error.code).toBe('expired')
    for (let index = 0; index < 100; index++) end.talk.calls.ask('echo', 'x'.repeat(100), () => {})
  })
  await settled()
  packets.length = 0
  const [first, late, last] = ['["first"]', '["late"]', '["last"]'].map(messageOf)
  for (const message of [first!, { ...late!, expiresAt: 0 }, last!]) talk.push(message)
  await settled()
  const names = packets.flatMap((packet) =>
    (packet as string).split('\n').map((line) => (JSON.parse(line) as unknown[])[0]),
  )
  expect(names).toEqual(['first', 'last', ...Array.from({ length: 100 }, () => 'echo')])
})
