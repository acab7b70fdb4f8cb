/** Does the page stay alive while a million messages go or come? */
import { type Figures, moveOf } from '../contract.ts'
import type { Side } from '../measures.ts'
import type { Line } from './line.ts'
import { openLine } from './lines.ts'
import { expectCount, receiveAll, sendAll } from './throughput.ts'
import { sleep } from './tasks.ts'

/** Milliseconds between two requests that ask whether anybody is there. */
const EVERY = 50

/** Watches the main thread, from now on: the longest task, and the longest time in which a timer that was due had to wait. */
function watch() {
  const canTell = PerformanceObserver.supportedEntryTypes.includes('longtask')
  const begin = performance.now()
  let task = 0
  const observer = new PerformanceObserver((list) => {
    // What the task did before is not meant.
    for (const { startTime, duration } of list.getEntries())
      task = Math.max(task, startTime + duration - Math.max(startTime, begin))
  })
  if (canTell) observer.observe({ type: 'longtask' })
  let gap = 0
  let last = begin
  const timer = setInterval(() => {
    const now = performance.now()
    gap = Math.max(gap, now - last)
    last = now
  }, 4)
  return async (): Promise<{ readonly task: number | null; readonly gap: number }> => {
    clearInterval(timer)
    // Long tasks are told a while later, and only those over 50 ms.
    await sleep(200)
    observer.disconnect()
    return { task: canTell ? task : null, gap }
  }
}

/** The longest time (ms) that a request took, of those that are asked while the work is under way. */
async function asking(line: Line, work: Promise<unknown>): Promise<number> {
  let isDone = false
  let longest = 0
  const done = work.finally(() => (isDone = true))
  do {
    const start = performance.now()
    await line.echo(moveOf(0))
    longest = Math.max(longest, performance.now() - start)
    await sleep(EVERY)
  } while (!isDone)
  await done
  return longest
}

async function alive(side: Side, work: (line: Line) => Promise<() => Promise<unknown>>): Promise<Figures> {
  const line = await openLine(side)
  try {
    const rest = await work(line)
    const stop = watch()
    const request = await asking(line, rest())
    return { request, ...(await stop()) }
  } finally {
    line.close()
  }
}

export const million = {
  /** Sent by tasks one right after the other. */
  millionUp: (side: Side, amount: number) =>
    alive(side, async (line) => async () => {
      await sendAll(line, amount)
      await expectCount(line, amount)
    }),
  /** Sent by one task, which takes as long as the application wants it to; what comes behind it is measured. */
  millionAtOnce: (side: Side, amount: number) =>
    alive(side, async (line) => {
      for (let sent = 0; sent < amount; sent++) line.send(moveOf(sent))
      return () => expectCount(line, amount)
    }),
  millionDown: (side: Side, amount: number) =>
    alive(side, async (line) => async () => {
      const all = receiveAll(line, amount)
      await line.pour(amount)
      await all
    }),
}
