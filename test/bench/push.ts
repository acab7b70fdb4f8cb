/** How long a message takes from the server to the page. */
import type { Side } from './contract.ts'
import { type Line, openLine, openRaw } from './lines.ts'

/** Milliseconds between two messages, at least: more than a round trip, so that whoever polls does so again. */
const pause = 80

/**
 * The median of the time (ms) from asking for a message, over a WebSocket of its own to `direct`, without any delay, until it has
 * come over the other line. So one clock measures all of it. The sides take turns, message by message: what disturbs one of them
 * disturbs all.
 */
export async function measurePushes(sides: readonly Side[], amount: number, direct: string): Promise<number[]> {
  const nudger = await openRaw(direct)
  const lines = await Promise.all(sides.map(openLine))
  try {
    const names = await Promise.all(lines.map(named))
    const times = sides.map((): number[] => [])
    for (let pushed = 0; pushed < amount; pushed++) {
      for (const [index, line] of lines.entries()) {
        // Not in step with anybody's timers.
        await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * pause))
        const arrival = new Promise<void>((resolve) => line.onMove(() => resolve()))
        const start = performance.now()
        nudger.say({ event: 'nudge', data: names[index]! })
        await arrival
        times[index]!.push(performance.now() - start)
      }
    }
    return times.map(median)
  } finally {
    for (const line of [...lines, nudger]) line.close()
  }
}

async function named(line: Line): Promise<string> {
  const name = crypto.randomUUID()
  await line.name(name)
  return name
}

function median(values: number[]): number {
  return values.sort((left, right) => left - right)[values.length >> 1]!
}
