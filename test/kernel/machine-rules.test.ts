import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HoldfastError } from '../../src/kernel/errors.ts'
import {
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionWorld,
  idleConnection,
  step,
} from '../../src/kernel/machine.ts'
import { usual } from '../tools/usual-world.ts'

const broke = new HoldfastError('unreachable', 'It broke.')
const unresponsive = new HoldfastError('unresponsive', 'It was silent.')
type Change = Partial<Omit<Extract<ConnectionInput, { type: 'ended' }>, 'type'>>

/** What can happen, in terms of whatever state the machine is in. `late`: from a try that is over. */
type Happening =
  | { readonly do: 'pass'; readonly duration: number }
  | { readonly do: 'online' }
  | { readonly do: 'tell'; readonly input: ConnectionInput['type']; readonly late: boolean; readonly change: Change }

const retries = fc.option(
  fc.oneof(fc.constant(false as const), fc.record({ after: fc.nat(60_000), spread: fc.nat(60_000) })),
  { nil: undefined },
)
const codes = fc.oneof(fc.constantFrom(1000, 1006, 4400, 4401, 4408, 4410, 4429, 4503), fc.nat(5_000))
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), duration: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'online' as const }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      input: fc.constantFrom(
        'wake',
        'offline',
        'freeze',
        'due',
        'due',
        'reconnect',
        'close',
        'welcomed',
        'welcomed',
        'ended',
        'ended',
      ),
      late: fc.boolean(),
      change: fc.record({
        code: codes,
        retry: retries,
        progress: fc.boolean(),
        cause: fc.constantFrom(broke, unresponsive),
      }),
    }),
  },
)

const inputOf = (type: ConnectionInput['type'], epoch: number, change: Change): ConnectionInput => {
  if (type === 'ended') return { type, code: 1006, cause: broke, ...change, epoch }
  if (type === 'welcomed') return { type, epoch }
  return type === 'close' ? { type, cause: null } : { type }
}

/** The rules that a step broke. `tries`: the epochs of the tries that a runtime would have under way after it. */
const broken = (
  c: Connection,
  input: ConnectionInput,
  [next, effect]: readonly [Connection, (ConnectionEffect | undefined)?],
  { now, online }: ConnectionWorld,
  tries: readonly number[],
): string[] => {
  const isLate = 'epoch' in input && input.epoch !== c.epoch
  const isTimed = next.state === 'connecting' || next.state === 'waiting'
  const isLive = next.state === 'connecting' || next.state === 'open'
  const isUnchanged = next === c && effect === undefined
  const rules: Record<string, boolean> = {
    'closed is final': c.state !== 'closed' || isUnchanged,
    'what is late changes nothing': !isLate || isUnchanged,
    'epochs only grow': next.epoch >= c.epoch,
    'there is a try where there should be one, and never two': tries.join() === (isLive ? `${next.epoch}` : ''),
    'connecting and waiting have a deadline, nothing else has': Number.isFinite(next.deadline) === isTimed,
    'a new deadline is not in the past': next.deadline === c.deadline || next.deadline >= now,
    'paused tells why, nothing else does': (next.pausedBy === null) === (next.state !== 'paused'),
    'paused by the network only where there is none': next.pausedBy !== 'offline' || next === c || !online,
    'a frozen page holds nothing': input.type !== 'freeze' || next.state === 'closed' || next.pausedBy === 'frozen',
    'and only its return, or the user, ends that':
      c.pausedBy !== 'frozen' || next.pausedBy === 'frozen' || ['wake', 'reconnect', 'close'].includes(input.type),
    'no try without a network, unless asked for by the user or after an answer of the server':
      online || effect !== 'dial' || input.type === 'reconnect' || input.type === 'ended',
    'the end comes with a finish, once': (effect === 'finish') === (next.state === 'closed' && c.state !== 'closed'),
    'an open connection has no cause': next.state !== 'open' || next.cause === null,
  }
  return Object.keys(rules).filter((rule) => rules[rule] === false)
}

/** Lives a life, and tells which rules were broken in it. */
const live = (life: readonly Happening[], luck: Iterator<number>): string[] => {
  const world = { ...usual }
  let [c] = step(idleConnection, { type: 'start' }, world)
  let tries = [c.epoch]
  const complaints: string[] = []
  for (const happening of life) {
    if (happening.do === 'pass') world.now += happening.duration
    else if (happening.do === 'online') world.online = true
    else {
      const { input: type, late, change } = happening
      if (type === 'offline') world.online = false
      // A runtime wakes the machine at its deadline, and tells of a try only while there is one.
      if (type === 'due' && c.deadline < Infinity) world.now = Math.max(world.now, c.deadline)
      const isOver = late || tries.length === 0
      const input = inputOf(type, isOver ? c.epoch - 1 : c.epoch, change)
      world.chance = (luck.next().value as number) / 100
      const stepped = step(c, input, world)
      const [next, effect] = stepped
      if (next.epoch !== c.epoch) tries = []
      if (effect === 'dial') tries.push(next.epoch)
      complaints.push(...broken(c, input, stepped, world, tries))
      c = next
    }
  }
  return complaints
}

test('whatever happens in whatever order, the rules hold', () => {
  const property = fc.property(fc.array(happenings, { maxLength: 60 }), fc.infiniteStream(fc.nat(99)), (life, luck) => {
    expect(live(life, luck)).toEqual([])
  })
  fc.assert(property, { numRuns: 2_000 })
})
