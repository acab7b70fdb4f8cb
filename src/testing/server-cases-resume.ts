import { SUBPROTOCOL } from '../protocol/frames.ts'
import { enter, newId, sayHello, dialServer, helloOf, type ServerHarness } from './server-trial.ts'
import { expectEqual, fail } from './trial.ts'

/** A case before it has its face. */
export type Case = readonly [name: string, run: (harness: ServerHarness) => Promise<void>]

/** Opening, resuming, and which carrier counts. docs/protocol.md#opening */
export const resumeCases: readonly Case[] = [
  [
    'welcomes a hello',
    async (harness) => {
      const { welcome, closed } = await enter(harness)
      const { got, from, life, up, limit } = welcome
      expectEqual([got, from], [0, 1], 'where the welcome of a new session stands')
      if (typeof life !== 'string' || !/^.{16,64}$/.test(life)) fail(`a life is 16 to 64 characters, not ${life}`)
      if (!Number.isSafeInteger(up) || up < 0) fail(`"up" is a count of milliseconds, not ${up}`)
      if (!(limit >= 65_536)) fail(`"limit" is at least 65536, not ${limit}`)
      expectEqual(closed, undefined, 'the code of the close')
    },
  ],
  [
    'gives every session a life of its own',
    async (harness) => {
      const [one, other] = [await enter(harness), await enter(harness)]
      if (one.welcome.life === other.welcome.life) fail(`two sessions have the life ${one.welcome.life}`)
    },
  ],
  [
    'takes no WebSocket that does not offer its subprotocol',
    async (harness) => {
      let [isOpen, isClosed] = [false, false]
      const events = { open: () => (isOpen = true), message: () => {}, close: () => (isClosed = true) }
      harness.transport(harness.url, events, [])
      await harness.until(() => isClosed || isOpen)
      if (isOpen) fail(`a WebSocket without ${SUBPROTOCOL} opened`)
    },
  ],
  [
    'takes what comes with the hello, and what follows before the welcome, in order',
    async (harness) => {
      const peer = await sayHello(harness, {}, ['say', 1], ['say', 2])
      peer.send(['say', 3], ['say', 4])
      peer.send(['say', 5])
      await peer.expect(...[1, 2, 3, 4, 5].map((number) => ['said', number]))
    },
  ],
  [
    'answers a ping before any hello, and welcomes what follows',
    async (harness) => {
      const peer = await dialServer(harness)
      peer.send({ ping: 0 })
      expectEqual(await peer.said('pong'), 0, 'the pong')
      peer.send(helloOf(), ['say', 'hello'])
      await peer.said('welcome')
      await peer.expect(['said', 'hello'])
    },
  ],
  [
    'passes over what it does not know in a hello, and takes an age that is nothing beside its own',
    async (harness) => {
      await enter(harness, { color: 'blue', auth: { deep: [null] } })
      const { welcome } = await enter(harness)
      if (welcome.up > 0) await enter(harness, { age: 0 })
    },
  ],
  [
    'resumes a session, and repeats what its client has not got',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      first.send(['say', 1], ['say', 2], ['say', 3])
      await first.expect(['said', 1], ['said', 2], ['said', 3])
      first.drop()
      const second = await enter(harness, { session, attempt: 2, from: 4, got: 1, life: welcome.life })
      expectEqual([second.welcome.got, second.welcome.from], [3, 2], 'got and from of the welcome')
      expectEqual(second.welcome.life, welcome.life, 'the life of the welcome')
      await second.expect(['said', 2], ['said', 3])
      // And once more, because it was not acknowledged.
      second.drop()
      const third = await enter(harness, { session, attempt: 3, from: 4, got: 2, life: welcome.life })
      await third.expect(['said', 3])
    },
  ],
  [
    'repeats nothing that was acknowledged, or that a hello says was got',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      first.send(['say', 1], ['say', 2])
      await first.expect(['said', 1], ['said', 2])
      first.send({ ack: 2 })
      await first.sync()
      first.drop()
      const second = await enter(harness, { session, attempt: 2, from: 3, got: 2, life: welcome.life })
      expectEqual(second.welcome.from, 3, 'from of the welcome')
      second.send(['say', 3])
      await second.expect(['said', 3])
    },
  ],
  [
    'delivers what is sent again once, and goes on with what is new',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      first.send(['say', 1], ['say', 2])
      await first.expect(['said', 1], ['said', 2])
      first.drop()
      const again = [
        ['say', 1],
        ['say', 2],
        ['say', 3],
      ]
      const second = await enter(harness, { session, attempt: 2, from: 1, got: 2, life: welcome.life }, ...again)
      expectEqual(second.welcome.got, 2, 'got of the welcome')
      await second.expect(['said', 3])
      expectEqual(await second.sync(), 3, 'what the server has')
    },
  ],
  [
    'keeps what it says while its client is away',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      first.send(['say', 'and gone'])
      await first.until('the event', () => first.frames.length > 0)
      first.send(['say', 'unheard'])
      first.drop()
      await harness.settle()
      const second = await enter(harness, { session, attempt: 2, from: 2, got: 1, life: welcome.life }, [
        'say',
        'unheard',
      ])
      await second.expect(['said', 'unheard'])
    },
  ],
  [
    'takes a first hello again whose answer was lost, and what came with it once',
    async (harness) => {
      const session = newId()
      const first = await sayHello(harness, { session }, ['say', 1])
      await first.said('welcome')
      await first.sync()
      first.drop()
      const second = await enter(harness, { session, attempt: 2, age: 1 }, ['say', 1], ['say', 2])
      expectEqual([second.welcome.got, second.welcome.from], [1, 1], 'got and from of the welcome')
      await second.expect(['said', 1], ['said', 2])
    },
  ],
  [
    'gives a session to the greater attempt, and tells the one that had it',
    async (harness) => {
      const first = await enter(harness)
      const { session, welcome } = first
      const second = await enter(harness, { session, attempt: 5, life: welcome.life })
      await first.expectBye(4409)
      second.send(['say', 'mine'])
      await second.expect(['said', 'mine'])
      // What is late, and another one that believes to be as far.
      for (const attempt of [4, 5])
        await (await sayHello(harness, { session, attempt, life: welcome.life })).expectBye(4409)
      second.send(['say', 'still mine'])
      await second.expect(['said', 'mine'], ['said', 'still mine'])
    },
  ],
  [
    'takes the same attempt again if it is the same client',
    async (harness) => {
      const change = { session: newId(), attempt: 3, nonce: newId() }
      const first = await enter(harness, change)
      const second = await enter(harness, { ...change, life: first.welcome.life })
      await first.expectBye(4409)
      second.send(['say', 'here'])
      await second.expect(['said', 'here'])
    },
  ],
]
