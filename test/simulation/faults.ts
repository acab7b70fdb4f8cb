import { carrierFaults } from './carrier-faults.ts'
import { type Fault, fault, inFile } from './fault.ts'
import { messageFaults } from './message-faults.ts'
import { parcelFaults } from './parcel-faults.ts'

const session = inFile('src/session/session.ts')
const client = inFile('src/session/client.ts')
const identity = inFile('src/session/identity.ts')
const dialer = inFile('src/session/dialer.ts')
const dial = inFile('src/session/dial.ts')
const calls = inFile('src/session/calls.ts')
const lost = inFile('src/session/lost.ts')
const machine = inFile('src/kernel/machine.ts')
const outbox = inFile('src/kernel/outbox.ts')
const backoff = inFile('src/kernel/backoff.ts')
const liveness = inFile('src/kernel/liveness.ts')
const peer = inFile('src/server/session.ts')
const active = inFile('src/server/active.ts')

/** Each is something that a library in use got wrong, or that would pass every test of the happy path. */
export const faults: readonly Fault[] = [
  fault(
    'sound',
    'a late failure of an earlier try ends the current one: no epoch guard',
    machine('if (input.epoch !== epoch) return [c]'),
    dial('if (!signal.aborted) onError(', 'onError('),
  ),
  fault(
    'lasting',
    'a late token of an earlier try is taken: no check for abortion',
    dial('      if (signal.aborted) return\n'),
    dialer('--missing === 0 && dials[rung] === dial', '--missing === 0'),
  ),
  fault(
    'single',
    'the carrier of an earlier try is not closed: two sockets',
    dialer('      for (const rung of Object.keys(dials) as Rung[]) perform.drop(rung)\n'),
  ),
  fault(
    'blameless',
    'one acknowledgement too few',
    session('ack: session.got })', 'ack: Math.max(0, session.got - 1) })'),
  ),
  fault('lasting', 'one acknowledgement too many', session('ack: session.got })', 'ack: session.got + 1 })')),
  fault('complete', 'no replay on a new carrier', inFile('src/session/outflow.ts')('      outbox.rewind()\n')),
  fault('handled', 'numbers begin anew on a new carrier', session('next = from\n', 'next = session.got + 1\n')),
  fault(
    'once',
    'delivered before it is looked for duplicates',
    session('if (next++ > session.got) {', 'next++\n    {'),
  ),
  fault('quiet', 'a close leaves its timer armed', client('          disarm()\n')),
  fault('freed', 'an ended session leaves its alarm armed', active('    alarm.set(Infinity)\n')),
  fault(
    'open',
    'an old connection takes a session over',
    peer('return next.attempt < this.#attempt ||', 'return (false && next.attempt < this.#attempt) ||'),
  ),
  fault('converges', 'a dead connection is never given up', liveness("return 'dead'", "return 'ask'")),
  fault('alive', 'a retry has no timer', machine('deadline: now + delay', 'deadline: Infinity')),
  fault(
    'converges',
    'coming online does nothing while paused',
    machine("state === 'connecting' ||", "state !== 'waiting' ||"),
  ),
  fault(
    'converges',
    'a page that thaws stays paused',
    machine("state === 'connecting' ||", "state === 'connecting' || c.pausedBy === 'frozen' ||"),
  ),
  fault(
    'withdrawn',
    'a withdrawn request is not withdrawn over there',
    calls('talk.push(messageOf(`[${id}]`), true)', 'void 0'),
  ),
  fault(
    'once',
    'messages in doubt go out again and nobody is told',
    lost('if (isDoubtful) inDoubt.push', 'if (isDoubtful && !isResent) inDoubt.push'),
  ),
  fault(
    'once',
    'a first connection that broke says nothing of what it took along',
    identity('life ? 0 : sent.length', '0'),
  ),
  fault(
    'flushed',
    'flush looks only at what has been sent',
    inFile('src/session/flushes.ts')('outbox.sent.length + outbox.queued\n', 'outbox.sent.length\n'),
  ),
  fault(
    'freed',
    'close says no bye',
    client("if (connection.state.state === 'open') session.farewell({ code: NORMAL })", ''),
  ),
  fault(
    'lasting',
    'expired messages leave a hole in the numbers',
    outbox(
      '      drop(message, why)\n    }\n    waiting',
      '      drop(message, why)\n      outbox.acknowledged++\n      outbox.given++\n    }\n    waiting',
    ),
  ),
  fault(
    'complete',
    'a keyed message takes the place in the line of the one that it replaces',
    outbox(
      '      place(message)\n      ledger?.enter(message)\n      return ',
      '      place(message)\n      if (older) waiting.splice(head, 0, waiting.pop()!)\n      return ',
    ),
  ),
  fault(
    'sound',
    'a timer that wakes late judges before it looks at what arrived',
    liveness("if (grace > 0) return 'dead'", "return 'dead'"),
  ),
  fault(
    'sound',
    'a page that believes to be offline gives up a connection that works',
    machine("isOpen ? [c, 'probe'] : state === 'paused'", "state === 'paused'"),
  ),
  fault('spaced', 'failed tries are not spaced', backoff('Math.min(max,', '0 * Math.min(max,')),
  fault(
    'handled',
    'a question that must not be asked twice is asked again in another session',
    calls('const again = idempotent && create', 'const again = create'),
  ),
  fault(
    'converges',
    'a server that drains counts one message too many as handled',
    inFile('src/server/core.ts')("is closing', got, retry", "is closing', got: got + 1, retry"),
  ),
  fault(
    'lasting',
    'the session of a lost connection is given up at once',
    peer('this.#host.clock.now() + this.#host.options.keep\n', 'this.#host.clock.now()\n'),
  ),
  ...carrierFaults,
  ...messageFaults,
  ...parcelFaults,
]
