import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { createBundle, type Patch } from './bundle.ts'
import type { LifeKind } from './lives.ts'
import type { Invariant } from './violation.ts'
import type { Job, Life, Task } from './worker.ts'

/** How a search through seeds ended. */
export interface Search {
  /** Lives lived. */
  readonly lives: number
  /** Events in them. */
  readonly events: number
  /** The first lives that went wrong, in the order in which they ended. */
  readonly failures: readonly Life[]
}

/** What to search for. */
export interface SearchOptions {
  readonly first: number
  readonly last: number
  /** Failures after which it stops. */
  readonly enough: number
  /** Only what violates this one counts as a failure. Default: whatever is violated. */
  readonly wanted?: Invariant
  /** Faults to search with. Default: none. */
  readonly patches?: readonly Patch[]
  /** What kind of lives. Default: any. */
  readonly kind?: LifeKind
  /** Milliseconds without a life that ended, after which a life counts as one that never ends. Default: 30 000. */
  readonly patience?: number
  /** Default: as many as the machine has processors. */
  readonly threads?: number
  /** Hears of each life that ended. */
  readonly onLife?: (life: Life) => void
}

const begin = (file: string, workerData: Task): Worker =>
  new Worker(file, { workerData, execArgv: ['--enable-source-maps'] })

/** What happens in one life, as text: all of it or, if it goes wrong, the least that goes wrong in the same way. */
export const explain = async (kind: LifeKind, seed: number, mermaid = false): Promise<string> => {
  const bundle = await createBundle('test/simulation/worker.ts')
  try {
    const [text] = (await once(begin(bundle.file, { kind, seed, mermaid }), 'message')) as [string]
    return text
  } finally {
    await bundle.discard()
  }
}

/** Lives seeds, on all processors, with the sources as they are or with one fault. */
export const search = async (options: SearchOptions): Promise<Search> => {
  const { first, last, enough, wanted, patches, kind = 'any', patience = 30_000, onLife } = options
  const threads = Math.min(options.threads ?? availableParallelism(), last - first + 1)
  const bundle = await createBundle('test/simulation/worker.ts', patches)
  const failures: Life[] = []
  let lives = 0
  let events = 0

  const workers = Array.from({ length: threads }, (_, index) => {
    const job: Job = { first: first + index, last, stride: threads, kind }
    return { job, worker: begin(bundle.file, job) }
  })
  const endAll = (): void => {
    for (const { worker } of workers) void worker.terminate()
  }

  const watch = async ({ worker, job }: (typeof workers)[number]): Promise<void> => {
    let next = job.first
    const judge = (life: Life): void => {
      const isWrong = life.violations.some(({ invariant }) => !wanted || invariant === wanted)
      if (isWrong && failures.push(life) >= enough) endAll()
    }
    const fail = (invariant: Invariant, what: string): void =>
      judge({ seed: next, violations: [{ invariant, what }], events: 0 })
    const giveUp = (): void => {
      fail('alive', `the life did not end within ${patience} ms`)
      void worker.terminate()
    }
    let timer = setTimeout(giveUp, patience)
    worker.on('message', (life: Life) => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, patience)
      lives++
      events += life.events
      next = life.seed + job.stride
      onLife?.(life)
      judge(life)
    })
    // Thrown outside any life's own code: a rejection that nobody handled.
    worker.on('error', (error) =>
      fail('blameless', `it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    )
    await once(worker, 'exit')
    clearTimeout(timer)
  }

  await Promise.all(workers.map(watch))
  await bundle.discard()
  return { lives, events, failures }
}
