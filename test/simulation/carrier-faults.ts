/** Deliberate faults in HTTP carriers, and in which carrier has a session. */
import { type Fault, fault, inFile } from './fault.ts'

const client = inFile('src/session/client.ts')
const identity = inFile('src/session/identity.ts')
const dialer = inFile('src/session/dialer.ts')
const backoff = inFile('src/kernel/backoff.ts')
const peer = inFile('src/server/session.ts')
const answer = inFile('src/transports/answer.ts')
const http = inFile('src/transports/http.ts')
const ladder = inFile('src/kernel/ladder.ts')
const acceptor = inFile('src/server/acceptor.ts')
const buffer = inFile('src/server/replay-buffer.ts')
const envelope = inFile('src/server/envelope.ts')
const post = inFile('src/server/post-carrier.ts')

export const carrierFaults: readonly Fault[] = [
  fault(
    'blameless',
    'a line that broke off is counted',
    answer('rest = lines.pop()!', "rest = ''\n          if (lines.at(-1) === '') lines.pop()"),
  ),
  fault('blameless', 'bytes overtake the text before them', answer('      flush(i)\n', '')),
  fault(
    'complete',
    'bytes overtake the text before them on the way up',
    envelope('packets.push(part)', 'packets.unshift(part)'),
  ),
  fault(
    'attempts',
    'a push is repeated under a new number',
    http('pushing?.number === number && push(tries + 1)', '(pushing = { number: ++pushes, body }, push(tries + 1))'),
  ),
  fault(
    'quiet',
    'an HTTP carrier that was given up goes on asking',
    http('      for (const cancel of pending) cancel()\n', ''),
  ),
  fault(
    'freed',
    'an HTTP carrier that is closed keeps its last words',
    http('[JSON.stringify(envelope), ...queue.packets]', '[JSON.stringify(envelope)]'),
  ),
  fault('converges', 'many pushes at a time', http('(pushing && !isLeaving)', 'false')),
  fault('withdrawn', 'lines of a lost answer are not told again', post('      buffer.rewind()\n', '')),
  fault(
    'sound',
    'one line more is forgotten than was confirmed',
    buffer('      let gone = 0\n', '      let gone = 0\n      if (got > confirmed) got++\n'),
  ),
  fault(
    'open',
    'a push that comes twice is taken twice',
    post('push === pushed + 1 ? receive', 'push !== undefined ? receive'),
  ),
  fault('quiet', 'a push that overtook another is lost', post('    if (next) proceed(next)\n', '')),
  fault(
    'converges',
    'a carrier that closes says nothing any more',
    post('    epitaph = code === undefined', '    buffer.confirm(buffer.last)\n    epitaph = code === undefined'),
  ),
  fault(
    'attempts',
    'a move has the attempt of the carrier before',
    identity('generation * CARRIERS + ++tries', 'generation * CARRIERS + (tries ||= 1)'),
  ),
  fault('single', 'the carrier that the session left stays open', dialer('      dials[rung]?.carrier?.close()\n', '')),
  fault(
    'blameless',
    'the hello goes out instead of the probe',
    dialer('dials[rung]!.carrier!.send(\'{"ping":0}\')', 'host.claim(dials[rung]!.carrier!, dials[rung]!.credentials)'),
  ),
  fault(
    'quiet',
    'a WebSocket without credentials stays open',
    dialer("    perform.drop(rung)\n    step({ type: 'failed'", "    delete dials[rung]\n    step({ type: 'failed'"),
  ),
  fault('returns', 'WebSocket is hardly ever tried again', ladder('RETURNS = [30_000', 'RETURNS = [3_000_000')),
  fault(
    'returns',
    'the server answers no probes',
    acceptor('      if (ping !== undefined) carrier.send(JSON.stringify({ pong: ping }))\n', ''),
  ),
  fault(
    'quiet',
    'a move does not end the carrier before, at the server',
    peer(
      "    if (this.carrier) this.drop({ code: SUPERSEDED, reason: 'Another connection took this session over.' })\n",
      '',
    ),
  ),
  fault(
    'alive',
    'a move has no deadline',
    inFile('src/kernel/machine.ts')('isOpen ? { ...c, deadline: now + connectTimeout } : c', 'c'),
  ),
  fault(
    'returns',
    'a page on another network stays where it is',
    client("if (event === 'network') dialer.network()", ''),
  ),
  fault('patient', 'polls hardly hang', http(': hold.wait), stream', ': 200), stream')),
  {
    ...fault(
      'returns',
      'round trips that were measured are forgotten',
      dialer('measured >= 0 ? measured : remembered.roundTrip >= 0 ? remembered.roundTrip :', ''),
    ),
    kind: 'switching',
  },
  fault('spaced', 'the wait between tries does not grow', backoff('factor ** Math.max(0, failures - 1)', '1')),
  fault('patient', 'holds shrink', inFile('src/kernel/hold.ts')('Math.min(LONGEST, wait * growth)', 'SHORTEST')),
  fault(
    'patient',
    'the server hardly lets a poll wait',
    inFile('src/server/poll.ts')('Math.min(wait, MAX_POLL)', 'Math.min(wait, 300)'),
  ),
  fault('claim', 'a probe is a ping like any other', dialer('{"ping":0}', '{"ping":1}')),
  fault(
    'claim',
    'a carrier that is given up is told that the session is over',
    dialer('      dials[rung]?.carrier?.close()\n', 'dials[rung]?.carrier?.send(\'{"bye":{"code":1000}}\')\n'),
  ),
  {
    ...fault('smooth', 'nobody is in a hurry to try HTTP', ladder('SHORTEST = 150', 'SHORTEST = 1_500')),
    kind: 'switching',
  },
  {
    ...fault(
      'smooth',
      'another network is no reason to try at once',
      client(
        "connection.apply({ type: event === 'network' ? 'wake' : event })",
        "if (event !== 'network') connection.apply({ type: event })",
      ),
    ),
    kind: 'switching',
  },
]
