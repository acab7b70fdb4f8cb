/** What a message costs on the wire, acknowledgements and all: bytes through the proxy in both directions. */
import { type Figures, burst, dripPause, moveOf } from '../contract.ts'
import type { Side } from '../measures.ts'
import { openLine } from './lines.ts'
import { probe } from './outside.ts'
import { expectCount, receiveAll } from './throughput.ts'
import { nextTask, sleep } from './tasks.ts'

/** Until what is acknowledged later has been (a second, docs/protocol.md#acknowledging), in milliseconds. */
const SETTLED = 1_200
/** Messages in a burst: several tasks full. */
const MANY = 20 * burst

export async function wire(side: Side, amount: number): Promise<Figures> {
  const line = await openLine(side)
  const cost = async (messages: number, work: () => Promise<unknown>): Promise<number> => {
    await sleep(SETTLED)
    const before = (await probe('bytes'))!
    await work()
    await sleep(SETTLED)
    return ((await probe('bytes'))! - before) / messages
  }
  try {
    const alone = await cost(amount, async () => {
      for (let sent = 0; sent < amount; sent++) {
        line.send(moveOf(sent))
        await sleep(dripPause)
      }
    })
    const many = await cost(MANY, async () => {
      for (let sent = 0; sent < MANY; sent++) {
        if (sent % burst === 0) await nextTask()
        line.send(moveOf(sent))
      }
    })
    await expectCount(line, amount + MANY)
    const aloneDown = await cost(amount, () => {
      const all = receiveAll(line, amount)
      return line.drip(amount).then(() => all)
    })
    const manyDown = await cost(MANY, () => {
      const all = receiveAll(line, MANY)
      return line.pour(MANY).then(() => all)
    })
    return { alone, many, aloneDown, manyDown }
  } finally {
    line.close()
  }
}
