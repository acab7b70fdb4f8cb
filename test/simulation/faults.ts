import type { Patch } from './bundle.ts'
import type { LifeKind } from './lives.ts'

/** A deliberate fault: something that must not be forgotten in the sources, forgotten. */
export interface Fault {
  readonly name: string
  readonly patches: readonly Patch[]
  /** From this life on, it is found soon. */
  readonly near: number
  readonly kind: LifeKind
}

const fault = (name: string, ...patches: Patch[]): Fault => ({ name, patches, near: 1, kind: 'any' })
const inFile =
  (file: string) =>
  (find: string, replace = ''): Patch => ({ file, find, replace })

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
const answer = inFile('src/transports/answer.ts')
const http = inFile('src/transports/http.ts')
const ladder = inFile('src/kernel/ladder.ts')
const acceptor = inFile('src/server/acceptor.ts')
const buffer = inFile('src/server/replay-buffer.ts')
const envelope = inFile('src/server/envelope.ts')
const post = inFile('src/server/post-carrier.ts')

/** Each is something that a library in use got wrong, or that would pass every test of the happy path. */
export const faults: readonly Fault[] = [
  fault(
    'a late failure of an earlier try ends the current one: no epoch guard',
    machine('if (input.epoch !== epoch) return [c]'),
    dial('if (!signal.aborted) onError(', 'onError('),
  ),
  fault(
    'a late token of an earlier try is taken: no check for abortion',
    dial('      if (signal.aborted) return\n'),
    dialer('--missing === 0 && dials[rung] === dial', '--missing === 0'),
  ),
  fault(
    'the carrier of an earlier try is not closed: two sockets',
    dialer('      for (const rung of Object.keys(dials) as Rung[]) perform.drop(rung)\n'),
  ),
  fault('one acknowledgement too few', session('ack: got })', 'ack: Math.max(0, got - 1) })')),
  fault('one acknowledgement too many', session('ack: got })', 'ack: got + 1 })')),
  fault('no replay on a new carrier', session('      outbox.rewind()\n')),
  fault('numbers begin anew on a new carrier', session('next = from\n', 'next = got + 1\n')),
  fault('delivered before it is looked for duplicates', session('if (next++ > got) {', 'next++\n    {')),
  fault('a close leaves its timer armed', client('          disarm()\n')),
  fault('an ended session leaves its alarm armed', peer('      alarm.set(Infinity)\n')),
  fault(
    'an old connection takes a session over',
    peer('(next) => next.attempt < attempt ||', '(next) => false && next.attempt < attempt ||'),
  ),
  fault('a dead connection is never given up', liveness("return 'dead'", "return 'ask'")),
  fault('a retry has no timer', machine('deadline: online ? now + delay : Infinity', 'deadline: Infinity')),
  fault('coming online does nothing while paused', machine("online && state !== 'connecting'", "state === 'waiting'")),
  fault('a withdrawn request is not withdrawn over there', calls('talk.push(messageOf(`[${id}]`), true)', 'void 0')),
  fault(
    'messages in doubt go out again and nobody is told',
    lost('if (isDoubtful) inDoubt.push', 'if (isDoubtful && !isResent) inDoubt.push'),
  ),
  fault(
    'a first connection that broke says nothing of what it took along',
    identity('carried = life ? 0 : sent.length', 'carried = 0'),
  ),
  fault(
    'flush looks only at what has been sent',
    inFile('src/session/flushes.ts')('outbox.sent.length + outbox.queued, resolve', 'outbox.sent.length, resolve'),
  ),
  fault('close says no bye', client("if (machine.state === 'open') session.farewell({ code: NORMAL })", '')),
  fault(
    'expired messages leave a hole in the numbers',
    outbox(
      '      drop(message, why)\n    }\n    waiting',
      '      drop(message, why)\n      acknowledged++\n    }\n    waiting',
    ),
  ),
  fault(
    'a keyed message takes the place in the line of the one that it replaces',
    outbox(
      '      place(message, size)\n      ledger?.enter(message)\n      return true',
      '      place(message, size)\n      if (older) waiting.splice(head, 0, waiting.pop()!)\n      return true',
    ),
  ),
  fault(
    'a timer that wakes late judges before it looks at what arrived',
    liveness("if (grace > 0) return 'dead'", "return 'dead'"),
  ),
  fault(
    'a page that believes to be offline gives up a connection that works',
    machine("state === 'open' ? [c, 'probe'] : to('paused')", "to('paused')"),
  ),
  fault('failed tries are not spaced', backoff('Math.min(max,', '0 * Math.min(max,')),
  fault(
    'a question that must not be asked twice is asked again in another session',
    calls('again: idempotent && create', 'again: create'),
  ),
  fault(
    'a server that drains counts one message too many as handled',
    inFile('src/server/core.ts')('got: peer.talk.session.got,', 'got: peer.talk.session.got + 1,'),
  ),
  fault(
    'the session of a lost connection is given up at once',
    peer('expiresAt = clock.now() + keep\n', 'expiresAt = clock.now()\n'),
  ),
  fault(
    'a line that broke off is counted',
    answer('rest = lines.pop()!', "rest = ''\n          if (lines.at(-1) === '') lines.pop()"),
  ),
  fault('bytes overtake the text before them', answer('      flush(i)\n', '')),
  fault(
    'bytes overtake the text before them on the way up',
    envelope('        finish()\n        packets.push(part)', '        packets.unshift(part)'),
  ),
  fault(
    'a push is repeated under a new number',
    http('pushing?.number === number && push(tries + 1)', '(pushing = { number: ++pushes, body }, push(tries + 1))'),
  ),
  fault('an HTTP carrier that was given up goes on asking', http('      for (const cancel of pending) cancel()\n', '')),
  fault(
    'an HTTP carrier that is closed keeps its last words',
    http('[JSON.stringify(envelope), ...queue]', '[JSON.stringify(envelope)]'),
  ),
  { ...fault('many pushes at a time', http('(pushing && !isLeaving)', 'false')), near: 480 },
  { ...fault('lines of a lost answer are not told again', post('      buffer.rewind()\n', '')), near: 480 },
  fault('one line more is forgotten than was confirmed', buffer('got - confirmed)', 'got - confirmed + 1)')),
  fault(
    'a push that comes twice is taken twice',
    post('if (push === pushed + 1) status', 'if (push !== undefined) status'),
  ),
  { ...fault('a push that overtook another is lost', post('    if (next) proceed(next)\n', '')), near: 130 },
  {
    ...fault(
      'a carrier that closes says nothing any more',
      post('    epitaph = code === undefined', '    buffer.confirm(buffer.last)\n    epitaph = code === undefined'),
    ),
    near: 330,
  },
  fault(
    'a move has the attempt of the carrier before',
    identity('generation * CARRIERS + ++tries', 'generation * CARRIERS + (tries ||= 1)'),
  ),
  fault('the carrier that the session left stays open', dialer('      dials[rung]?.carrier?.close()\n', '')),
  fault(
    'the hello goes out instead of the probe',
    dialer('dials[rung]!.carrier!.send(\'{"ping":0}\')', 'host.claim(dials[rung]!.carrier!, dials[rung]!.credentials)'),
  ),
  {
    ...fault(
      'a WebSocket without credentials stays open',
      dialer("    perform.drop(rung)\n    step({ type: 'failed'", "    delete dials[rung]\n    step({ type: 'failed'"),
    ),
    near: 220,
  },
  fault('WebSocket is hardly ever tried again', ladder('RETURNS = [30_000', 'RETURNS = [3_000_000')),
  fault(
    'the server answers no probes',
    acceptor('      if (ping !== undefined) carrier.send(JSON.stringify({ pong: ping }))\n', ''),
  ),
  {
    ...fault(
      'a move does not end the carrier before, at the server',
      peer("      if (carrier) drop({ code: SUPERSEDED, reason: 'Another connection took this session over.' })\n", ''),
    ),
    near: 170,
  },
  fault(
    'a move has no deadline',
    inFile('src/kernel/machine.ts')("state === 'open' ? { ...c, deadline: now + connectTimeout } : c", 'c'),
  ),
  fault('a page on another network stays where it is', client("if (event === 'network') dialer.network()", '')),
  fault('polls hardly hang', http('poll: Math.round(hold.wait)', 'poll: 200')),
  {
    ...fault(
      'round trips that were measured are forgotten',
      dialer('measured >= 0 ? measured : remembered.roundTrip >= 0 ? remembered.roundTrip :', ''),
    ),
    kind: 'switching',
  },
]
