/** Deliberate faults in what becomes of messages, questions and streams. */
import { type Fault, fault, inFile, inLives } from './fault.ts'

const base64 = inFile('src/protocol/base64.ts')
const decode = inFile('src/protocol/decode.ts')
const events = inFile('src/features/events.ts')
const outbox = inFile('src/kernel/outbox.ts')
const iterate = inFile('src/session/iterate.ts')
const calls = inFile('src/session/calls.ts')
const client = inFile('src/session/client.ts')
const conversation = inFile('src/session/conversation.ts')
const flushes = inFile('src/session/flushes.ts')
const journal = inFile('src/store/journal.ts')
const lost = inFile('src/session/lost.ts')

export const messageFaults: readonly Fault[] = [
  fault('genuine', 'long bytes lose some on the way', base64('at += PART)', 'at += PART + 1)')),
  fault('genuine', 'bytes begin one too late', decode('encoded.subarray(end + 1)', 'encoded.subarray(end + 2)')),
  fault(
    'refused',
    'what finds no room is sent all the same',
    conversation(
      'if (!queue.push(message, now, isAnswer)) options.overflow(isAnswer)',
      'if (!queue.push(message, now, isAnswer)) (queue.push(message, now, true), options.overflow(isAnswer))',
    ),
  ),
  fault(
    'refused',
    'whether the socket is closed is looked at too late',
    conversation('      check(frame, blobs)\n', ''),
    conversation('      session.schedule()\n', '      session.schedule()\n      check(frame, blobs)\n'),
  ),
  fault('order', 'what is sent again is turned round', lost('resent.push(message)', 'resent.unshift(message)')),
  fault('order', 'the outbox takes the newest first', outbox('waiting.push(message)', 'waiting.unshift(message)')),
  fault(
    'unsent',
    'what is in doubt is told as unsent',
    lost('sort(message, got === undefined && number <= seen)', 'sort(message, false)'),
  ),
  fault(
    'unsent',
    'at the end, what was not acknowledged is told as unsent',
    client("loseSession(talk, cause, 'closed', lostGot)", "loseSession(talk, cause, 'closed', lostGot ?? 0)"),
  ),
  fault(
    'accepted',
    'bytes count for more than they are',
    outbox('isOver(frame, maxBytes - taken)', 'isOver(frame, (maxBytes - taken) / 300)'),
  ),
  fault(
    'accepted',
    'the limit of a message is in other units',
    conversation('isOver(frame, session.limit!)', 'isOver(frame, session.limit! / 16)'),
  ),
  fault(
    'receipt',
    'what may be lost is told as delivered',
    lost('settle(message, isDoubtful ? doubt(cause, id) : cause)', 'settle(message, null)'),
  ),
  fault('receipt', 'every receipt is a good one', events('(fate ? reject(fate) : resolve())', 'resolve()')),
  fault('receipt', 'what was delivered is not told', outbox('          settle(message, null)\n', '')),
  fault(
    'flushed',
    'a flush does not wait for the last message',
    flushes('(number > outbox.acknowledged &&', '(number > outbox.acknowledged + 1 &&'),
  ),
  fault(
    'converges',
    'a lost session takes its questions along',
    calls("settle(id, 'fail', new HoldfastError('session-lost', why))", 'void why'),
  ),
  fault('outcome', 'a failure has another code', calls(": 'handler-failed',\n", ": 'protocol',\n")),
  fault('outcome', 'the reason of a failure is not read', calls('reason === undefined\n', 'reason !== null\n')),
  fault(
    'withdrawn',
    'who answers does not hear that the question was withdrawn',
    calls("? abandon(new HoldfastError('aborted', 'The asker withdrew its request.'), head)", '? undefined'),
  ),
  fault('stream', 'the newest item comes first', iterate('items.shift()', 'items.pop()')),
  fault(
    'stream',
    'the end overtakes the items before it',
    iterate('if (items.length > 0) return', "if (items.length > 0 && last !== 'end') return"),
  ),
  fault(
    'closes',
    'close waits for ever',
    client('const disarm = clock.after(timeout, done)', 'const disarm = () => {}'),
  ),
  fault('closes', 'close has a minute', client('CLOSE_TIMEOUT = 5_000', 'CLOSE_TIMEOUT = 60_000')),
  inLives(
    'pages',
    fault('kept', 'only what has a number is kept', journal('if (!isBroken) puts', 'if (!isBroken && number) puts')),
  ),
  inLives(
    'pages',
    fault('kept', 'of many messages, one is kept', journal('[...puts].map', '[...puts].slice(0, 1).map')),
  ),
  inLives('pages', fault('lasting', 'messages leave before they are kept', journal('  outbox.sealed = 0\n', ''))),
  inLives(
    'pages',
    fault(
      'once',
      'the next page gives its messages numbers of their own',
      journal(
        'inherit({ ...found, legacy: next })',
        'inherit({ ...found, sent: [], waiting: [...found.sent, ...found.waiting], legacy: next })',
      ),
    ),
  ),
]
