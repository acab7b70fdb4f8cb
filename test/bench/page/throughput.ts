/** How much goes through a line, and what it costs the page's main thread. */
import { type Figures, burst, moveOf } from '../contract.ts'
import { concurrency } from '../measures.ts'
import type { Line } from './line.ts'
import { dial } from './lines.ts'
import { probe } from './outside.ts'
import { nextTask } from './tasks.ts'

/** Messages a second, and microseconds of the main thread for each. */
async function timed(amount: number, work: () => Promise<unknown>): Promise<Figures> {
  const cpu = await probe('cpu')
  const start = performance.now()
  await work()
  const took = performance.now() - start
  const cpuAfter = await probe('cpu')
  return {
    rate: amount / (took / 1_000),
    cpu: cpu === null || cpuAfter === null ? null : ((cpuAfter - cpu) * 1_000) / amount,
  }
}

/** By tasks one right after the other, as a page does that has much to say and lets its user go on. */
export async function sendAll(line: Line, amount: number): Promise<void> {
  for (let sent = 0; sent < amount; sent++) {
    if (sent % burst === 0) await nextTask()
    line.send(moveOf(sent))
  }
}

/** Resolves when so many have come, and all that were sent. */
export const receiveAll = (line: Line, amount: number): Promise<void> => {
  let received = 0
  let sum = 0
  return new Promise((resolve, reject) =>
    line.onMove((move) => {
      sum += move.id
      if (++received !== amount) return
      if (sum === (moveOf(0).id + moveOf(amount - 1).id) * (amount / 2)) resolve()
      else reject(new Error('What arrived is not what was sent.'))
    }),
  )
}

/** Answered behind everything that was sent before it. */
export const expectCount = async (line: Line, expected: number): Promise<void> => {
  const counted = await line.count()
  if (counted !== expected) throw new Error(`${counted} of ${expected} arrived.`)
}

export const throughput = {
  up: (line: Line, amount: number) =>
    timed(amount, async () => {
      await sendAll(line, amount)
      await expectCount(line, amount)
    }),

  down: (line: Line, amount: number) =>
    timed(amount, async () => {
      const all = receiveAll(line, amount)
      await line.pour(amount)
      await all
    }),

  inFlight(line: Line, amount: number) {
    let asked = 0
    const ask = async (): Promise<void> => {
      while (asked < amount) {
        const move = moveOf(asked++)
        const { id } = await line.echo(move)
        if (id !== move.id) throw new Error('This is the answer to another question.')
      }
    }
    return timed(amount, () => Promise.all(Array.from({ length: concurrency }, ask)))
  },
}

/** All is queued before there is a connection; counted from then on, so that what the queueing costs is not in it. */
export async function flush(side: string, amount: number): Promise<Figures> {
  const { line } = dial(side)
  try {
    for (let sent = 0; sent < amount; sent++) line.send(moveOf(sent))
    const start = performance.now()
    await expectCount(line, amount)
    return { rate: amount / ((performance.now() - start) / 1_000) }
  } finally {
    line.close()
  }
}
