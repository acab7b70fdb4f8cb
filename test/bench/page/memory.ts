/** What messages cost while they wait. */
import { type Figures, type RawMessage, moveOf } from '../contract.ts'
import type { Side } from '../measures.ts'
import { dial } from './lines.ts'
import { probe } from './outside.ts'
import { peerLines } from './peer-lines.ts'
import { expectCount } from './throughput.ts'

const used = async (): Promise<number> => (await probe('heap'))!

/** Bytes for each of an array of the strings, which is the least that whoever queues them must keep. */
export async function strings(amount: number): Promise<Figures> {
  const before = await used()
  const kept = Array.from({ length: amount }, (_, index) =>
    JSON.stringify({ event: 'move', data: moveOf(index) } satisfies RawMessage),
  )
  const after = await used()
  if (kept.length !== amount) throw new Error('The array must outlive the measurement.')
  return { queued: (after - before) / amount }
}

/** So often before it counts: what is compiled or cached by the way has its place then. */
const WARM = 5

/** Bytes for each that is queued while a connection hangs, to which nobody else refers; and the heap when all have been delivered. */
export async function heap(side: Side, amount: number): Promise<Figures> {
  // What was not delivered may be kept until the connection is closed, and go in the middle of the next measurement.
  const few = side in peerLines ? Math.min(amount, 100) : amount
  for (let time = 0; time < WARM; time++) await queueAndDeliver(side, few)
  return queueAndDeliver(side, amount)
}

async function queueAndDeliver(side: Side, amount: number): Promise<Figures> {
  await probe('hold')
  const { line } = dial(side)
  try {
    const before = await used()
    for (let sent = 0; sent < amount; sent++) line.send(moveOf(sent))
    const full = await used()
    const queued = (full - before) / amount
    await probe('release')
    // What stays behind is asked of our own alone.
    if (side in peerLines) return { queued }
    await expectCount(line, amount)
    await line.settled()
    return { queued, kept: (await used()) / before }
  } finally {
    await probe('release')
    line.close()
  }
}
