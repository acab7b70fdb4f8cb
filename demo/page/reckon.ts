import type { Heard } from '../uses/traffic/contract.ts'

/** What has become of the numbers that one end said to the other. */
export interface Reckoning {
  readonly sent: number
  readonly delivered: number
  /** They may still come. */
  readonly waiting: number
  /** They never come. */
  readonly lost: number
  readonly doubled: number
}

/**
 * The same rule for everybody. Numbers do not overtake each other, so what is missing below the newest one that arrived is
 * lost; what is above it waits, unless the connection is gone and nobody makes another.
 */
export const reckon = (said: number, { delivered, doubled, newest }: Heard, isDead: boolean): Reckoning => {
  // The two ends are not asked at one moment: what has arrived was sent.
  const sent = Math.max(said, newest)
  const waiting = isDead ? 0 : sent - newest
  return { sent, delivered, waiting, lost: sent - delivered - waiting, doubled }
}

export const sum = (a: Reckoning, b: Reckoning): Reckoning => ({
  sent: a.sent + b.sent,
  delivered: a.delivered + b.delivered,
  waiting: a.waiting + b.waiting,
  lost: a.lost + b.lost,
  doubled: a.doubled + b.doubled,
})

/** One end's list of the numbers that it heard. */
export const createHearing = () => {
  const numbers = new Set<number>()
  const heard = { delivered: 0, doubled: 0, newest: 0 }
  return {
    heard: heard as Heard,
    has: (number: number) => numbers.has(number),
    hear(number: number) {
      if (numbers.has(number)) heard.doubled++
      numbers.add(number)
      heard.delivered = numbers.size
      heard.newest = Math.max(heard.newest, number)
    },
  }
}
