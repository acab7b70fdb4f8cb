import { enter, newId, sayHello } from './server-trial.ts'
import type { Case } from './server-cases-resume.ts'
import { expectEqual } from './trial.ts'

/** Who may not, what is lost, and what is over. docs/protocol.md#closing */
export const closingCases: readonly Case[] = [
  [
    'turns away who is not accepted',
    async (harness) => void (await (await sayHello(harness, { auth: 'stranger' })).expectBye(4401)),
  ],
  [
    'asks who it is each time: a session goes on for nobody else, and for its owner still',
    async (harness) => {
      const first = await enter(harness, { auth: 'ann' })
      const { session, welcome } = first
      const resume = { session, life: welcome.life }
      await (await sayHello(harness, { ...resume, attempt: 2, auth: 'ben' })).expectBye(4403)
      await (await sayHello(harness, { ...resume, attempt: 2, auth: 'stranger' })).expectBye(4401)
      first.send(['say', 'mine'])
      await first.expect(['said', 'mine'])
      await enter(harness, { ...resume, attempt: 2, got: 1, from: 2, auth: 'ann' })
    },
  ],
  [
    'does not know a session of another life, nor one that it never had',
    async (harness) => {
      const { session } = await enter(harness)
      await (await sayHello(harness, { session, attempt: 2, life: newId() })).expectBye(4410)
      const bye = await (await sayHello(harness, { attempt: 2, life: newId() })).expectBye(4410)
      expectEqual(bye.got, undefined, 'got of a session that it never had')
    },
  ],
  [
    'does not begin a session whose frames may have been handled before it ran',
    async (harness) => {
      const session = newId()
      await (await sayHello(harness, { session, age: 2 ** 50 })).expectBye(4410)
      // An earlier hello of it that comes late.
      await (await sayHello(harness, { session })).expectBye(4410)
    },
  ],
  ...(
    [
      ['from', { from: 5, got: 0 }],
      ['got', { from: 2, got: 9 }],
    ] as const
  ).map(([what, impossible]): Case => [
    `ends a session that stands where it cannot, by its "${what}", and tells what it got`,
    async (harness) => {
      const first = await enter(harness, {}, ['say', 1])
      const { session, welcome } = first
      await first.expect(['said', 1])
      const resume = { session, life: welcome.life }
      const bye = await (await sayHello(harness, { ...resume, attempt: 2, ...impossible })).expectBye(4410)
      expectEqual(bye.got, 1, 'got of the bye')
      await (await sayHello(harness, { ...resume, attempt: 3, from: 2, got: 1 })).expectBye(4410)
    },
  ]),
  [
    'ends a session when its client says bye, and remembers what it got',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      first.send(['say', 1], { bye: { code: 1000 } })
      await first.until('the end of the connection', () => first.closed !== undefined)
      const resume = { session, attempt: 2, life: welcome.life, from: 1, got: 0 }
      const bye = await (await sayHello(harness, resume, ['say', 1])).expectBye(4410)
      expectEqual(bye.got, 1, 'got of the bye')
      await (await sayHello(harness, { session })).expectBye(4410)
    },
  ],
  [
    'closes with the code and reason of its application, after what it said before',
    async (harness) => {
      const peer = await enter(harness)
      peer.send(['say', 'before'], ['leave'])
      const bye = await peer.expectBye(4499)
      expectEqual([bye.reason, bye.got], ['So long', 2], 'reason and got of the bye')
      expectEqual(peer.frames, [['said', 'before']], 'what came')
    },
  ],
  [
    'ends a session that acknowledges what was never sent',
    async (harness) => {
      const peer = await enter(harness)
      const { session, welcome } = peer
      peer.send({ ack: 1 })
      await peer.expectBye(4400)
      await (await sayHello(harness, { session, attempt: 2, life: welcome.life })).expectBye(4410)
    },
  ],
  [
    'ends a session that welcomes it',
    async (harness) => {
      const peer = await enter(harness)
      const { welcome } = peer
      peer.send({ welcome })
      await peer.expectBye(4400)
    },
  ],
]
