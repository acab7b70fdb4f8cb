/** Lives seeds in a thread of its own: a fault may well loop for ever, and then the thread can be ended. */
import { parentPort, workerData } from 'node:worker_threads'
import { type LifeKind, lives } from './lives.ts'

/** What a thread is told: every `stride`-th seed from `first` to `last`. */
export interface Job {
  readonly first: number
  readonly last: number
  readonly stride: number
  readonly kind: LifeKind
}

/** What it tells after each seed. */
export interface Life {
  readonly seed: number
  readonly violations: readonly string[]
  /** How many events the life had. */
  readonly events: number
}

const { first, last, stride, kind } = workerData as Job
for (let seed = first; seed <= last; seed += stride) {
  const { violations, trace } = await lives[kind](seed)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ seed, violations, events: trace.events.length } satisfies Life)
}
