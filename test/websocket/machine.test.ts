/** What holds whatever happens, in whatever order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CLOSED,
  CLOSING,
  CONNECTING,
  type Connection,
  type Input,
  OPEN,
  WAITING,
  initial,
  step,
} from '../../src/websocket/machine.ts'
import { resolve } from '../../src/websocket/options.ts'
import { stage } from './stage.ts'

const end = { code: 1006, reason: '', wasClean: false }
const settings = resolve({ maxRetries: 5, heartbeat: { message: 'ping', interval: 1_000, timeout: 500 } })

/** Only what can happen there: the interpreter passes on nothing else. */
const possible = ({ state, until }: Connection, { type }: Input, now: number): boolean => {
  if (type === 'open') return state === CONNECTING
  if (type === 'message') return state === OPEN
  if (type === 'timeout') return now >= until
  return type !== 'ended' || isTrying(state)
}

const isTrying = (state: number): boolean => state !== WAITING && state !== CLOSED

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom<Input>({ type: 'open' }, { type: 'message' }, { type: 'wake' }, { type: 'reconnect', end }),
  fc.record({ type: fc.constant('timeout' as const) }),
  fc.record({ type: fc.constant('ended' as const), end: fc.constant(end), isFinal: fc.boolean() }),
  fc.record({ type: fc.constant('close' as const), hasSocket: fc.boolean() }),
)

/** What does not hold of a step, and should. */
const brokenRules = (
  before: Connection,
  { state, until, epoch, end: told, asked = 0 }: Connection,
  { now, online }: { readonly now: number; readonly online: boolean },
): string[] => {
  const isNew = epoch !== before.epoch
  const asks = asked > (before.asked ?? 0)
  return Object.entries({
    'an epoch follows the one before': epoch === before.epoch || epoch === before.epoch + 1,
    // A close() without a connection is a try of its own: its end comes later.
    'each try has one end': !isNew || (told !== undefined) === (isTrying(before.state) && state !== CLOSING),
    'a try or a close() takes no longer than it may':
      (state !== CONNECTING && state !== CLOSING) || until <= now + settings.connectionTimeout,
    'an open connection is looked after': state !== OPEN || until < Infinity,
    'only who is offline waits without an end': state !== WAITING || until < Infinity || !online || !isNew,
    'whoever is through asks for no timer': state !== CLOSED || until === Infinity,
    'only an open connection is asked for a sign of life': !asks || (state === OPEN && !isNew),
  }).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

test('each try has one end, waiting and trying have theirs, and whoever is not trying asks for nothing', () => {
  const happening = fc.record({
    input: inputs,
    passes: fc.nat(4_000),
    online: fc.boolean(),
    chance: fc.double({ min: 0, max: 0.99, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      let connection = initial
      let now = 0
      for (const { input, passes, online, chance } of happenings) {
        now += passes
        if (!possible(connection, input, now)) continue
        const next = step(connection, input, settings, { now, chance, online })
        expect(brokenRules(connection, next, { now, online })).toEqual([])
        connection = next
      }
    }),
  )
})

test('there is one live socket at most, and after close() nothing is left', async () => {
  const doings = fc.constantFrom(
    'open',
    'end',
    'final',
    'say',
    'late',
    'send',
    'reconnect',
    'close',
    'wake',
    'offline',
    'online',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ doing: doings, passes: fc.nat(5_000) }), { maxLength: 25 }),
      async (steps) => {
        const it = stage({ heartbeat: { message: 'ping', interval: 2_000, timeout: 1_000 } })
        for (const { doing, passes } of steps) {
          const { last, sockets, socket, lifecycle } = it
          if (doing === 'open' && last.readyState === 0) last.open()
          else if (doing === 'end' && last.readyState < 3) last.end()
          else if (doing === 'final' && last.readyState < 3) last.end(4400)
          else if (doing === 'say' && last.readyState === 1) last.say('news')
          else if (doing === 'late' && sockets[0] !== last) sockets[0]!.end()
          else if (doing === 'send') socket.send('data')
          else if (doing === 'reconnect') socket.reconnect()
          else if (doing === 'close') socket.close()
          else if (doing === 'wake' || doing === 'offline' || doing === 'online') lifecycle.happen(doing)
          expect(it.live).toBeLessThanOrEqual(1)
          await it.pass(passes)
          expect(it.live).toBeLessThanOrEqual(1)
        }
        it.socket.close()
        await it.pass(4_000)
        expect([it.live, it.held, it.socket.readyState]).toEqual([0, [0, 0], 3])
        // Each open connection had an end, and so had each try.
        expect(it.log.filter((line) => line.startsWith('close')).length).toBeGreaterThanOrEqual(it.sockets.length)
      },
    ),
    { numRuns: 60 },
  )
})
