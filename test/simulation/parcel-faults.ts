/** Deliberate faults in messages with Blobs. */
import { type Fault, fault, inFile, inLives } from './fault.ts'

const parcels = inFile('src/session/parcels.ts')
const unpack = inFile('src/session/unpack.ts')
const conversation = inFile('src/session/conversation.ts')
const window = inFile('src/kernel/window.ts')
const blobs = inFile('src/protocol/blobs.ts')

export const parcelFaults: readonly Fault[] = [
  fault(
    'genuine',
    'a Blob begins one byte late',
    unpack('all.slice(at, (at += size), type)', 'all.slice(++at, (at += size - 1) + 1, type)'),
  ),
  fault('genuine', 'a type is not told', blobs('places.push([size, type, ', "places.push([size, '', ")),
  fault(
    'genuine',
    'what is read is asked for again',
    parcels('blob.slice(asked, from.asked)', 'blob.slice(from.gone, from.gone + from.asked - asked)'),
  ),
  fault(
    'blameless',
    'the message goes before its last piece',
    parcels('if (from.gone === blob.size) {', 'if (from.gone + chunk >= blob.size) {'),
  ),
  fault(
    'blameless',
    'a piece is sent twice',
    parcels('    put(piece)\n', '    put(piece)\n    if (gone > 0) put({ ...piece })\n'),
  ),
  fault('blameless', 'an offset is off by one', parcels('`[null,null,${gone},', '`[null,null,${gone && gone + 1},')),
  fault(
    'blameless',
    'in the next session, a parcel goes on where it was',
    parcels('      parcel = begun = undefined\n', '      begun = undefined\n'),
  ),
  fault(
    'complete',
    'in the next session, what waits is forgotten',
    parcels('      const waited = queue\n', '      const waited: Message[] = []\n'),
  ),
  fault(
    'order',
    'the shortest goes first',
    parcels(
      '      queue.push(message)\n',
      '      if (message.blobs![0]!.size > 0) queue.push(message)\n      else queue.unshift(message)\n',
    ),
  ),
  fault(
    'unsent',
    'what has gone is withdrawn all the same',
    parcels('      else if (!outbox.withdraw(message)) return false\n', ''),
  ),
  fault('converges', 'what arrives is not taken off the window', window('        out -= bytes\n', '')),
  fault(
    'converges',
    'the window stays closed in a new session',
    window('      turn++\n      out = 0\n', '      turn++\n'),
  ),
  fault(
    'flushed',
    'a flush does not wait for Blobs',
    conversation('() => laden.some((message) => parcels.open.has(message))', '() => laden.length < 0'),
  ),
].map((one) => inLives('parcels', one))
