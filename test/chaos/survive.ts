/** Connections are killed, or something else is done to them, from time to time, while both sides talk. */
import type { Socket } from 'holdfast'
import { type Chatter, type Outcome, converse, describeOutcome } from './chatter.ts'

export interface Survival extends Outcome {
  /** Connections that were killed. */
  readonly kills: number
}

export interface SurvivalPlan {
  /** Does what it does; answers how many connections it killed. */
  readonly cut: () => number | Promise<number>
  /** Milliseconds. */
  readonly duration: number
  /** Messages a second, each way. */
  readonly rate: number
  /** The shortest and the longest time from one of them to the next, in milliseconds. */
  readonly pause: readonly [shortest: number, longest: number]
}

export async function survive(
  socket: Socket<Chatter>,
  { cut, duration, rate, pause: [shortest, longest] }: SurvivalPlan,
): Promise<Survival> {
  let kills = 0
  const outcome = await converse(socket, { rate, sizes: 'small' }, async () => {
    const start = performance.now()
    while (performance.now() - start < duration) {
      await new Promise((resolve) => setTimeout(resolve, shortest + Math.random() * (longest - shortest)))
      kills += await cut()
    }
  })
  return { ...outcome, kills }
}

/** For people. */
export const describeSurvival = (figures: Survival): string => `${figures.kills} kills, ${describeOutcome(figures)}`
