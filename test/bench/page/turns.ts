/** Times of single messages. The sides take turns, so what disturbs one of them disturbs all. */
import { type Figures, moveOf } from '../contract.ts'
import type { Side } from '../measures.ts'
import type { Line } from './line.ts'
import { openLine, openRaw } from './lines.ts'
import { sleep } from './tasks.ts'

/** Requests in a turn: few, but enough that what one side leaves to be done later is not charged to the next. */
const TURN = 25
/** Milliseconds between two pushes, at least: more than a round trip, so that whoever polls does so again. */
const PAUSE = 80

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!

const figuresOf = (times: number[]): Figures => {
  times.sort((left, right) => left - right)
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Milliseconds from a request to its answer, each asked after the answer to the one before. */
export async function sequential(sides: readonly Side[], amount: number): Promise<Figures[]> {
  return withLines(sides, async (lines) => {
    const times = lines.map((): number[] => [])
    for (let turn = 0; turn < amount / TURN; turn++) {
      // Nobody has always the same one before it.
      const order = turn % 2 === 0 ? [...lines.keys()] : [...lines.keys()].toReversed()
      for (const index of order)
        for (let asked = 0; asked < TURN; asked++) {
          const start = performance.now()
          await lines[index]!.echo(moveOf(asked))
          times[index]!.push(performance.now() - start)
        }
    }
    return times.map(figuresOf)
  })
}

/**
 * Milliseconds from asking for a message, over a WebSocket of its own straight to the server, without any delay, until it has
 * come over the other line. So one clock measures all of it.
 */
export async function push(sides: readonly Side[], amount: number, server: string): Promise<Figures[]> {
  const nudger = await openRaw(server)
  return withLines(sides, async (lines) => {
    const names = await Promise.all(lines.map(named))
    const times = lines.map((): number[] => [])
    for (let pushed = 0; pushed < amount; pushed++)
      for (const [index, line] of lines.entries()) {
        // Not in step with anybody's timers.
        await sleep(PAUSE + Math.random() * PAUSE)
        const arrival = new Promise<void>((resolve) => line.onMove(() => resolve()))
        const start = performance.now()
        nudger.say({ event: 'nudge', data: names[index]! })
        await arrival
        times[index]!.push(performance.now() - start)
      }
    return times.map(figuresOf)
  }).finally(nudger.close)
}

async function withLines(sides: readonly Side[], work: (lines: Line[]) => Promise<Figures[]>): Promise<Figures[]> {
  const lines = await Promise.all(sides.map(openLine))
  try {
    return await work(lines)
  } finally {
    for (const line of lines) line.close()
  }
}

async function named(line: Line): Promise<string> {
  const name = crypto.randomUUID()
  await line.name(name)
  return name
}
