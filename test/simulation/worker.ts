/** Lives seeds in a thread of its own: a fault may well loop for ever, and then the thread can be ended. */
import { parentPort, workerData } from 'node:worker_threads'
import { explainLife } from './explain.ts'
import { type LifeKind, lives } from './lives.ts'
import type { Violation } from './violation.ts'

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
  readonly violations: readonly Violation[]
  /** How many events the life had. */
  readonly events: number
}

/** Or one of them, that is to be explained. */
interface Question {
  readonly kind: LifeKind
  readonly seed: number
  readonly mermaid: boolean
}

/** What a thread is for. */
export type Task = Job | Question

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
const tell = (message: Life | string): void => parentPort?.postMessage(message)

const task = workerData as Task
if ('seed' in task) tell(await explainLife(task.kind, task.seed, task.mermaid))
else {
  // Nobody reads the stacks of the errors that lives are full of.
  Error.stackTraceLimit = 0
  const { first, last, stride, kind } = task
  for (let seed = first; seed <= last; seed += stride) {
    const { violations, trace } = await lives[kind](seed)
    tell({ seed, violations, events: trace.events.length })
  }
}
